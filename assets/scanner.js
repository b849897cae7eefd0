/* The Scanner page: progress, ages, three long tables, and a drawer that stands in the address. */
(function () {
  "use strict";

  const same = () => dash_clientside.no_update;
  const el = (type, props, children) => desk.element(type, props, children);
  const FIELDS = ["session", "left", "symbol", "fails", "short", "price", "volume", "atr", "found", "about", "from"];
  const TABLES = {
    "scanner-candidates": ["session", "left"],
    "scanner-universe": ["session", "symbol", "fails", "short", "price", "volume", "atr"],
    "scanner-findings": ["found", "about", "from"],
  };
  const JOBS = ["sync_bars", "sync_listings", "fill_opening_history", "build_universe",
    "scan_opening_range", "clean_up"].map((job) => "job:" + job);
  const FETCHES = {
    sync_bars: ["Daily bars", "sessions"],
    sync_listings: ["Lists and splits", "steps"],
    fill_opening_history: ["Opening volumes", "sessions"],
    scan_opening_range: ["Today's opening bars", "symbols"],
  };
  const EVERY = 1500; // ms between two reads of the data's state, while a sync goes on
  const SILENT = 180; // seconds of the desk's clock after which a fetch is not under way any more
  const told = { any: 0, done: 0 };
  const read = { at: 0 };

  /* ---------------------------------------------------------------- what has happened */
  function listen() {
    desk.state.tail.forEach((fact) => {
      if (fact.seq <= told.any) return;
      const isJob = fact.kind === "job" && JOBS.includes(fact.scope);
      if (isJob || ["scan", "data", "command"].includes(fact.kind)) told.any = fact.seq;
      if (isJob || fact.kind === "scan") told.done = fact.seq;
    });
  }

  function digest(linked) {
    const { scanned_at: scanned, fetching, session } = desk.state.status;
    const steps = fetching.map((fetch) => fetch.updated_at).join();
    return [linked, session && session.day, scanned, told.any, steps].join("-");
  }

  let shownDone = 0;

  function refillWhenDone() {
    if (told.done === shownDone) return;
    shownDone = told.done;
    Object.keys(TABLES).forEach(desk.refill);
  }

  /* ---------------------------------------------------------------- progress */
  function words(fetch, unit) {
    const steps = desk.count(fetch.done) + " of " + desk.count(fetch.total) + " " + unit;
    const rows = desk.count(fetch.rows) + " rows";
    if (fetch.done >= fetch.total) return steps + ", " + rows + ", " + desk.clockText(fetch.updated_at);
    if (desk.age(fetch.updated_at) > SILENT * Math.max(1, desk.clock.speed)) {
      return steps + ", stopped at " + desk.clockText(fetch.updated_at) + "; it goes on from there";
    }
    const left = fetch.seconds_left === null ? "" : ", about " + desk.duration(fetch.seconds_left) + " left";
    return steps + ", " + rows + left;
  }

  function row(fetch) {
    const [name, unit] = FETCHES[fetch.job] || [fetch.job, "steps"];
    const bar = { max: String(fetch.total), value: String(fetch.done), "aria-label": name };
    return el("div", { className: "progress-row" }, [
      el("span", { className: "label" }, name), el("progress", bar), el("small", {}, words(fetch, unit)),
    ]);
  }

  /* ---------------------------------------------------------------- the drawer */
  function go(change) {
    const query = new URLSearchParams(location.search);
    change(query);
    const search = query.toString() ? "?" + query : "";
    if (search !== location.search) desk.writeAddress(location.pathname + search);
  }

  const asked = () => new URLSearchParams(location.search).get("show");

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a.opens-symbol, a.findings-of");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    if (link.classList.contains("findings-of")) {
      dash_clientside.set_props("scanner-from", { value: link.dataset.session || "" });
      document.getElementById("findings").scrollIntoView({ block: "start" });
    } else if (location.pathname === "/scanner") {
      go((query) => query.set("show", new URL(link.href).searchParams.get("show")));
    } else {
      desk.goTo(link.getAttribute("href"));
    }
  });

  /* ---------------------------------------------------------------- ages */
  function keepAges() {
    document.querySelectorAll(".scanner-page .ago, .drawer .ago").forEach((node) => {
      const age = desk.age(node.dataset.at);
      node.textContent = age === null ? "" : desk.duration(age) + " ago";
    });
  }

  let said = null; // the filters as they last were

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.scanner = {
    due(linked, _status, last) {
      if (!desk.state.status) return same(); // it comes every second, whatever was lost before
      listen();
      refillWhenDone();
      const due = digest(linked);
      if (due === last || (last && performance.now() - read.at < EVERY)) return same();
      read.at = performance.now();
      return due;
    },

    progress() {
      const status = desk.state.status;
      if (!status) return [];
      if (!status.fetching.length) return [el("small", {}, "Nothing has been fetched yet.")];
      return status.fetching.map(row);
    },

    narrow(...values) {
      const now = Object.fromEntries(FIELDS.map((name, at) => [name, values[at]]));
      const before = said;
      said = now;
      desk.keepInAddress({ ...now, show: asked() });
      if (before === null || !document.querySelector(".scanner-page")) return same();
      Object.entries(TABLES).forEach(([grid, fields]) => {
        if (fields.some((name) => before[name] !== now[name])) desk.refill(grid);
      });
      return same();
    },

    shown() { // what was last shown stays while the drawer closes
      const symbol = asked();
      return [symbol || same(), symbol !== null];
    },

    closed(isOpen) {
      if (!isOpen && location.pathname === "/scanner") go((query) => query.delete("show"));
      return same();
    },

    tick() {
      keepAges();
      return same();
    },

    empty() {
      Object.keys(TABLES).forEach((grid) => {
        const none = document.getElementById(grid + "-empty");
        if (none) none.closest(".panel").classList.toggle("is-empty", none.textContent !== "");
      });
      return Object.keys(TABLES).map(same);
    },
  };
})();
