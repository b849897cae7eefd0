/* The browser's end of the live feed: one WebSocket, the desk's picture, its clock and its age. */
(function () {
  "use strict";

  const CHANNELS = [
    "positions", "account", "signals", "trades", "logs", "pause_state", "stats", "status", "bots",
    "alerts",
  ];
  const SILENT_AFTER = 4000; // ms; the feed speaks every second
  const MUTE_AFTER = 6000; // ms without a word
  const NEVER_SAID = 20000; // ms that the first word may take: it is all of the picture
  const MOST_FACTS = 60;
  const MOST_TAIL = 500; // facts of every severity, for the page of the logs

  const state = {
    positions: new Map(), signals: new Map(), trades: new Map(), account: null, stats: null, line: [],
    status: null, pause_state: null, logs: [], tail: [], alerts: [], seq: 0, botSeq: 0,
  };
  const link = {
    socket: null, begunAt: 0, heardAt: null, heardAny: false, tries: 0, timer: null, leaving: false, owesPage: false,
    refusal: null,
  };
  const clock = { now: null, at: 0, speed: 1 };
  const versions = {};

  /* ---------------------------------------------------------------- what pages ask */
  function now() { // the desk's time, in epoch milliseconds
    return clock.now === null ? null : clock.now + clock.speed * (performance.now() - clock.at);
  }

  function isLive() {
    return link.heardAt !== null && performance.now() - link.heardAt < SILENT_AFTER &&
      link.socket !== null && link.socket.readyState === WebSocket.OPEN;
  }

  function silentFor() { // seconds since the feed was last heard
    return link.heardAt === null ? null : (performance.now() - link.heardAt) / 1000;
  }

  function isLate(part, moment) { // whether what a part of the desk told then is old by now
    const view = state.status && state.status.parts.find((each) => each.part === part);
    return Boolean(view) && desk.age(moment) / Math.max(1, clock.speed) > view.late_after;
  }

  const refusal = () => link.refusal; // why the desk does not take this page, if it says so

  /* ---------------------------------------------------------------- what the feed says */
  function keepRows(map, rows) {
    rows.forEach((row) => map.set(row.id, row));
  }

  function changeRows(map, change) {
    keepRows(map, change.upsert);
    change.remove.forEach((id) => map.delete(id));
  }

  function keepStats(stats) {
    if (stats.line) state.line = stats.line;
    else if (stats.points) state.line = state.line.concat(stats.points);
    state.stats = stats;
  }

  function keepStatus(status) {
    const scanned = state.status && state.status.scanned_at;
    Object.assign(clock, { now: Date.parse(status.now), at: performance.now(), speed: status.speed });
    const first = state.status === null;
    state.status = status;
    if (first || scanned !== status.scanned_at) announce("scan", status.scanned_at);
  }

  function keepFact(fact) {
    const last = state.tail[state.tail.length - 1] || state.logs[state.logs.length - 1];
    if (last && last.seq >= fact.seq) return;
    state.tail = state.tail.concat([fact]).slice(-MOST_TAIL);
    if (fact.severity !== "debug") state.logs = state.logs.concat([fact]).slice(-MOST_FACTS);
  }

  function keepTrade({ kind, at, body }) { // the snapshot tells of those that were finished before
    if (kind !== "trade" || body.status !== "closed") return;
    const { trade_id: id, symbol, pnl, exit_reason } = body;
    const opened = state.trades.get(id) || state.positions.get(id) || {};
    state.trades.set(id, { side: opened.side, opened_at: opened.opened_at, id, symbol, pnl, exit_reason, closed_at: at });
  }

  const keepers = {
    positions: (rows) => { state.positions.clear(); keepRows(state.positions, rows); },
    signals: (rows) => { state.signals.clear(); keepRows(state.signals, rows); },
    trades: (rows) => { state.trades.clear(); keepRows(state.trades, rows); },
    account: (account) => { state.account = account; },
    bots: () => {}, // their page asks for them
    alerts: (open) => { state.alerts = open; },
    pause_state: (control) => { state.pause_state = control; },
    logs: (facts) => { state.logs = facts; state.tail = []; },
    stats: keepStats,
    status: keepStatus,
  };

  function fact(message) {
    keepFact(message.data);
    keepTrade(message.data);
    desk.tell(message.data);
    return ["logs"];
  }

  const hear = {
    snapshot(message) {
      if (message.seq < state.seq) desk.away.forget(); // the desk came back from a backup: its numbers begin anew there
      state.seq = message.seq;
      const channels = Object.keys(message.data);
      channels.forEach((channel) => keepers[channel](message.data[channel]));
      document.dispatchEvent(new Event("desk:snapshot"));
      if (link.owesPage) location.reload(); // the address is that of a page which never came
      return channels.concat(["linked"]);
    },
    catch_up(message) {
      const more = desk.away.hear(message);
      if (more !== null) say({ action: "catch_up", last_seq: more });
      return [];
    },
    position_update(message) { changeRows(state.positions, message.data); return ["positions"]; },
    signal_update(message) { changeRows(state.signals, message.data); return ["signals"]; },
    account_update(message) { state.account = message.data; return ["account"]; },
    pause_state_change(message) { state.pause_state = message.data; return ["pause_state"]; },
    stats_update(message) { keepStats(message.data); return ["stats"]; },
    status_update(message) { keepStatus(message.data); return ["status"]; },
    alerts_update(message) { state.alerts = message.data; return ["alerts"]; },
    bot_update(message) { state.botSeq = message.data.seq; return fact(message).concat(["bots"]); },
    log: fact, order: fact, fill: fact, trade: fact, signal: fact, alert: fact,
    error(message) { desk.toast("refused", "The feed: " + message.data.sentence); return []; },
  };

  function announce(store, value) {
    versions[store] = (versions[store] || 0) + 1;
    const data = value === undefined ? versions[store] : value;
    dash_clientside.set_props("feed-" + store, { data: data });
  }

  function listen(event) {
    const message = JSON.parse(event.data);
    link.heardAt = performance.now();
    link.heardAny = true;
    link.tries = 0;
    link.refusal = null;
    state.seq = Math.max(state.seq, message.seq || 0);
    const heard = hear[message.type];
    if (heard) heard(message).forEach((channel) => announce(channel));
  }

  /* ---------------------------------------------------------------- the connection */
  const say = (words) => link.socket.send(JSON.stringify(words));

  function connect() {
    clearTimeout(link.timer);
    drop();
    desk.away.leave(state.status && state.status.now);
    const scheme = location.protocol === "https:" ? "wss://" : "ws://";
    const socket = new WebSocket(scheme + location.host + "/ws/v1/feed");
    Object.assign(link, { socket: socket, begunAt: performance.now(), heardAny: false });
    socket.onopen = () => {
      link.begunAt = performance.now();
      say({ action: "subscribe", channels: CHANNELS, last_seq: desk.away.from(state.seq), format: "json" });
    };
    socket.onmessage = listen;
    socket.onclose = (event) => lost(event.code);
  }

  function drop() { // of a socket that was given up nothing more is heard
    const { socket } = link;
    link.socket = null;
    if (!socket) return;
    Object.assign(socket, { onopen: null, onmessage: null, onclose: null });
    socket.close();
  }

  function lost(code) {
    link.socket = null;
    if (link.leaving) return;
    if (code === 4401) return logIn();
    if (!link.heardAny) askSession(); // refused before it began: perhaps the session has ended
    const pause = Math.min(8000, 400 * 2 ** link.tries) * (0.6 + 0.4 * Math.random());
    link.tries += 1;
    clearTimeout(link.timer);
    link.timer = setTimeout(connect, pause);
  }

  function askSession() {
    fetch("/session").then((answer) => {
      if (answer.status === 401) logIn();
      return answer.status === 200 ? answer.json() : { feed: null };
    }).then((told) => { link.refusal = told.feed; }, () => { link.refusal = null; });
  }

  function logIn() {
    const next = encodeURIComponent(location.pathname + location.search);
    location.assign("/login?expired=1&next=" + next);
  }

  function watch() { // a connection that is open and mute is lost as well
    const most = link.heardAny ? MUTE_AFTER : NEVER_SAID;
    if (!link.socket || performance.now() - Math.max(link.begunAt, link.heardAt) < most) return;
    drop();
    lost(0);
  }

  let started = false;

  function start() {
    if (started) return;
    started = true;
    connect();
    setInterval(watch, 1000);
    // Going anywhere else while the log-out is under way would cancel it.
    addEventListener("submit", () => { link.leaving = true; });
    addEventListener("pagehide", () => { link.leaving = true; });
    addEventListener("pageshow", () => { link.leaving = false; });
    addEventListener("online", () => { if (!isLive()) connect(); });
  }

  /* ---------------------------------------------------------------- what is asked of the desk */
  const UNANSWERED = "The desk did not answer: what you asked may not have been done. Look, and do it again.";
  const PAGE = "shell-page.children"; // the answer that changes the page
  const ONCE_IN = 5000; // ms: many questions of a page go astray together
  let toldAt = -ONCE_IN;
  let pagesAsked = 0;

  const asksPage = (how) => String(how && how.body).includes('"' + PAGE + '"');

  function tellUnanswered(asked) {
    if (!String(asked).includes("_dash-update-component") || performance.now() - toldAt < ONCE_IN) return;
    toldAt = performance.now();
    desk.toast("refused", UNANSWERED);
  }

  /* A session that ended leads to the login at the next click; nothing that was asked fails in silence. */
  const plainFetch = window.fetch;
  window.fetch = (asked, how) => {
    const page = asksPage(how) && (pagesAsked += 1);
    return plainFetch(asked, how).then((answer) => answered(asked, page, answer), (trouble) => {
      // Never after an answer: a page that fails would be loaded for ever.
      if (page && page === pagesAsked) link.owesPage = true;
      if (!link.leaving) tellUnanswered(asked);
      throw trouble;
    });
  };

  function answered(asked, page, answer) { // a page that somebody has left since is of no interest
    if (page && page === pagesAsked) link.owesPage = false;
    if (answer.status === 401) logIn();
    else if (page && page === pagesAsked && !answer.ok) desk.stay();
    if (answer.status === 429) answer.clone().json().then((told) => desk.toast("refused", told.detail));
    if (answer.status >= 500) tellUnanswered(asked);
    return answer;
  }

  window.desk = Object.assign(window.desk || {}, { state, clock, now, isLive, isLate, refusal, silentFor, start });
})();
