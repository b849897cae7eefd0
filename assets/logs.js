/* The Logs page: lines that were found, lines that are told, and a reader who is left in peace. */
(function () {
  "use strict";

  const same = () => dash_clientside.no_update;
  const SEVERITIES = ["debug", "info", "warning", "error", "critical", "emergency"];
  const MOST = 1000; // lines on the page
  const STEPS = ["ArrowUp", "ArrowDown", "Home", "End"];
  const shown = { facts: [], aside: [], filter: null, found: null, earlier: null, isAll: true, at: null };
  let box = null;

  /* ---------------------------------------------------------------- what matches */
  function matches(fact) { // as the database would say it: words that begin so, all of them
    const { least, kind, words } = shown.filter;
    if (SEVERITIES.indexOf(fact.severity) < SEVERITIES.indexOf(least)) return false;
    if (kind && fact.kind !== kind) return false;
    const own = (fact.text + " " + fact.scope).toLowerCase().match(/[\p{L}\p{N}]+/gu) || [];
    return words.every((word) => own.some((mine) => mine.startsWith(word)));
  }

  function keep(found, earlier) { // say whether it is another answer
    if (found.answer === shown.found) return false;
    Object.assign(shown, { found: found.answer, filter: found.filter, facts: found.facts, isAll: found.is_all,
      aside: [], earlier: earlier && earlier.answer });
    const said = found.filter.said;
    desk.keepInAddress({ ...said, severity: said.severity === "info" ? "" : said.severity });
    return true;
  }

  /* The same question again, after an outage: what is read stays, and what was missed stands aside. */
  function rejoin(found) {
    const newest = shown.aside.at(-1) || shown.facts.at(-1);
    const isSame = JSON.stringify(found.filter) === JSON.stringify(shown.filter);
    const isGone = newest && newest.seq > desk.state.seq; // the desk came back from a backup
    if (!isSame || !newest || isGone || !found.facts.some((fact) => fact.seq <= newest.seq)) return false;
    shown.found = found.answer;
    putAside(shown.aside.concat(found.facts.filter((fact) => fact.seq > newest.seq)));
    return true;
  }

  function keepOlder(earlier) { // too many: the newest stand aside until the reader goes to the end
    if (!earlier || earlier.answer === shown.earlier) return false;
    const all = earlier.facts.concat(shown.facts);
    Object.assign(shown, { earlier: earlier.answer, facts: all.slice(0, MOST), isAll: earlier.is_all });
    putAside(all.slice(MOST).concat(shown.aside));
    return true;
  }

  /* As many as fit on the page: should more be forgotten here, they replace all that is on it. */
  function putAside(facts) {
    shown.aside = facts.slice(-MOST);
  }

  function listen() { // say whether there is something new
    const newest = shown.aside.at(-1) || shown.facts.at(-1);
    const told = desk.state.tail.filter((fact) => fact.seq > (newest ? newest.seq : 0) && matches(fact));
    putAside(shown.aside.concat(told));
    return told.length > 0;
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
    return { href: found, class: /^\/go\b/.test(found) ? "" : "inside" };
  }

  function link(fact) {
    if (!fact.scope) return [];
    const isPrint = fact.scope.startsWith("login:"); // a fingerprint that tells nobody anything
    return [make("a", { ...place(fact), tabindex: -1 }, isPrint ? "login" : fact.scope)];
  }

  /* ---------------------------------------------------------------- how it looks */
  function day(moment) {
    return desk.localDay(moment);
  }

  const make = (...what) => desk.node(...what);

  function line(fact) {
    const item = make("li", { class: fact.severity, "data-seq": fact.seq });
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

  const draw = () => keepingFocus(() => box.replaceChildren(...nodes(shown.facts, null)));
  const takeIn = () => keepingFocus(takeInAside);

  /* Dash's own components would be made anew for every line whenever one is added. */
  function takeInAside() { // at the cost of the oldest
    box.append(...nodes(shown.aside, shown.facts.at(-1)));
    const all = shown.facts.concat(shown.aside);
    Object.assign(shown, { facts: all.slice(-MOST), aside: [] });
    if (all.length <= MOST) return;
    shown.isAll = false;
    while (box.firstElementChild !== lineOf(shown.facts[0].seq)) box.firstElementChild.remove();
    box.prepend(make("li", { class: "date" }, day(shown.facts[0].at)));
  }

  /* ---------------------------------------------------------------- scrolling */
  const lineOf = (seq) => box.querySelector('[data-seq="' + seq + '"]');
  const top = (node) => node.getBoundingClientRect().top;

  function isAtEnd() {
    return box.scrollHeight - box.scrollTop - box.clientHeight < 24;
  }

  function toEnd() { // but not past the line that has the focus
    takeIn();
    box.scrollTop = box.scrollHeight;
    const held = focused();
    if (held) held.scrollIntoView({ block: "nearest" });
  }

  function holding(change) { // whatever comes and goes: the line that is read stays where it stands
    const read = [...box.querySelectorAll("[data-seq]")].find((line) => line.getBoundingClientRect().bottom > top(box));
    const stood = read && top(read);
    change();
    const now = read && lineOf(read.dataset.seq);
    if (now) box.scrollTop += top(now) - stood;
    return Boolean(now);
  }

  function showOlder() { // above what is read; if that has to stand aside, above what was the first line
    const first = box.querySelector("[data-seq]").dataset.seq;
    const isHeld = holding(draw);
    if (!isHeld || (shown.aside.length && isAtEnd())) box.scrollTop += top(lineOf(first)) - top(box);
  }

  /* ---------------------------------------------------------------- the keyboard */
  /* All lines are one stop of the Tab key, as a table is: arrows move from link to link. */
  const links = () => Array.from(box.querySelectorAll("[data-seq] > a"));
  const lineAt = (link) => link.closest("[data-seq]");
  const focused = () => links().find((link) => link === document.activeElement);

  function isInView(link) {
    const line = link.getBoundingClientRect();
    const edge = box.getBoundingClientRect();
    return line.bottom > edge.top && line.top < edge.bottom;
  }

  function enter() { // where somebody was, or at the end of what is seen; nothing moves for it
    if (!box.matches(":focus-visible")) return; // a click
    const seen = links().filter(isInView);
    const link = seen.find((each) => lineAt(each).dataset.seq === shown.at) || seen.at(-1);
    if (link) link.focus({ preventScroll: true });
  }

  function walk(event) {
    const isOther = event.altKey || event.ctrlKey || event.metaKey || event.shiftKey; // the way back, say
    if (isOther || !STEPS.includes(event.key) || event.target === box) return;
    event.preventDefault();
    if (event.key === "End" && shown.aside.length) {
      takeIn();
      report();
    }
    const all = links();
    const at = all.indexOf(event.target);
    const to = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 }[event.key];
    if (!all[to]) return;
    all[to].focus({ preventScroll: true });
    lineAt(all[to]).scrollIntoView({ block: "nearest" });
  }

  function arrive(event) { // no stop is before the line then, to which Shift+Tab would lead
    if (event.target === box) return;
    box.tabIndex = -1;
    shown.at = lineAt(event.target).dataset.seq;
  }

  function leave(event) {
    if (!box.contains(event.relatedTarget)) box.tabIndex = 0;
  }

  function keepingFocus(change) { // on the line that has it, though it may be made anew
    const held = focused();
    const seq = held && lineAt(held).dataset.seq;
    change();
    if (!seq || focused()) return;
    const line = lineOf(seq);
    const link = line ? line.querySelector("a") : links()[0]; // the oldest may have gone
    if (link) link.focus({ preventScroll: true });
  }

  function watch() {
    const node = document.getElementById("logs-lines");
    if (node === box || node === null) return;
    box = node;
    box.addEventListener("focus", enter);
    box.addEventListener("focusin", arrive);
    box.addEventListener("focusout", leave);
    box.addEventListener("keydown", walk);
    box.addEventListener("scroll", () => {
      if (!shown.aside.length || !isAtEnd()) return;
      holding(takeIn);
      report();
    });
  }

  function report() { // around the lines: how many there are, and how many are new
    const count = shown.aside.length;
    const newer = document.getElementById("logs-newer");
    newer.hidden = count === 0;
    newer.textContent = "▼ " + count + (count === 1 ? " new line" : " new lines");
    const lines = shown.facts.length + (shown.isAll ? "" : " newest") + " lines";
    dash_clientside.set_props("logs-first", { data: shown.facts.length ? shown.facts[0].seq : 0 });
    dash_clientside.set_props("logs-count", { children: lines });
    dash_clientside.set_props("logs-older", { hidden: shown.isAll });
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
      if (!found) return "Waiting for the desk…";
      watch();
      const wasAtEnd = isAtEnd();
      const isNew = desk.isNew("#logs-lines");
      const isAgain = found.answer !== shown.found && !isNew && !wasAtEnd && rejoin(found);
      const begins = keep(found, earlier) || isNew;
      const isOlder = !begins && keepOlder(earlier);
      const isTold = listen() || isAgain;
      if (!begins && !isOlder && !isTold) return same();
      if (begins) draw();
      if (isOlder) showOlder();
      if (begins || (wasAtEnd && !isOlder)) toEnd();
      report();
      return empty();
    },

    jump() {
      toEnd();
      report();
      return "";
    },
  };
})();
