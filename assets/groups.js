/* Tables of trades that have something in common. As Dash's components a year took a third of a second. */
(function () {
  "use strict";

  const TITLES = ["Trades", "Won", "Mean R", "P&L"];
  const { node } = desk;
  const unseen = (name) => node("th", {}, node("span", { class: "visually-hidden" }, name));
  const cells = (words) => words.map((word) => node("td", {}, word));

  /* What leads to its trades where a filter can say which they are. */
  function named({ name, way }) {
    return way ? node("a", { class: "inside", href: way }, name) : name;
  }

  function line(row) {
    if (row.gap) return node("tr", {}, node("td", { class: "gap", colspan: 6 }, row.gap));
    const bar = node("div", { class: row.tone === "loss" ? "bar loss-bar" : "bar gain-bar" });
    bar.style.width = row.part + "%";
    return node("tr", {}, node("td", {}, named(row)), ...cells(row.figures),
      node("td", {}, node("span", { class: row.tone }, row.pnl)),
      node("td", { class: "bar-cell" }, bar));
  }

  function groupTable(rows) {
    const head = node("tr", {}, unseen("Group"), ...TITLES.map((title) => node("th", {}, title)),
      unseen("As a bar"));
    return node("table", { class: "plain groups" }, node("thead", {}, head),
      node("tbody", {}, ...rows.map(line)));
  }

  function fill(id, rows) {
    const box = document.getElementById(id);
    if (!box) return;
    const none = () => node("p", { class: "empty" }, "There is no finished trade to group.");
    box.replaceChildren(...(rows === null ? [] : [rows.length ? groupTable(rows) : none()]));
  }

  Object.assign(desk, { named });
  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.groups = {
    show(tables) { // rows by the id of the box that they are shown in
      Object.entries(tables || {}).forEach(([id, rows]) => fill(id, rows));
      return dash_clientside.no_update;
    },
  };
})();
