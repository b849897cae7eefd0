/* What the tables need: value functions by name, and cells that are more than text. */
(function () {
  "use strict";

  function held(row) { // what the feed says now of a trade that is open
    return (row && row.status === "open" && desk.state.positions.get(row.id)) || null;
  }

  function priced(row) { // the position by whose price a row is judged: none for a closed trade
    return row && row.status === undefined ? row : held(row);
  }

  function isNaked(row) {
    const now = held(row);
    return now !== null && !now.is_protected;
  }

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
    outcome: (row) => {
      if (!row) return "";
      if (row.code) return row.code + (row.sentence ? ": " + row.sentence : "");
      return row.sentence || (row.exit_reason ? "closed by " + row.exit_reason : "");
    },
    versions: (row) => (row ? row.strategy_version + " / " + row.risk_version : ""),
    versionsInWords: (row) => {
      const words = (version) => (version === 0 ? "the defaults" : "version " + version);
      return row ? "Strategy: " + words(row.strategy_version) + "; risk: " + words(row.risk_version) : "";
    },
    hop: (seconds) => desk.hop(seconds),
    lasted: (seconds) => desk.duration(seconds),
    live: (row, field) => { // an open position's own gain, which rises and falls by the second
      const now = held(row);
      return now ? now[field] : row ? row[field] : null;
    },
    heldFor: (row) => (row && row.status === "open" ? desk.age(row.opened_at) : row ? row.seconds : null),
    unprotected: (row) => {
      const now = held(row);
      if (now) return now.naked_seconds + (now.naked_since ? desk.age(now.naked_since) : 0);
      return row ? row.naked_seconds : null;
    },
    unprotectedText: (row, seconds) => (isNaked(row) ? "✗ " : "") + desk.duration(seconds),
    isNaked,
    standing: (row) => (row.seconds === null ? desk.age(row.found_at) : row.seconds),
    moment: (at) => (at ? desk.localStamp(at).slice(5, 16).replace("T", " ") : desk.NOTHING),
    ageOf: (moment) => desk.age(moment),
    isOld: (row) => {
      const now = priced(row);
      return now !== null && desk.isLate("data", now.last_at);
    },
    priceOf: (row) => {
      const now = priced(row);
      if (!now) return null;
      return now.last_at
        ? "Price of " + desk.clockText(now.last_at) + ", " + desk.brief(desk.age(now.last_at)) + " old"
        : "No price has been seen yet";
    },
    brief: (seconds) => desk.brief(seconds),
    protection: (row) => {
      const running = row.naked_since ? desk.age(row.naked_since) : 0;
      const naked = row.naked_seconds + running;
      if (row.is_closing && row.is_protected) return "closing";
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

  /* One opening range as a candle; the dashed line is where an entry waits. */
  function candle(cell) {
    const row = cell.data;
    const [open, high, low, close] = ["open", "high", "low", "close"]
      .map((name) => desk.number(row[name]));
    if ([open, high, low, close].includes(null)) return null;
    const at = (price) => (high === low ? 20 : 3 + (34 * (high - price)) / (high - low));
    const top = Math.min(at(open), at(close));
    const tall = Math.max(1.5, Math.abs(at(open) - at(close)));
    const kind = close > open ? "up" : close < open ? "down" : "doji";
    const words = { up: "rising", down: "falling", doji: "undecided" }[kind];
    const entry = row.direction ? at(row.direction > 0 ? high : low) : null;
    return create("svg", {
      className: "candle " + kind, viewBox: "0 0 32 40", width: 32, height: 40, role: "img",
      "aria-label": "A " + words + " opening range from " + desk.price(low) + " to " + desk.price(high),
    },
    create("line", { className: "wick", x1: 16, x2: 16, y1: at(high), y2: at(low) }),
    create("rect", { className: "body", x: 10, y: top, width: 12, height: tall, rx: 1 }),
    entry === null ? null
      : create("line", { className: "entry", x1: 1, x2: 31, y1: entry, y2: entry }));
  }

  /* Into a store of the page. The table's own way makes AG Grid warn of a property that it does not know. */
  function ask(store, what) {
    dash_clientside.set_props(store, { data: { ...what, asked: performance.now() } });
  }

  window.dashAgGridComponentFunctions = Object.assign(window.dashAgGridComponentFunctions || {}, {
    SideMark: (cell) => cell.value && side(cell.value),
    DirectionMark: (cell) => side(cell.value),
    StatusMark: (cell) => cell.value && create("span", { className: "status " + cell.value }, cell.value),
    Candle: candle,
    TradeLink: (cell) => cell.data && (cell.data.trade_id
      ? create("a", { className: "inside symbol", tabIndex: -1, href: "/positions/" + cell.data.trade_id }, cell.value)
      : create("span", { className: "symbol" }, cell.value)),
    PositionLink: (cell) => cell.data && create("a", {
      className: "inside symbol", tabIndex: -1, href: "/positions/" + cell.data.id,
    }, cell.value),
    SymbolLink: (cell) => cell.value && create("a", { // its drawer on the Scanner page
      className: "opens-symbol", tabIndex: -1, href: "/scanner?show=" + encodeURIComponent(cell.value),
    }, cell.value),
    AlertWords: ({ data }) => data && create("div", {},
      create("span", { className: "status " + data.severity }, data.severity), " ",
      create("span", { className: "time" }, data.when),
      create("p", {}, data.text)),
    SeenButton: (cell) => cell.data && cell.data.may_see && create("button", {
      type: "button", className: "button small", tabIndex: -1, "aria-label": "Acknowledge: " + cell.data.text,
      onClick: () => ask("alerts-see", { seq: cell.data.seq }),
    }, "Acknowledge"),
    CloseButton: (cell) => create("button", {
      type: "button", className: "button small", tabIndex: -1, "aria-label": "Close " + cell.data.symbol,
      onClick: () => ask("close-asked", {
        id: cell.data.id, symbol: cell.data.symbol, side: cell.data.side, quantity: cell.data.quantity,
      }),
    }, "Close"),
  });
})();
