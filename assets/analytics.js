/* The Analytics page. */
(function () {
  "use strict";

  const node = (...parts) => desk.node(...parts); // this file comes before the one that brings it
  const unseen = (name) => node("th", {}, node("span", { class: "visually-hidden" }, name));
  const cells = (kind, words) => words.map((word) => node(kind, {}, word));

  const VALUES_EVERY = 60000; // ms

  function line(row) {
    const bar = node("div", { class: "bar share-bar" });
    bar.style.width = row.part + "%";
    const [count, chosen, ...others] = row.figures;
    return node("tr", {}, node("td", {}, desk.named(row)), ...cells("td", [count, chosen]),
      node("td", { class: "bar-cell" }, bar), ...cells("td", others));
  }

  function symbolTable({ titles, rows, gap }) {
    const [count, chosen, ...others] = titles;
    const head = node("tr", {}, unseen("Symbol"), ...cells("th", [count, chosen]),
      unseen("As a bar"), ...cells("th", others));
    const rest = gap ? [node("tr", {}, node("td", { class: "gap", colspan: titles.length + 2 }, gap))] : [];
    return node("table", { class: "plain measures" }, node("thead", {}, head),
      node("tbody", {}, ...rows.map(line), ...rest));
  }

  function symbols(found) { // as Dash's components they took longer than their medians
    return found.none ? [node("p", { class: "empty" }, found.none)]
      : [node("p", { class: "table-note" }, found.lead), symbolTable(found)];
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.analytics = {
    narrow(first, last, symbol, side, strategy, risk, measure, parts) {
      desk.keepInAddress({ first, last, symbol, side, strategy, risk, measure, parts });
      return "";
    },

    /* What is held is asked for when it changes, and once a minute while its prices do. */
    held(version, _tick, last) {
      if (!desk.state.status) return dash_clientside.no_update;
      const positions = Array.from(desk.state.positions.values(), (row) => row.id + ":" + row.quantity).join();
      const now = performance.now();
      const isSame = last && last.positions === positions;
      if (isSame && (last.version === version || now - last.at < VALUES_EVERY)) return dash_clientside.no_update;
      return { positions, version, at: now };
    },

    /* The values are as old as the oldest of their prices, which nobody is told of between two looks. */
    aged(_tick, shares) {
      const { priced_at } = shares || {};
      if (!priced_at) return ["", "age"];
      const age = desk.brief(desk.age(priced_at));
      const isOld = window.dashAgGridFunctions.isOld({ last_at: priced_at });
      return ["Prices of " + desk.clockText(priced_at) + ", " + age + " old", isOld ? "age old" : "age"];
    },

    /* Two requests tell of a measure, and either may answer late: what is asked for now is shown. */
    measured(whole, changed, ...asked) {
      const found = [whole, changed].find((each) => each && JSON.stringify(each.asked) === JSON.stringify(asked));
      const box = document.getElementById("analytics-symbols");
      if (!box || !found) return dash_clientside.no_update;
      box.replaceChildren(...symbols(found.symbols));
      return found.days;
    },
  };
})();
