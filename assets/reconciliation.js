/* The Reconciliation page. */
(function () {
  "use strict";

  const TELLING = ["reconciliation", "day", "alert"];

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.reconciliation = {
    due(linked, _logs, last) {
      if (!linked) return dash_clientside.no_update;
      const told = desk.state.logs.filter((fact) => TELLING.includes(fact.kind));
      const due = linked + "-" + (told.length ? told[told.length - 1].seq : 0);
      return due === last ? dash_clientside.no_update : due;
    },

    tick(_second, none, noDays) { // words stand where a table would until its rows have come
      desk.markEmpty(".panel.differences", none !== "");
      desk.markEmpty(".panel.days", noDays !== "");
      if (document.querySelector("#reconciliation-differences .ag-root")) {
        dash_ag_grid.getApiAsync("reconciliation-differences").then((api) => {
          if (!api.isDestroyed()) api.refreshCells({ columns: ["age"], force: true });
        });
      }
      return "";
    },
  };
})();
