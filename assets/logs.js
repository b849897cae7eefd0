/* The Logs page: lines that were found, lines that are told, and a reader who is left in peace. */
(function () {
  "use strict";

  const same = () => dash_clientside.no_update;
  const SEVERITIES = ["debug", "info", "warning", "error", "critical", "emergency"];
  const MOST = 1000; // lines on the page
  const shown = { facts: [], filter: null, found: null, earlier: null, isAll: true, unread: 0 };
  let box = null;

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

  /* ---------------------------------------------------------------- where it leads */
  const onDay = (path, day) => path + (day ? "?first=" + day + "&last=" + day : "");
  const asWords = (_number, fact) => "/logs?" + new URLSearchParams({ severity: "debug", text: fact.scope });

  const BY_SCOPE = { // what a fact concerns
    trade: (number) => "/positions/" + number,
    bot: (number) => "/bots/" + number,
    order: (number) => "/go/order/" + number,
    signal: (number) => "/go/signal/" + number,
    command: asWords,
    job: asWords,
    session: (day, fact) => (fact.kind === "data" ? "/scanner" : onDay(fact.kind === "scan" ? "/signals" : "/history", day)),
    difference: () => "/reconciliation",
    account: () => "/settings",
    channel: () => "/settings",
    key: () => "/settings",
    user: () => "/settings",
    login: () => "/audit",
    broker: () => "/",
    control: () => "/",
  };
  const BY_KIND = { // when its scope is only a name
    account: "/settings", acknowledgement: "/alerts", alert: "/alerts", channel: "/settings", control: "/", engine: "/",
    reconciliation: "/reconciliation", settings: "/settings", simulation: "/",
  };

  function mayOpen(href) { // the navigation holds the pages that somebody's role shows
    const root = "/" + href.split(/[/?]/)[1];
    return root === "/go" || document.querySelector('nav.pages a[href="' + root + '"]') !== null;
  }

  function place(fact) {
    const [what, ...names] = fact.scope.split(":");
    const by = Object.hasOwn(BY_SCOPE, what) ? BY_SCOPE[what] : () => BY_KIND[fact.kind];
    const href = by(encodeURIComponent(names.pop() || ""), fact);
    const found = href && mayOpen(href) ? href : asWords(null, fact);
    return { href: found, class: /^\/(go|logs)\b/.test(found) ? "" : "inside" };
  }

  function link(fact) {
    if (!fact.scope) return [];
    const isPrint = fact.scope.startsWith("login:"); // a fingerprint that tells nobody anything
    return [make("a", place(fact), isPrint ? "login" : fact.scope)];
  }

  /* ---------------------------------------------------------------- how it looks */
  function day(moment) {
    return new Date(Date.parse(moment) + desk.clock.offset).toISOString().slice(0, 10);
  }

  const make = (...what) => desk.node(...what);

  function line(fact) {
    const item = make("li", { class: fact.severity });
    item.append(
      make("time", { title: day(fact.at) + ", number " + fact.seq }, desk.clockText(fact.at)),
      make("span", { class: "severity" }, fact.severity),
      make("span", { class: "kind" }, fact.kind),
      make("span", { class: "text" }, fact.text),
      ...link(fact),
    );
    return item;
  }

  function nodes(facts, before) { // each day begins with its date
    let last = before ? day(before.at) : null;
    return facts.flatMap((fact) => {
      const on = day(fact.at);
      const head = on === last ? [] : [make("li", { class: "date" }, on)];
      last = on;
      return head.concat([line(fact)]);
    });
  }

  /* Dash's own components would be made anew for every line whenever one is added. */
  function draw(all, added) {
    if (all) return box.replaceChildren(...nodes(shown.facts, null));
    const old = shown.facts.length - added;
    return box.append(...nodes(shown.facts.slice(old), shown.facts[old - 1]));
  }

  /* ---------------------------------------------------------------- scrolling */
  function isAtEnd() {
    return box.scrollHeight - box.scrollTop - box.clientHeight < 24;
  }

  function watch() {
    const node = document.getElementById("logs-lines");
    if (node === box || node === null) return;
    box = node;
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
      if (!found) return ["Waiting for the desk…", "", true];
      watch();
      const wasAtEnd = isAtEnd();
      const height = box.scrollHeight;
      const before = shown.facts.length && shown.facts[0].seq;
      const isNew = desk.isNew("#logs-lines");
      const begins = keep(found, earlier) || isNew;
      const added = addTold();
      const first = shown.facts.length && shown.facts[0].seq;
      if (!begins && !added && first === before) return [same(), same(), same()];
      draw(begins || first !== before, added);
      if (begins) setUnread(0);
      settle(begins, added, wasAtEnd, height);
      dash_clientside.set_props("logs-first", { data: first });
      const count = shown.facts.length + (shown.isAll ? "" : " newest") + " lines";
      return [empty(), count, shown.isAll];
    },

    jump() {
      box.scrollTop = box.scrollHeight;
      setUnread(0);
      return "";
    },
  };
})();
