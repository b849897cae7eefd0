/* The Logs page: lines that were found, lines that are told, and a reader who is left in peace. */
(function () {
  "use strict";

  const el = (type, props, children) => desk.element(type, props, children);
  const same = () => dash_clientside.no_update;
  const SEVERITIES = ["debug", "info", "warning", "error", "critical"];
  const MOST = 1000; // lines on the page
  const shown = { facts: [], filter: null, found: null, earlier: null, isAll: true, unread: 0 };
  let box = null;
  let drawn = null; // what is left to do once the lines have been drawn

  /* ---------------------------------------------------------------- what matches */
  function matches(fact) { // as the database would say it: words that begin so, all of them
    const { least, kind, words } = shown.filter;
    if (SEVERITIES.indexOf(fact.severity) < SEVERITIES.indexOf(least)) return false;
    if (kind && fact.kind !== kind) return false;
    const own = (fact.text + " " + fact.scope).toLowerCase().match(/[\p{L}\p{N}]+/gu) || [];
    return words.every((word) => own.some((mine) => mine.startsWith(word)));
  }

  function keep(found, earlier) {
    if (found.answer !== shown.found) {
      Object.assign(shown, { found: found.answer, filter: found.filter, facts: found.facts, isAll: found.is_all,
        unread: 0, earlier: earlier && earlier.answer });
      const said = found.filter.said;
      desk.keepInAddress({ ...said, severity: said.severity === "info" ? "" : said.severity });
      return true;
    }
    if (earlier && earlier.answer !== shown.earlier) {
      Object.assign(shown, { earlier: earlier.answer, facts: earlier.facts.concat(shown.facts), isAll: earlier.is_all });
    }
    return false;
  }

  function addTold() {
    const last = shown.facts.length ? shown.facts[shown.facts.length - 1].seq : 0;
    const told = desk.state.tail.filter((fact) => fact.seq > last && matches(fact));
    shown.facts = shown.facts.concat(told).slice(-MOST);
    return told.length;
  }

  /* ---------------------------------------------------------------- how it looks */
  function place(fact) {
    const [what, number] = fact.scope.split(":");
    if (!/^\d+$/.test(number || "")) return null;
    if (what === "trade") return { href: "/positions/" + number, className: "inside" };
    if (what === "order" || what === "signal") return { href: "/go/" + what + "/" + number };
    if (what === "command") return { href: "/logs?severity=debug&text=command+" + number };
    return null;
  }

  function day(moment) {
    return new Date(Date.parse(moment) + desk.clock.offset).toISOString().slice(0, 10);
  }

  function line(fact) {
    const where = place(fact);
    return el("li", { className: fact.severity }, [
      el("time", { title: day(fact.at) + ", number " + fact.seq }, desk.clockText(fact.at)),
      el("span", { className: "severity" }, fact.severity),
      el("span", { className: "kind" }, fact.kind),
      el("span", { className: "text" }, fact.text),
      where ? el("a", where, fact.scope) : el("span", { className: "scope" },
        fact.scope.startsWith("login:") ? "" : fact.scope), // a fingerprint that tells nobody anything
    ]);
  }

  function lines() {
    let last = null;
    return shown.facts.flatMap((fact) => {
      const on = day(fact.at);
      const head = on === last ? [] : [el("li", { className: "date" }, on)];
      last = on;
      return head.concat([line(fact)]);
    });
  }

  /* ---------------------------------------------------------------- scrolling */
  function isAtEnd() {
    return box.scrollHeight - box.scrollTop - box.clientHeight < 24;
  }

  function watch() {
    const node = document.getElementById("logs-lines");
    if (node === box || node === null) return;
    box = node;
    new MutationObserver(() => { // the lines have been drawn
      if (drawn) drawn();
      drawn = null;
    }).observe(box, { childList: true });
    box.addEventListener("scroll", () => { if (isAtEnd()) setUnread(0); });
  }

  function setUnread(count) {
    shown.unread = count;
    const newer = document.getElementById("logs-newer");
    if (!newer) return;
    newer.hidden = count === 0;
    newer.textContent = "▼ " + count + (count === 1 ? " new line" : " new lines");
  }

  function settle(begins, added, wasAtEnd, height) {
    if (begins || wasAtEnd) box.scrollTop = box.scrollHeight;
    else if (added) setUnread(shown.unread + added);
    else box.scrollTop += box.scrollHeight - height; // older lines came above what is being read
  }

  function empty() {
    if (shown.facts.length) return "";
    const { words, kind, least } = shown.filter;
    if (words.length || kind || least !== "debug") return "No line is like this. New ones appear here.";
    return "Nothing has been written yet.";
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.logs = {
    lines(found, earlier) {
      if (!found) return [[], "Waiting for the desk…", "", true];
      watch();
      const wasAtEnd = isAtEnd();
      const height = box.scrollHeight;
      const before = shown.facts.length && shown.facts[0].seq;
      const isNew = desk.isNew("#logs-lines");
      const begins = keep(found, earlier) || isNew;
      const added = addTold();
      const grown = begins || added || (shown.facts.length && shown.facts[0].seq) !== before;
      if (!grown) return [same(), same(), same(), same()];
      drawn = () => settle(begins, added, wasAtEnd, height);
      if (begins) setUnread(0);
      dash_clientside.set_props("logs-lines", {
        "data-first": String(shown.facts.length ? shown.facts[0].seq : ""),
      });
      const count = shown.facts.length + (shown.isAll ? "" : " newest") + " lines";
      return [lines(), empty(), count, shown.isAll];
    },

    jump() {
      box.scrollTop = box.scrollHeight;
      setUnread(0);
      return "";
    },
  };
})();
