/* What happened while nothing was heard of the desk: counted to its end, and told in one note. */
(function () {
  "use strict";

  const GRAVE = ["error", "critical", "emergency"];
  const missed = { since: null, until: null, reached: null, errors: 0, trades: new Set() };

  function leave(at) { // each time before the desk is asked anew; `at` is when it was last heard
    missed.until = null;
    if (missed.reached === null) missed.since = at;
  }

  const from = (seq) => (missed.reached === null ? seq : missed.reached); // what was not counted comes again

  function forget() { // what it was reached up to is no more
    Object.assign(missed, { reached: null, errors: 0, trades: new Set() });
  }

  function count({ kind, severity, seq, body }) {
    if (GRAVE.includes(severity)) missed.errors += 1;
    else if (kind === "trade") missed.trades.add(body.trade_id ?? "fact " + seq);
  }

  /* One message does not hold everything. Returns from which number on there is more, null for no more. */
  function hear({ seq, to_seq: reached, events }) {
    missed.until = missed.until || seq;
    const facts = events.map((event) => event.data).filter((fact) => fact.seq <= missed.until);
    facts.forEach(count); // later ones were told as they happened
    missed.reached = reached;
    if (reached < missed.until) return reached;
    tell();
    forget();
    return null;
  }

  function stamp(at, beside) { // the day too, where it was another one
    const stamps = [at, beside].map((moment) => desk.localStamp(moment).slice(5, 16).replace("T", " "));
    return stamps[0].slice(0, 5) === stamps[1].slice(0, 5) ? stamps[0].slice(6) : stamps[0];
  }

  function span() {
    const [first, last] = [missed.since || desk.state.status.now, desk.state.status.now];
    const [begun, ended] = [stamp(first, last), stamp(last, first)];
    return begun === ended ? begun : begun + "–" + ended;
  }

  function link(count, noun, href) {
    if (!count) return [];
    return [desk.node("a", { class: "inside", href }, count + " " + noun + (count === 1 ? "" : "s"))];
  }

  function tell() {
    const errors = link(missed.errors, "error", "/logs?severity=error");
    const trades = link(missed.trades.size, "trade", "/positions");
    const both = errors.length && trades.length ? [", "] : [];
    const what = [...errors, ...both, ...trades];
    if (!what.length) return;
    desk.toast(missed.errors ? "refused" : "told", ["While you were away (" + span() + "): ", ...what, "."], "away",
      { stays: true });
  }

  window.desk = Object.assign(window.desk || {}, { away: { leave, from, forget, hear } });
})();
