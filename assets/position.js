/* One position's page: it is read again when a minute has ended or something of it has happened. */
(function () {
  "use strict";

  const EVERY = 2000; // ms; a played market passes minutes faster than they can be read
  const read = { trade: null, at: 0 };

  function concerns(fact, trade, symbol) {
    return fact.body.trade_id === trade || fact.scope === "trade:" + trade ||
      (symbol !== null && fact.body.symbol === symbol);
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.position = {
    due(_tick, trade, due, priced) {
      const same = dash_clientside.no_update;
      if (trade === null || trade === undefined || (due && !desk.isLive())) return [same, same];
      const fresh = read.trade !== trade || !due;
      if (!fresh && performance.now() - read.at < EVERY) return [same, same];
      const row = desk.state.positions.get(trade);
      const facts = desk.state.logs.filter((fact) => concerns(fact, trade, row ? row.symbol : null));
      const seq = facts.length ? facts[facts.length - 1].seq : 0;
      const minute = row && desk.now() !== null ? Math.floor(desk.now() / 60000) : 0;
      const life = trade + "-" + seq + "-" + minute;
      const head = life + "-" + (row ? row.last : "");
      if (!fresh && head === priced) return [same, same];
      Object.assign(read, { trade: trade, at: performance.now() });
      return [fresh || life !== due ? life : same, head];
    },
  };
})();
