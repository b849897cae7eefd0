/* The Signals page. */
(function () {
  "use strict";

  const NO_RANGES = "No opening range of these days is there.";
  let known = null; // what the feed told when the table was last asked

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

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.signals = {
    narrow(symbol, side, status, first, last) {
      desk.narrow("signals-signals", { symbol, side, status, first, last });
      return dash_clientside.no_update;
    },

    follow() { // rows that are there stay until their successors have come
      const told = JSON.stringify([Array.from(desk.state.signals.values()),
        Array.from(desk.state.positions.keys())]);
      if (known !== null && known !== told) desk.refresh("signals-signals");
      known = told;
      return dash_clientside.no_update;
    },

    empty(_tick, shown, ranges) { // of ranges nothing is known until they were counted
      const status = desk.state.status;
      if (!status) return ["Waiting for the desk…", "Waiting for the desk…"];
      const now = desk.now();
      const none = Boolean(shown) && shown.count === 0;
      const noRanges = ranges === "";
      desk.markEmpty(".panel.signals", none);
      desk.markEmpty(".panel.ranges", noRanges);
      const why = shown && shown.filtered
        ? shown.why : whyNone("signals", now);
      const whyNoRanges = shown && shown.days ? NO_RANGES : whyNone("opening ranges", now);
      return [none ? why : "", noRanges ? whyNoRanges : ""];
    },
  };
})();
