/* The pages of other bots: read again when one of them was heard of; ages grow by themselves. */
(function () {
  "use strict";

  const AT_MOST = 250; // ms between two reads
  const AT_LEAST = 10000; // ms: how long ago the desk looked is known by the server alone
  const DRAWN = 5000; // ms between two drawings of the charts: they are slow, and what is told is not
  const read = { at: 0, path: null, again: null, drawnAt: 0 };

  function ago(seconds) { // as `brief` of components/figures.py writes it
    const whole = Math.max(0, Math.floor(seconds));
    for (const [unit, length] of [["d", 86400], ["h", 3600], ["m", 60]]) {
      if (whole >= 2 * length) return Math.floor(whole / length) + " " + unit + " ago";
    }
    return whole + " s ago";
  }

  function grow(node) { // from when the server wrote it
    if (node.grownFrom !== node.dataset.age) {
      Object.assign(node, { grownFrom: node.dataset.age, grownAt: performance.now() });
    }
    const text = ago(Number(node.grownFrom) + (performance.now() - node.grownAt) / 1000);
    if (node.textContent !== text) node.textContent = text;
  }

  function later(rest) { // what came too soon after the last read is not left to the next tick
    clearTimeout(read.again);
    read.again = setTimeout(
      () => dash_clientside.set_props("feed-bots", { data: performance.now() }), rest);
    return dash_clientside.no_update;
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.bots = {
    due(linked, _told, _tick, last) {
      document.querySelectorAll("[data-age]").forEach(grow);
      if (!linked || !desk.isLive()) return dash_clientside.no_update;
      const now = performance.now();
      const fresh = read.path !== location.pathname || !last;
      const told = linked + "-" + desk.state.botSeq;
      const isNews = !last || !last.startsWith(told + "-");
      if (!fresh && !isNews && now - read.at < AT_LEAST) return dash_clientside.no_update;
      if (!fresh && now - read.at < AT_MOST) return later(AT_MOST - (now - read.at));
      Object.assign(read, { at: now, path: location.pathname });
      return told + "-" + Math.round(now);
    },

    drawn(due, last) {
      if (!due || (last && performance.now() - read.drawnAt < DRAWN)) return dash_clientside.no_update;
      read.drawnAt = performance.now();
      return due;
    },
  };
})();
