/* The Signals page. */
(function () {
  "use strict";

  const shownRows = new Map();
  const ACTIVE = ["planned", "submitted", "working"];

  function beforeScan(session, now) {
    const left = desk.countdown((Date.parse(session.scan_at) - now) / 1000);
    return "the opening range ends at " + desk.clockText(session.scan_at) + ", in " + left + ".";
  }

  function whyNone(what, now) {
    const { session, scanned_at: scanned } = desk.state.status;
    if (!session) return "No " + what + ": there is no trading today.";
    if (scanned) return "The scan at " + desk.clockText(scanned) + " left no " + what + ".";
    if (now < Date.parse(session.scan_at)) return "No scan yet: " + beforeScan(session, now);
    return "No scan today, although it was due at " + desk.clockText(session.scan_at) +
      ": look at the engine.";
  }

  function mark(panel, empty) {
    const box = document.querySelector(panel);
    if (box) box.classList.toggle("is-empty", empty);
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.signals = {
    rows() {
      const rows = desk.state.signals;
      const change = desk.tableChange(shownRows, rows, desk.isNew("#signals-signals .ag-root"));
      const active = Array.from(rows.values()).filter((row) => ACTIVE.includes(row.status)).length;
      const aside = rows.size ? rows.size + " signals, " + active + " active" : "";
      return [change.rowData, change.transaction, aside];
    },

    empty() {
      const status = desk.state.status;
      if (!status) return ["Waiting for the desk…", "Waiting for the desk…"];
      const now = desk.now();
      const noSignals = desk.state.signals.size === 0;
      mark(".panel.signals", noSignals);
      mark(".panel.ranges", !status.scanned_at);
      return [noSignals ? whyNone("signals", now) : "",
        status.scanned_at ? "" : whyNone("opening ranges", now)];
    },
  };
})();
