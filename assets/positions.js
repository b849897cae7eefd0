/* The Positions page, and what every list with filters needs. */
(function () {
  "use strict";

  const same = () => dash_clientside.no_update;
  const LIVE = ["pnl", "pnl_r", "seconds", "naked_seconds"];
  const FIRST = { // on a phone, of each table with filters: what would be out of sight
    "positions-grid": ["pnl", "status"], "history-trades": ["pnl", "exit_reason"],
    "signals-signals": ["status", "outcome"], "audit-rows": ["actor", "action", "target"],
  };
  let known = null; // which positions were open when the table was last asked to begin anew

  function narrow(grid, words) { // and have the table ask again
    if (desk.keepInAddress(words)) refill(grid);
    if (FIRST[grid]) dash_ag_grid.getApiAsync(grid).then((api) => desk.phoneFirst(api, FIRST[grid]));
  }

  function refill(grid) {
    if (!document.querySelector("#" + grid + " .ag-root")) return;
    dash_ag_grid.getApiAsync(grid).then((api) => {
      if (!api.isDestroyed()) api.purgeInfiniteCache();
    });
  }

  function refresh(grid) { // as refill, but what stands there stays until it is replaced
    if (!document.querySelector("#" + grid + " .ag-root")) return;
    dash_ag_grid.getApiAsync(grid).then((api) => {
      if (!api.isDestroyed()) api.refreshInfiniteCache();
    });
  }

  function refreshOpen(api) { // their prices and gaps grow older with every second
    const rowNodes = api.getRenderedNodes().filter((node) => node.data && node.data.status === "open");
    if (rowNodes.length) api.refreshCells({ rowNodes, columns: LIVE, force: true, suppressFlash: true });
  }

  window.desk = Object.assign(window.desk || {}, { narrow, refill, refresh });
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.positions = {
    narrow(symbol, side, status, first, last) {
      desk.narrow("positions-grid", { symbol, side, status, first, last });
      return same();
    },

    follow() {
      const table = document.querySelector("#positions-grid .ag-root");
      if (!table) return same();
      const open = Array.from(desk.state.positions.keys()).join();
      if (known !== null && known !== open) desk.refill("positions-grid");
      known = open;
      dash_ag_grid.getApiAsync("positions-grid").then((api) => {
        if (!api.isDestroyed()) refreshOpen(api);
      });
      return same();
    },
  };
})();
