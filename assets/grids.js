/* What the tables need: value functions by name, and cells that are more than text. */
(function () {
  "use strict";

  window.dashAgGridFunctions = Object.assign(window.dashAgGridFunctions || {}, {
    numberOf: (row, field) => (row ? desk.number(row[field]) : null), // no row: still on its way
    number: (value) => desk.number(value),
    price: (value) => desk.price(value),
    count: (value) => desk.count(value),
    times: (value) => desk.times(value),
    part: (value) => desk.percent(value, 0),
    multiple: (value) => (value === null ? desk.NOTHING : desk.fixed(value, 2) + " R"),
    gain: (value) => desk.signed(value, desk.price),
    gainR: (value) => desk.signed(value, (amount) => desk.fixed(amount, 2) + " R"),
    gainTone: (value) => desk.tone(value),
    clock: (moment) => desk.clockText(moment),
    lasted: (seconds) => desk.duration(seconds),
    live: (row, field) => { // an open position's own gain, which rises and falls by the second
      if (!row) return null;
      const now = row.status === "open" && desk.state.positions.get(row.id);
      return now ? now[field] : row[field];
    },
    standing: (row) => (row.seconds === null ? desk.age(row.found_at) : row.seconds),
    moment: (at) => (at ? desk.localStamp(at).slice(5, 16).replace("T", " ") : desk.NOTHING),
    ageOf: (moment) => desk.age(moment),
    brief: (seconds) => desk.brief(seconds),
    protection: (row) => {
      const running = row.naked_since ? desk.age(row.naked_since) : 0;
      const naked = row.naked_seconds + running;
      if (row.is_protected) return naked >= 1 ? "✓ (" + desk.duration(naked) + ")" : "✓";
      return "✗ " + desk.duration(naked);
    },
  });

  function phoneFirst(api, columns) { // a phone shows what matters most first
    if (matchMedia("(max-width: 768px)").matches) api.moveColumns(columns, 1);
  }

  window.desk = Object.assign(window.desk || {}, { phoneFirst });

  const create = (type, props, ...children) => React.createElement(type, props, ...children);

  function side(value) {
    const up = value === "long" || value === 1;
    if (value === 0) return create("span", { className: "side" }, "◆ doji");
    return create("span", { className: "side" }, (up ? "↑ " : "↓ ") + (up ? "long" : "short"));
  }

  window.dashAgGridComponentFunctions = Object.assign(window.dashAgGridComponentFunctions || {}, {
    SideMark: (cell) => cell.value && side(cell.value),
    DirectionMark: (cell) => side(cell.value),
    StatusMark: (cell) => cell.value && create("span", { className: "status " + cell.value }, cell.value),
    PositionLink: (cell) => cell.data && create("a", {
      className: "inside symbol", href: "/positions/" + cell.data.id,
    }, cell.value),
    SymbolLink: (cell) => cell.value && create("a", { // its drawer on the Scanner page
      className: "opens-symbol", href: "/scanner?show=" + encodeURIComponent(cell.value),
    }, cell.value),
    CloseButton: (cell) => create("button", {
      type: "button", className: "button small", "aria-label": "Close " + cell.data.symbol,
      onClick: () => cell.setData({
        id: cell.data.id, symbol: cell.data.symbol, side: cell.data.side,
        quantity: cell.data.quantity, asked: performance.now(),
      }),
    }, "Close"),
  });
})();
