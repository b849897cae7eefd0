/* The keyboard in tables: Tab goes in and out, arrows move, Enter presses what is in a cell. */
(function () {
  "use strict";

  const PRESSES = ["Enter", " "];
  const KEYS = "Arrows move from cell to cell, Enter presses the link or button of a cell or sorts by " +
    "its column, Tab leaves the table.";
  const SHOWS = " Enter in another cell shows the row in full below.";

  /* Where somebody comes to: the cell where they were last, or the first one. Without rows, the header. */
  function enter(api) {
    const was = api.getFocusedCell();
    const isThere = was && was.rowIndex <= api.getLastDisplayedRowIndex();
    const row = isThere ? was.rowIndex : api.getFirstDisplayedRowIndex();
    if (row < 0) return false;
    api.ensureIndexVisible(row);
    api.setFocusedCell(row, isThere ? was.column : api.getAllDisplayedColumns()[0]);
    return true;
  }

  /* What a cell's links and buttons do. Those have no stop of their own: there may be one in each row. */
  function press(params) {
    const { event } = params;
    if (event.type !== "keydown" || !PRESSES.includes(event.key)) return false;
    const inside = event.target.matches(".ag-cell") && event.target.querySelector("a[href], button");
    if (!inside) return false;
    event.preventDefault(); // Space would scroll
    const { ctrlKey, metaKey, shiftKey } = event; // elsewhere, as with the mouse
    if (!event.repeat) {
      inside.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey }));
    }
    return true;
  }

  /* Dash hands no function for this option on, so each table gets it as the focus comes to its edge. */
  function prepare(event) {
    const edge = event.target.closest && event.target.closest(".grid .ag-tab-guard");
    if (!edge) return;
    const table = edge.closest(".grid");
    const api = dash_ag_grid.getApi(table.id);
    api.setGridOption("focusGridInnerElement", () => enter(api));
    api.setGridAriaProperty("label", table.closest("[aria-label]").getAttribute("aria-label"));
    const shows = document.getElementById(table.id + "-details") ? SHOWS : "";
    api.setGridAriaProperty("description", KEYS + shows);
  }

  document.addEventListener("focus", prepare, true); // before the table hears of it

  window.dashAgGridFunctions = Object.assign(window.dashAgGridFunctions || {}, {
    outOfTable: () => false, // to what the browser finds beside it
    pressed: press, // whether it was, and AG Grid has nothing left to do
  });
})();
