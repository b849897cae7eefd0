/* How figures and moments are written, and small pieces of page for clientside functions. */
(function () {
  "use strict";

  const NOTHING = "–";
  const MINUS = "\u2212";
  const GRAVE = ["warning", "error", "critical", "emergency"];
  const writers = {};

  function writer(places) {
    if (!writers[places]) {
      writers[places] = new Intl.NumberFormat("en-US", {
        minimumFractionDigits: places, maximumFractionDigits: places,
      });
    }
    return writers[places];
  }

  function number(value) {
    return value === null || value === undefined || value === "" ? null : Number(value);
  }

  function fixed(value, places) {
    if (number(value) === null) return NOTHING;
    const text = writer(places).format(Math.abs(value));
    return Number(value) < 0 && /[1-9]/.test(text) ? MINUS + text : text;
  }

  const price = (value) => fixed(value, 2);
  const count = (value) => fixed(value, 0);
  const times = (value) => (number(value) === null ? NOTHING : fixed(value, 2) + "×");
  const percent = (value, places) =>
    number(value) === null ? NOTHING : fixed(value * 100, places === undefined ? 1 : places) + "%";
  const dollars = (value) => {
    if (number(value) === null) return NOTHING;
    return (Number(value) < 0 ? MINUS : "") + "$" + fixed(Math.abs(value), 2);
  };

  function signed(value, text) { // sign and arrow say it; the colour only repeats it
    const amount = number(value);
    if (amount === null) return NOTHING;
    if (amount === 0) return text(0);
    return (amount > 0 ? "▲ +" : "▼ " + MINUS) + text(Math.abs(amount));
  }

  function tone(value) {
    const amount = number(value);
    return amount === null || amount === 0 ? "even" : amount > 0 ? "gain" : "loss";
  }

  const two = (part) => String(Math.floor(part)).padStart(2, "0");

  const HOUR = 3600000; // ms; clocks change at full ones
  const newYork = new Intl.DateTimeFormat("en-US", { timeZone: "America/New_York", timeZoneName: "longOffset" });
  const offsets = new Map(); // of each hour that was asked for: to ask anew takes a hundred times longer

  function offsetAt(at) { // New York's from UTC, in milliseconds
    const hour = Math.floor(at / HOUR);
    if (!offsets.has(hour)) {
      const [, sign, hours, minutes] = /GMT([+-])(\d\d):(\d\d)/.exec(newYork.format(hour * HOUR));
      offsets.set(hour, Number(sign + "1") * (Number(hours) * HOUR + Number(minutes) * 60000));
    }
    return offsets.get(hour);
  }

  /* A moment with New York's figures in the place of UTC's, of an ISO text or epoch milliseconds. */
  function local(moment) {
    const at = typeof moment === "number" ? moment : Date.parse(moment);
    return new Date(at + offsetAt(at));
  }

  function clockText(moment) { // New York HH:MM:SS
    if (moment === null || moment === undefined) return NOTHING;
    return local(moment).toISOString().slice(11, 19);
  }

  const localStamp = (moment) => local(moment).toISOString().slice(0, 19); // charts know no time zones
  const localDay = (moment) => local(moment).toISOString().slice(0, 10);

  function isToday(moment) { // by the desk's clock
    const now = desk.now();
    return now === null || localDay(moment) === localDay(now);
  }

  function dayText(moment) { // Fri Nov 27
    const [weekday, date, month] = local(moment).toUTCString().split(" ");
    return weekday.slice(0, 3) + " " + month + " " + Number(date);
  }

  /* The clock, with the day where it is not today's: it would read as a time to come. */
  const whenText = (moment) => (isToday(moment) ? clockText(moment)
    : dayText(moment) + ", " + clockText(moment).slice(0, 5));
  const atText = (moment) => (isToday(moment) ? "at " : "on ") + whenText(moment);

  function duration(seconds) {
    if (seconds === null || seconds === undefined) return NOTHING;
    const whole = Math.max(0, Math.floor(seconds));
    if (whole < 60) return whole + " s";
    if (whole < 3600) return Math.floor(whole / 60) + " m " + two(whole % 60) + " s";
    if (whole < 86400) return Math.floor(whole / 3600) + " h " + two((whole % 3600) / 60) + " m";
    return Math.floor(whole / 86400) + " d " + Math.floor((whole % 86400) / 3600) + " h";
  }

  function hop(seconds) { // how long one step took: milliseconds matter; negative where two clocks differ
    if (seconds === null || seconds === undefined) return NOTHING;
    const size = Math.abs(seconds);
    if (Math.round(size * 1000) < 1000) return fixed(seconds * 1000, 0) + " ms"; // what reads as a second is one
    if (Math.round(size * 10) < 600) return fixed(seconds, 1) + " s";
    return (seconds < 0 ? MINUS : "") + duration(Math.max(size, 60));
  }

  function brief(seconds) { // one unit only, for a narrow column
    if (seconds === null || seconds === undefined) return NOTHING;
    const whole = Math.max(0, Math.floor(seconds));
    if (whole < 60) return whole + " s";
    return whole < 7200 ? Math.floor(whole / 60) + " m" : Math.floor(whole / 3600) + " h";
  }

  function countdown(seconds) {
    const whole = Math.max(0, Math.ceil(seconds));
    if (whole >= 86400) return Math.floor(whole / 86400) + " d " + two((whole % 86400) / 3600) + " h";
    if (whole >= 3600) return Math.floor(whole / 3600) + " h " + two((whole % 3600) / 60) + " min";
    return two(whole / 60) + ":" + two(whole % 60);
  }

  function age(moment) { // desk seconds since a moment
    const now = desk.now();
    return now === null || !moment ? null : (now - Date.parse(moment)) / 1000;
  }

  /* A Dash component, as a server callback would send it. */
  function element(type, props, children) {
    return {
      namespace: "dash_html_components", type: type.charAt(0).toUpperCase() + type.slice(1),
      props: Object.assign({}, props, { children: children === undefined ? null : children }),
    };
  }

  /* A plain node, where a Dash component for each of many takes too long. Strings among its
     children are text alone: nothing of them is ever read as markup. */
  function node(tag, attributes, ...children) {
    const made = document.createElement(tag);
    Object.entries(attributes || {}).forEach(([name, value]) => made.setAttribute(name, value));
    made.append(...children);
    return made;
  }

  /* How grave something is, before its words: the colour only repeats it. */
  function warned(severity) {
    return GRAVE.includes(severity) ? [node("strong", { class: "grave" }, "▲ " + severity), " "] : [];
  }

  /* What a grid must be told so that it shows `rows`: everything at first, then only changes. */
  function tableChange(shown, rows, isFirst) {
    if (isFirst) {
      shown.clear();
      rows.forEach((row, id) => shown.set(id, row));
      return { rowData: Array.from(rows.values()), transaction: dash_clientside.no_update };
    }
    const change = { add: [], update: [], remove: [] };
    rows.forEach((row, id) => {
      if (!shown.has(id)) change.add.push(row);
      else if (shown.get(id) !== row) change.update.push(row);
      shown.set(id, row);
    });
    Array.from(shown.keys()).filter((id) => !rows.has(id)).forEach((id) => {
      change.remove.push(shown.get(id));
      shown.delete(id);
    });
    const size = change.add.length + change.update.length + change.remove.length;
    return {
      rowData: dash_clientside.no_update,
      transaction: size ? Object.assign(change, { async: false }) : dash_clientside.no_update,
    };
  }

  function markEmpty(panel, isEmpty) { // its words stand where the table would
    const box = document.querySelector(panel);
    if (box) box.classList.toggle("is-empty", isEmpty);
  }

  const seen = {};

  /* Whether a table or chart was just made, or is still being made, and so shows nothing yet. */
  function isNew(selector) {
    const node = document.querySelector(selector);
    const fresh = node === null || seen[selector] !== node;
    seen[selector] = node;
    return fresh;
  }

  window.desk = Object.assign(window.desk || {}, {
    NOTHING, number, fixed, price, count, times, percent, dollars, signed, tone,
    local, clockText, localStamp, localDay, isToday, dayText, whenText, atText, duration, hop, brief, countdown,
    age, element, node, warned, tableChange, markEmpty, isNew,
  });
})();
