/* The Live page. Every function reads `desk.state`; its argument only says that it changed. */
(function () {
  "use strict";

  const el = (type, props, children) => desk.element(type, props, children);
  const same = () => dash_clientside.no_update;
  const SCOPES = ["entry", "exit", "all"];
  const HALTED = ["halted", "stops and closings go on", "halted"]; // of each scope
  const said = (scope) => " by " + scope.actor + " " + desk.atText(scope.changed_at) +
    (scope.reason ? ": " + scope.reason : "");
  const [GAIN, LOSS, QUIET] = ["var(--gain)", "var(--loss)", "var(--text-quiet)"];
  const AGING = ["age", "protection", "last", "stop_r", "pnl", "pnl_r"];
  const LATE_AFTER = 3; // seconds; the engine looks for commands each second
  const LASTING = ["scan", "sync", "clean_up", "switch_account"]; // may run for minutes
  const UNFINISHED = ["requested", "running"];
  const NO_ENGINE = "No engine gives a sign of life: this waits until one does.";
  const shownRows = new Map();
  const drawn = { session: null, count: 0, marks: "", why: "" };
  let table = null; // AG Grid's own interface to the positions

  function gain(value, text) {
    return el("span", { className: desk.tone(value) }, desk.signed(value, text));
  }

  function total(field) { // of the open positions
    let sum = 0;
    for (const row of desk.state.positions.values()) {
      if (row[field] === null) return null; // a position without a price: the sum would be a guess
      sum += Number(row[field]);
    }
    return sum;
  }

  /* A sum is as old as the oldest price in it, and has no age of its own beside it. */
  function markSums() {
    const old = Array.from(desk.state.positions.values()).filter((row) => desk.isLate("data", row.last_at));
    const whose = old.map((row) => row.symbol + " " + desk.brief(desk.age(row.last_at))).join(", ");
    document.querySelectorAll("#live-open-pnl, #live-position-count").forEach((node) => {
      node.classList.toggle("old", old.length > 0);
      node.title = whose && "With old prices: " + whose;
    });
  }

  /* ---------------------------------------------------------------- market */
  function sessionState(session, now) {
    if (!session) return "No trading today";
    const at = (name) => Date.parse(session[name]);
    const half = session.is_half_day ? " (half day)" : "";
    if (now < at("opens_at")) return "Before the open" + half;
    if (now < at("scan_at")) return "Opening range" + half;
    if (now < at("flatten_at")) return "Market open" + half;
    if (now < at("closes_at")) return "Closing positions" + half;
    return "Market closed";
  }

  function nextEvent(event, now, first) {
    const left = (Date.parse(event.at) - now) / 1000;
    const name = event.name.charAt(0).toUpperCase() + event.name.slice(1);
    const when = left > 86400
      ? desk.local(event.at).toUTCString().slice(0, 11) + " " : "";
    return el("li", {}, [
      el("span", { className: "name" }, (first ? "Next: " + event.name : name)),
      el("span", { className: "at" }, when + desk.clockText(event.at)),
      el("span", { className: "left" }, "in " + desk.countdown(left)),
    ]);
  }

  function coming(now) {
    return desk.state.status.next.filter((event) => Date.parse(event.at) > now);
  }

  /* ---------------------------------------------------------------- why something is empty */
  function noPositions(now) {
    const halted = desk.state.pause_state && desk.state.pause_state.halted;
    if (halted) return "No open positions. Trading is halted.";
    const session = desk.state.status.session;
    const next = coming(now)[0];
    const then = next ? " Next: " + next.name + " at " + desk.clockText(next.at) + ", in " +
      desk.countdown((Date.parse(next.at) - now) / 1000) + "." : "";
    if (!session) return "No open positions: there is no trading today." + then;
    if (now < Date.parse(session.scan_at)) {
      return "No open positions yet: entries follow the scan at " +
        desk.clockText(session.scan_at) + ", in " +
        desk.countdown((Date.parse(session.scan_at) - now) / 1000) + ".";
    }
    if (now >= Date.parse(session.flatten_at)) return "Flat for today." + then;
    return "No open positions: no entry level has been reached, or all were closed." + then;
  }

  function noLine(now) {
    const { session } = desk.state.status;
    if (!session) return "There is no trading today.";
    const opens = session.opens_at;
    if (now < Date.parse(opens)) return "Before the open. The line begins at " + desk.clockText(opens) + ".";
    return "The account has not been seen since the open.";
  }

  /* ---------------------------------------------------------------- activity */
  /* Dash's own components took sixty milliseconds for these lines, at every fact. */
  function news() {
    const facts = desk.state.logs.slice(-40).reverse();
    if (!facts.length) return [desk.node("li", { class: "nothing" }, "Nothing yet.")];
    return facts.flatMap((fact, at) => dayHead(fact, facts[at - 1]).concat(desk.node("li", { class: fact.severity },
      desk.node("time", {}, desk.clockText(fact.at)),
      desk.node("span", { class: "kind" }, fact.kind),
      desk.node("span", { class: "text" }, ...desk.warned(fact.severity), fact.text))));
  }

  function dayHead(fact, above) { // each day but today begins with its date
    const isSame = above ? desk.localDay(above.at) === desk.localDay(fact.at) : desk.isToday(fact.at);
    return isSame ? [] : [desk.node("li", { class: "date" }, desk.dayText(fact.at))];
  }

  /* ---------------------------------------------------------------- commands */
  function hasEngine() {
    const view = desk.state.status && desk.state.status.parts.find((each) => each.part === "engine");
    return !view || (view.age !== null && view.age + (desk.silentFor() || 0) <= view.late_after);
  }

  function progress(view) { // how far it is, and how it looks
    const waited = desk.age(view.requested_at) / Math.max(1, desk.clock.speed);
    const isNew = waited <= LATE_AFTER && hasEngine();
    if (!UNFINISHED.includes(view.status) || isNew) return [view.status, view.status];
    const long = desk.duration(waited);
    if (view.status === "requested") return ["late: requested " + long + " ago", "late"];
    if (LASTING.includes(view.kind) && hasEngine()) return ["running for " + long, "running"];
    return ["late: running for " + long, "late"];
  }

  function command(view) {
    const words = {
      kill: "Kill switch", emergency_stop: "Emergency stop", flatten: "Flatten",
      close_position: "Close position", scan: "Scan", sync: "Sync",
      switch_account: "Switch of account",
    };
    const [text, how] = progress(view);
    const isLeft = UNFINISHED.includes(view.status) && !hasEngine();
    return el("li", { className: "command " + view.status }, [
      el("span", { className: "time" }, desk.whenText(view.requested_at)),
      el("span", {}, words[view.kind] || view.kind),
      el("span", { className: "status " + how }, text),
      el("small", {}, [view.answer, isLeft && NO_ENGINE].filter(Boolean).join(" ")),
    ]);
  }

  function prepareTable(api) {
    table = api;
    desk.phoneFirst(api, ["pnl", "protection"]);
  }

  /* ---------------------------------------------------------------- trades on the P&L line */
  function pnlAt(moment) { // where the line is drawn then: its points may be half an hour apart
    const { line } = desk.state;
    const at = Date.parse(moment);
    const next = line.findIndex((point) => Date.parse(point[0]) > at);
    if (next === 0 || !line.length) return line.length ? Number(line[0][1]) : 0;
    const [from, to] = [line[next < 0 ? line.length - 1 : next - 1], line[next]].map((point) =>
      point && { at: Date.parse(point[0]), pnl: Number(point[1]) });
    if (!to) return from.pnl;
    return from.pnl + (to.pnl - from.pnl) * (at - from.at) / (to.at - from.at);
  }

  function mark(at, symbol, colour, text) {
    return { x: desk.localStamp(at), y: pnlAt(at), symbol, colour, text: desk.clockText(at) + "  " + text };
  }

  function marksOf(trade) {
    const marks = [];
    const shape = trade.side === "short" ? "triangle-down-open" : "triangle-up-open";
    if (trade.opened_at) marks.push(mark(trade.opened_at, shape, QUIET, trade.symbol + " " + trade.side + " opened"));
    if (!trade.closed_at) return marks;
    const won = Number(trade.pnl) > 0;
    const came = desk.signed(trade.pnl, (amount) => "$" + desk.price(amount));
    marks.push(mark(trade.closed_at, won ? "circle" : "x", won ? GAIN : LOSS,
      trade.symbol + " closed" + (trade.exit_reason ? " by " + trade.exit_reason : "") + ", " + came));
    return marks;
  }

  function tradeMarks() {
    const rows = Array.from(desk.state.trades.values()).concat(Array.from(desk.state.positions.values()));
    const { stats } = desk.state;
    const marks = rows.flatMap(marksOf).filter((each) => each.x.slice(0, 10) === stats.session);
    return {
      type: "scatter", mode: "markers", x: marks.map((each) => each.x), y: marks.map((each) => each.y),
      text: marks.map((each) => each.text), hovertemplate: "%{text}<extra></extra>", cliponaxis: false,
      marker: { size: 9, symbol: marks.map((each) => each.symbol), color: marks.map((each) => each.colour),
        line: { width: 1, color: marks.map((each) => each.colour) } },
    };
  }

  function isOfSession(point) { // before the open an account still tells what the day before came to
    const { session } = desk.state.status;
    return session && Date.parse(point[0]) >= Date.parse(session.opens_at);
  }

  /* A session begins with axes of its own; `why` stands where there is nothing to draw yet. */
  function chart(figure, { x, y }, session, why) {
    const day = session && [session.opens_at, session.closes_at].map(desk.localStamp);
    const { layout } = figure;
    const visible = !why;
    const middle = { xref: "paper", yref: "paper", x: 0.5, y: 0.5, showarrow: false };
    return {
      data: [Object.assign({}, figure.data[0], { x, y }), tradeMarks()],
      layout: Object.assign({}, layout, {
        xaxis: Object.assign({}, layout.xaxis, { visible }, day ? { range: day } : {}),
        yaxis: Object.assign({}, layout.yaxis, { visible, range: null, autorange: true }),
        shapes: layout.shapes.map((shape) => Object.assign({}, shape, { visible })),
        annotations: why ? [Object.assign({ text: why }, middle)] : [],
      }),
    };
  }

  /* How much of what may be borrowed against is in use. */
  function margin(account) {
    const part = Number(account.leverage) / Number(account.leverage_limit);
    return [desk.percent(part, 0), el("small", {}, " " + desk.fixed(account.leverage, 2) + " of " +
      desk.fixed(account.leverage_limit, 2).replace(/\.?0+$/, "") + "×")];
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.live = {
    account() {
      const account = desk.state.account;
      if (!account) return Array(5).fill(desk.NOTHING);
      const day = account.session === null ? desk.NOTHING : el("span", { className: desk.tone(account.day_pnl) }, [
        desk.signed(account.day_pnl, (amount) => "$" + desk.price(amount)),
        el("small", {}, " " + desk.signed(account.day_return, (part) => desk.percent(part, 2))
          .replace(/^[▲▼] /, "")),
      ]);
      return [
        desk.dollars(account.equity), desk.dollars(account.cash),
        desk.dollars(account.buying_power), day, margin(account),
      ];
    },

    account_age() {
      const account = desk.state.account;
      if (!desk.state.status) return ["", "strip"];
      if (!account) return ["The broker has not been asked yet.", "strip"];
      const is = desk.isLate("broker", account.at) ? "strip old" : "strip";
      return ["seen " + desk.duration(desk.age(account.at)) + " ago", is];
    },

    market() {
      const status = desk.state.status;
      const now = desk.now();
      if (!status) return [desk.NOTHING, []];
      return [sessionState(status.session, now), coming(now).slice(0, 3)
        .map((event, at) => nextEvent(event, now, at === 0))];
    },

    today() {
      const stats = desk.state.stats;
      if (!stats) return Array(4).fill(desk.NOTHING);
      const money = (amount) => "$" + desk.price(amount);
      const split = stats.trades ? stats.winners + " won, " + stats.losers + " lost" : "none yet";
      return [
        gain(stats.realised, money), gain(total("unrealised"), money), desk.percent(stats.win_rate, 0),
        [String(stats.trades), el("small", {}, " " + split)],
      ];
    },

    activity() {
      const list = document.getElementById("live-activity");
      if (list) list.replaceChildren(...news());
      return same();
    },

    pnl(_changed, _positions, figure) {
      const { stats, status, line, trades, positions } = desk.state;
      if (!stats || !status) return [same(), same()];
      const marks = [...trades.keys(), "+", ...positions.keys()].join();
      const goesOn = !desk.isNew("#live-pnl .js-plotly-plot") && drawn.marks === marks &&
        drawn.session === stats.session && drawn.count <= line.length;
      const fresh = (goesOn ? line.slice(drawn.count) : line).filter(isOfSession);
      const isDrawn = fresh.length > 0 || (goesOn && !drawn.why);
      const why = isDrawn ? "" : noLine(desk.now());
      const known = goesOn && drawn.why === why;
      Object.assign(drawn, { session: stats.session, count: line.length, marks, why });
      const x = fresh.map((point) => desk.localStamp(point[0]));
      const y = fresh.map((point) => Number(point[1]));
      if (known) return [same(), fresh.length ? [{ x: [x], y: [y] }, [0], 50000] : same()];
      return [chart(figure, { x, y }, status.session, why), same()];
    },

    positions() {
      const rows = desk.state.positions;
      const first = desk.isNew("#live-positions .ag-root");
      const change = desk.tableChange(shownRows, rows, first);
      if (first) {
        dash_ag_grid.getApiAsync("live-positions").then(prepareTable);
        if (desk.state.status === null) return [[], same(), ""];
      }
      const gained = total("pnl");
      const aside = rows.size === 0 ? "" : [
        rows.size + " open ", el("span", { className: desk.tone(gained) },
          desk.signed(gained, (amount) => "$" + desk.price(amount))),
      ];
      return [change.rowData, change.transaction, aside];
    },

    tick() {
      const panel = document.querySelector(".panel.positions");
      if (!panel || !desk.state.status) return "Waiting for the desk…";
      markSums();
      const empty = desk.state.positions.size === 0;
      panel.classList.toggle("is-empty", empty);
      if (empty) return noPositions(desk.now());
      if (table && !table.isDestroyed()) table.refreshCells({ columns: AGING, force: true, suppressFlash: true });
      return "";
    },

    ask_close(asked) {
      const by = dash_clientside.callback_context.triggered_id;
      if (by !== "close-asked" || !asked) return [false, same()];
      const verb = asked.side === "long" ? "sells " : "buys back ";
      return [true, "The engine cancels the stop, " + verb + desk.count(asked.quantity) + " " +
        asked.symbol + " at the market and verifies that nothing is left." + (hasEngine() ? "" :
        " No engine gives a sign of life: nothing is closed until one does.")];
    },

    control_state() {
      const control = desk.state.pause_state;
      if (!control) return desk.NOTHING;
      const by = control.paused.find((scope) => !SCOPES.includes(scope.scope)); // the desk itself
      let [text, mark] = ["Trading is active.", "active"];
      if (control.halted) [text, mark] = ["Trading is halted.", "halted"];
      else if (by) [text, mark] = ["Paused (" + by.scope + ")" + said(by), "paused"];
      else if (control.paused.length) [text, mark] = ["Paused in part.", "paused"];
      return el("span", { className: "state " + mark }, text);
    },

    commands() {
      const control = desk.state.pause_state;
      const shown = control ? control.commands.slice(0, 4) : [];
      const isTick = dash_clientside.callback_context.triggered_id === "shell-second";
      if (isTick && !shown.some((view) => UNFINISHED.includes(view.status))) return same();
      return shown.map(command);
    },

    scopes() { // of each: its state, whether its pause is hidden, whether its resume is
      const { paused, halted } = desk.state.pause_state || { paused: [] };
      if (halted) return [...HALTED.map((text) => el("span", { className: "state halted" }, text)), ...Array(6).fill(true)];
      const states = SCOPES.map((name) => paused.find((scope) => scope.scope === name));
      return [
        ...states.map((state) => (state
          ? el("span", { className: "state paused" }, "paused" + said(state)) : "active")),
        ...states.map(Boolean), ...states.map((state) => !state),
      ];
    },

    ask_pause() {
      const by = String(dash_clientside.callback_context.triggered_id || "");
      const scope = by.split("-").pop();
      return SCOPES.includes(scope) ? [true, scope] : [false, same()];
    },

    plan_due(isOpen) { // prices move all day: the desk is asked only while somebody looks at the plan
      if (!isOpen) dash_clientside.set_props("live-emergency-plan", { children: [] }); // it is over
      return isOpen ? performance.now() : same();
    },

    is_sure(sure) {
      return !sure;
    },

    speed() {
      const status = desk.state.status;
      return [0, 1, 10, 30, 120].map((speed) =>
        "button" + (status && status.speed === speed ? " chosen" : ""));
    },
  };
})();
