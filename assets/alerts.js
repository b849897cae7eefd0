/* The Alerts page: read anew when the journal tells of an alert, or that one was seen. Filters stand in the address. */
(function () {
  "use strict";

  const TELLING = ["alert", "acknowledgement", "channel"];
  const ON_ITS_WAY_MS = 60000; // so long it is asked again who was told of the newest one
  const AGAIN_MS = 3000;
  let newest = 0;
  let newestAt = 0;
  const WIDE = ["severity", "title", "text", "when", "told", "seen"];
  const TALL = 70; // of a row: when, and two lines of what

  /* On a phone each alert stands in lines of its own: what it says is what tells it from the others. */
  function stack(api) {
    if (!matchMedia("(max-width: 768px)").matches) return;
    api.setColumnsVisible(WIDE, false);
    api.setColumnsVisible(["brief"], true);
    api.setGridOption("rowHeight", TALL);
    api.resetRowHeights();
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.alerts = {
    narrow(which, severity) {
      desk.keepInAddress({ which, severity });
      dash_ag_grid.getApiAsync("alerts-rows").then(stack);
      return dash_clientside.no_update;
    },

    due(linked, _logs, _second, last) {
      if (!linked || !desk.isLive()) return dash_clientside.no_update;
      const told = desk.state.logs.filter((fact) => TELLING.includes(fact.kind));
      const seq = told.length ? told[told.length - 1].seq : 0;
      if (seq !== newest) [newest, newestAt] = [seq, performance.now()];
      const age = Math.min(performance.now() - newestAt, ON_ITS_WAY_MS);
      const due = [linked, seq, Math.floor(age / AGAIN_MS)].join("-");
      return due === last ? dash_clientside.no_update : due;
    },
  };
})();
