/* What the tables need: value functions by name, and cells that are more than text. */
(function () {
  "use strict";

  window.dashAgGridFunctions = Object.assign(window.dashAgGridFunctions || {}, {
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
    ageOf: (moment) => desk.age(moment),
    brief: (seconds) => desk.brief(seconds),
    protection: (row) => {
      const running = row.naked_since ? desk.age(row.naked_since) : 0;
      const naked = row.naked_seconds + running;
      if (row.is_protected) return naked >= 1 ? "✓ (" + desk.duration(naked) + ")" : "✓";
      return "✗ " + desk.duration(naked);
    },
  });

  const create = (type, props, ...children) => React.createElement(type, props, ...children);

  function side(value) {
    const up = value === "long" || value === 1;
    if (value === 0) return create("span", { className: "side" }, "◆ doji");
    return create("span", { className: "side" }, (up ? "↑ " : "↓ ") + (up ? "long" : "short"));
  }

  window.dashAgGridComponentFunctions = Object.assign(window.dashAgGridComponentFunctions || {}, {
    SideMark: (cell) => side(cell.value),
    DirectionMark: (cell) => side(cell.value),
    StatusMark: (cell) => create("span", { className: "status " + cell.value }, cell.value),
    CloseButton: (cell) => create("button", {
      type: "button", className: "button small", "aria-label": "Close " + cell.data.symbol,
      onClick: () => cell.setData({
        id: cell.data.id, symbol: cell.data.symbol, side: cell.data.side,
        quantity: cell.data.quantity, asked: performance.now(),
      }),
    }, "Close"),
  });
})();
