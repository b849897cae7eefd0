/* The History page: periods, and files of exactly what the filters show. */
(function () {
  "use strict";

  const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri"];
  const STEPS = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -WEEKDAYS.length, ArrowRight: WEEKDAYS.length };
  const DAYS = { "7 days": 7, "30 days": 30, "90 days": 90 };

  const clockIsKnown = () => new Promise((done) => {
    if (desk.now() !== null) done();
    else document.addEventListener("desk:snapshot", done, { once: true });
  });

  async function today() { // New York's, by the desk's clock: a browser's own may be of another day
    await clockIsKnown();
    return desk.local(desk.now());
  }

  function wayTo(day) { // the same words, for this day alone
    const words = new URLSearchParams(location.search);
    words.set("first", day);
    words.set("last", day);
    return "/history?" + words;
  }

  function cell(day) {
    if (!day) return desk.node("span", { class: "day none" });
    return desk.node("a", {
      class: "inside day " + day.shade, title: day.words, href: wayTo(day.date),
    }, String(Number(day.date.slice(8))));
  }

  /* A year of days is one stop of the Tab key, as a table is: arrows go on from there. */
  function stopAt(days, day) {
    days.forEach((each) => { each.tabIndex = each === day ? 0 : -1; });
  }

  function walk(event) { // over days without a session
    const step = STEPS[event.key];
    const isOther = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey; // the way back, say
    if (!step || isOther || !event.target.matches("a.day")) return;
    event.preventDefault();
    const cells = Array.from(event.currentTarget.querySelectorAll(".day"));
    let at = cells.indexOf(event.target) + step;
    while (cells[at] && !cells[at].matches("a")) at += step;
    if (!cells[at]) return;
    stopAt(cells.filter((cell) => cell.matches("a")), cells[at]);
    cells[at].focus();
  }

  const text = (day) => day.toISOString().slice(0, 10);

  function datesOf(period, now) {
    if (period === "all") return ["", ""];
    if (period === "today") return [text(now), text(now)];
    if (period === "this year") return [now.getUTCFullYear() + "-01-01", ""];
    return [text(new Date(now - (DAYS[period] - 1) * 86400000)), ""];
  }

  function nameOf(first, last) {
    if (!first && !last) return "all";
    if (desk.now() === null) return "any";
    const now = desk.local(desk.now());
    const dates = [first || "", last || ""].join();
    return ["today", ...Object.keys(DAYS), "this year"]
      .find((period) => datesOf(period, now).join() === dates) || "any";
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.history = {
    due(linked, _stats, last) { // read anew when a trade has been finished
      if (!linked) return dash_clientside.no_update;
      const stats = desk.state.stats;
      const due = linked + "-" + (stats ? stats.session + "-" + stats.trades : "");
      if (due === last) return dash_clientside.no_update;
      if (last) desk.refill("history-trades");
      return due;
    },

    narrow(first, last, symbol, side, reason, strategy, risk, hour, weekday, rvol, group) {
      const said = { first, last, symbol, side, reason, strategy, risk, hour, weekday, rvol, group };
      desk.narrow("history-trades", said);
      return ["/history/trades.csv" + location.search, "/history/trades.json" + location.search];
    },

    /* The weeks side by side. A year of Dash components took a quarter of a second. */
    calendar(weeks) {
      const box = document.getElementById("history-calendar");
      const names = desk.node("div", { class: "week names" }, desk.node("span"),
        ...WEEKDAYS.map((name) => desk.node("span", {}, name)));
      const columns = (weeks || []).map((week) => desk.node("div", { class: "week" },
        desk.node("span", { class: "month" }, week.month, desk.node("small", {}, week.year)),
        ...week.days.map(cell)));
      box.replaceChildren(...(columns.length ? [desk.node("div", { class: "calendar" }, names, ...columns)]
        : [desk.node("p", { class: "empty" }, "No session is in this period.")]));
      const days = Array.from(box.querySelectorAll("a.day"));
      stopAt(days, days[days.length - 1]);
      box.onkeydown = walk;
      return dash_clientside.no_update;
    },

    /* A period sets its days, and days that somebody changes are called by their own period. */
    async period(period, first, last) {
      const { triggered_id, inputs_list } = dash_clientside.callback_context;
      const isChosen = triggered_id === inputs_list[0].id && period !== "any";
      const { no_update } = dash_clientside;
      if (!isChosen) return [nameOf(first, last), no_update, no_update];
      return [no_update, ...datesOf(period, await today())];
    },
  };
})();
