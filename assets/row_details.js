/* A row in full below its table: what a narrow cell cuts off, and what else only a pointer could read. */
(function () {
  "use strict";

  const EVERY = 1000; // ms; a row that changes is not shown as it was
  let shown = null; // the table, and the row in it
  const boxOf = (table) => table && document.getElementById(table.id + "-details");

  const text = (value) => (value === null || value === undefined ? "" : String(value));

  /* The cell as it stands, then the sentence behind it if it has one. */
  function said(api, row, column) {
    const about = column.getColDef();
    const cell = text(api.getCellValue({ rowNode: row, colKey: column, useFormatter: true }));
    const more = about.tooltipField ? text(row.data[about.tooltipField]) : "";
    return more && more !== cell ? [cell, more].filter(Boolean) : [cell];
  }

  const DIRECTIONS = { 1: "long", 0: "doji", "-1": "short" };

  function entry(api, row, column) {
    const about = column.getColDef();
    if (["Candle", "AlertWords"].includes(about.cellRenderer)) return []; // made of other columns
    let words = said(api, row, column).filter(Boolean);
    if (about.cellRenderer === "DirectionMark") words = [DIRECTIONS[words[0]]];
    if (!words.length || words[0] === desk.NOTHING || !about.headerName) return [];
    const name = desk.node("dt", {}, about.headerName);
    if (about.headerTooltip) name.append(desk.node("small", {}, about.headerTooltip));
    return [desk.node("div", {}, name, ...words.map((each) => desk.node("dd", {}, each)))];
  }

  function draw() {
    const { table, id } = shown;
    const api = document.contains(table) && dash_ag_grid.getApi(table.id);
    const row = api && api.getRowNode(id);
    const box = boxOf(table);
    if (!row || !row.data || !box) {
      hide();
      return;
    }
    const list = desk.node("dl", {}, ...api.getAllGridColumns().flatMap((column) => entry(api, row, column)));
    const before = box.querySelector("dl");
    if (before && before.textContent === list.textContent) return; // nobody is told it again
    const close = desk.node("button", { type: "button", class: "button small" }, "Close");
    close.onclick = hide;
    if (before) before.replaceWith(list);
    else box.replaceChildren(close, list);
    box.hidden = false;
  }

  function hide() {
    const box = shown && boxOf(shown.table);
    shown = null;
    if (!box) return;
    box.hidden = true;
    box.replaceChildren();
  }

  /* A cell without a link or button of its own; text that is being marked is no tap. */
  function choose(event) {
    const cell = event.target.closest && event.target.closest(".ag-cell");
    const table = cell && cell.closest(".grid");
    if (!boxOf(table) || event.target.closest("a, button")) return;
    if (event.type === "keydown" ? cell.querySelector("a[href], button") : getSelection().toString()) return;
    const next = { table, id: cell.closest(".ag-row").getAttribute("row-id") };
    const isSame = shown && shown.table === next.table && shown.id === next.id;
    hide();
    if (isSame) return;
    shown = next;
    draw();
  }

  document.addEventListener("click", choose);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.repeat) choose(event);
    else if (event.key === "Escape" && shown) hide();
  });
  setInterval(() => { if (shown) draw(); }, EVERY);
})();
