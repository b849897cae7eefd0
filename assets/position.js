/* One position's page: it is read again when a minute has ended or something of it has happened. */
(function () {
  "use strict";

  const EVERY = 2000; // ms; a played market passes minutes faster than they can be read
  const HEAD = ["last", "last_at", "stop_price", "stop_is_live", "is_protected", "is_closing", "naked_since"];
  let views = 0;
  const read = { trade: null, at: 0 };

  function concerns(fact, trade, symbol) {
    return fact.kind === "command" || fact.body.trade_id === trade || fact.scope === "trade:" + trade ||
      (symbol !== null && fact.body.symbol === symbol);
  }

  function framed(figure, name) {
    const frame = ((figure && figure.layout.meta) || {})[name];
    if (!frame) return dash_clientside.no_update;
    const { xaxis, yaxis, uirevision } = figure.layout;
    const layout = Object.assign({}, figure.layout, {
      uirevision: String(uirevision).split(" ")[0] + " " + name + "-" + views,
      xaxis: Object.assign({}, xaxis, { range: frame.x }),
      yaxis: Object.assign({}, yaxis, frame.y ? { range: frame.y, autorange: false } : { range: null, autorange: true }),
    });
    return Object.assign({}, figure, { layout });
  }

  function growOlder() { // from what the server wrote: gaps, and the age of the price
    const head = document.getElementById("position-summary");
    if (!head || desk.now() === null) return;
    head.querySelectorAll("[data-since]").forEach((node) => {
      const text = desk.duration(desk.age(node.dataset.since));
      if (node.textContent !== text) node.textContent = text;
    });
    const price = head.querySelector("[data-price]");
    const isOld = price !== null && dashAgGridFunctions.isOld({ last_at: price.dataset.price });
    head.querySelectorAll("[data-price], .priced .value").forEach((node) => node.classList.toggle("old", isOld));
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.position = {
    due(_tick, trade, due, priced) {
      const same = dash_clientside.no_update;
      growOlder();
      if (trade === null || trade === undefined || (due && !desk.isLive())) return [same, same];
      const fresh = read.trade !== trade || !due;
      if (!fresh && performance.now() - read.at < EVERY) return [same, same];
      const row = desk.state.positions.get(trade);
      const facts = desk.state.logs.filter((fact) => concerns(fact, trade, row ? row.symbol : null));
      const seq = facts.length ? facts[facts.length - 1].seq : 0;
      const minute = row && desk.now() !== null ? Math.floor(desk.now() / 60000) : 0;
      const life = trade + "-" + seq + "-" + minute;
      const head = life + "-" + (row ? HEAD.map((name) => row[name]).join() : "");
      if (!fresh && head === priced) return [same, same];
      Object.assign(read, { trade: trade, at: performance.now() });
      return [fresh || life !== due ? life : same, head];
    },

    view(_whole, _around, figure) { // each click is a turn of its own: it ends what was dragged since
      const by = String(dash_clientside.callback_context.triggered_id);
      const name = by.split("-").pop();
      const chosen = ["day", "trade"].map((each) => "button small" + (each === name ? " chosen" : ""));
      views += 1;
      return [framed(figure, name), name + "-" + views, ...chosen];
    },

    ask_close(clicks, held) {
      return clicks && held ? Object.assign({ asked: performance.now() }, held) : dash_clientside.no_update;
    },
  };
})();
