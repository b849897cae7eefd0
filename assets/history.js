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

  function cell(day) {
    if (!day) return desk.node("span", { class: "day none" });
    return desk.node("a", {
      class: "inside day " + day.shade, title: day.words,
      href: "/positions?first=" + day.date + "&last=" + day.date,
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

    narrow(first, last, symbol, side, reason, version, group) {
      desk.narrow("history-trades", { first, last, symbol, side, reason, version, group });
      return ["/history/trades.csv" + location.search, "/history/trades.json" + location.search];
    },

    /* The weeks side by side. A year of Dash components took a quarter of a second. */
    calendar(weeks) {
      const box = document.getElementById("history-calendar");
      const names = desk.node("div", { class: "week names" }, desk.node("span"),
        ...WEEKDAYS.map((name) => desk.node("span", {}, name)));
      const columns = (weeks || []).map((week) => desk.node("div", { class: "week" },
        desk.node("span", { class: "month" }, week.month), ...week.days.map(cell)));
      box.replaceChildren(...(columns.length ? [desk.node("div", { class: "calendar" }, names, ...columns)]
        : [desk.node("p", { class: "empty" }, "No session is in this period.")]));
      const days = Array.from(box.querySelectorAll("a.day"));
      stopAt(days, days[days.length - 1]);
      box.onkeydown = walk;
      return dash_clientside.no_update;
    },

    async period(period) {
      if (period === "any") return [dash_clientside.no_update, dash_clientside.no_update];
      const now = await today();
      if (period === "today") return [text(now), text(now)];
      if (period === "this year") return [now.getUTCFullYear() + "-01-01", ""];
      return [text(new Date(now - (DAYS[period] - 1) * 86400000)), ""];
    },
  };
})();
