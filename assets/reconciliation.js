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

    tick() {
      const none = document.getElementById("reconciliation-none");
      if (!none) return dash_clientside.no_update;
      desk.markEmpty(".panel.differences", none.textContent !== "");
      desk.markEmpty(".panel.days", document.getElementById("reconciliation-no-days").textContent !== "");
      if (document.querySelector("#reconciliation-differences .ag-root")) {
        dash_ag_grid.getApiAsync("reconciliation-differences").then((api) => {
          if (!api.isDestroyed()) api.refreshCells({ columns: ["age"], force: true });
        });
      }
      return "";
    },
  };
})();
