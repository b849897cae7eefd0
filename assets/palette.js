/* Commands and shortcuts: everything that is done often, without the mouse. */
(function () {
  "use strict";

  const LETTERS = {
    Live: "l", Signals: "s", Positions: "p", History: "h", Analytics: "a", Logs: "o",
    Alerts: "t", Reconciliation: "r", Audit: "u", Settings: "e", Scanner: "n", Bots: "b",
  };
  const ACTS = [ // each is a button of a page, which asks before it does anything
    { label: "Kill switch…", hint: "Halt all trading; asks first", button: "kill-switch", key: "Shift K" },
    { label: "Lift the kill switch…", hint: "Asks first", button: "lift-kill" },
    ...["entries", "exits", "everything"].flatMap(pausing),
    {
      label: "Emergency stop…", hint: "Shows what it would do, asks twice", button: "live-emergency",
      live: "emergency_stop",
    },
    { label: "Change theme", hint: "As the system, light, dark", button: "shell-theme" },
  ];
  const SHORTCUTS = [
    ["Ctrl K", "Commands: pages, acts, symbols"], ["?", "These shortcuts"],
    ["/", "The page's search field"], ["Shift K", "Kill switch (asks first)"], ["Esc", "Close what is open"],
    ["Tab", "Into a table, and out of it"], ["← ↑ ↓ →", "From cell to cell, up to the columns' names; from day to day"],
    ["Enter", "The link or the button of a cell; sort by a column"],
  ];
  const TICKER = /^[A-Za-z][A-Za-z.]{0,5}$/;
  const CHORD_MS = 1200;
  const AWAY = ["popstate", "_dashprivate_pushstate"]; // somebody goes to another page
  const SOON = 5000; // ms in which a button of the Live page comes, or is not pressed any more
  let chordAt = -CHORD_MS;
  const make = (...what) => desk.node(...what);
  let shown = [];
  let chosen = 0;

  /* ---------------------------------------------------------------- what can be chosen */
  function pages() {
    return Array.from(document.querySelectorAll("nav.pages a")).map((link) => ({
      label: link.textContent, hint: "Page", key: LETTERS[link.textContent]
        ? "G " + LETTERS[link.textContent].toUpperCase() : "",
      run: () => desk.goTo(link.getAttribute("href")),
    }));
  }

  function isUsable(id) {
    const node = document.getElementById(id);
    return node && !node.disabled && !node.closest("[hidden]");
  }

  function acts() { // those of the Live page are offered elsewhere too, and lead there first
    const may = (document.querySelector("[data-may]")?.dataset.may || "").split(" ");
    const elsewhere = location.pathname !== "/";
    return ACTS.filter((act) => isUsable(act.button) || (elsewhere && may.includes(act.live)))
      .map((act) => ({ ...act, run: () => press(act.button) }));
  }

  function pausing(what) {
    const scope = { entries: "entry", exits: "exit", everything: "all" }[what];
    return [
      { label: "Pause " + what + "…", hint: "Asks for a reason", button: "live-pause-" + scope, live: "pause_" + scope },
      { label: "Resume " + what, hint: "At once", button: "live-resume-" + scope, live: "pause_" + scope },
    ];
  }

  function press(id) {
    if (isUsable(id)) return document.getElementById(id).click();
    desk.goTo("/");
    pressOnceThere(id);
  }

  function pressOnceThere(id) { // soon or never: who asked for it may be at something else by then
    const coming = new MutationObserver(() => {
      if (!isUsable(id)) return;
      end();
      setTimeout(() => isUsable(id) && document.getElementById(id).click(), 0);
    });
    const late = setTimeout(end, SOON);
    function end() {
      coming.disconnect();
      clearTimeout(late);
      AWAY.forEach((name) => removeEventListener(name, end));
    }
    AWAY.forEach((name) => addEventListener(name, end));
    const attributeFilter = ["hidden", "disabled"];
    coming.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter });
  }

  function ofSymbol(text) {
    if (!TICKER.test(text)) return [];
    const symbol = text.toUpperCase();
    const open = Array.from(desk.state.positions.values()).filter((row) => row.symbol === symbol)
      .map((row) => ({
        label: "Open position of " + symbol, hint: "Its life, and its closing",
        run: () => desk.goTo("/positions/" + row.id),
      }));
    return open.concat([["Positions", "/positions"], ["Signals", "/signals"], ["History", "/history"]]
      .map(([name, path]) => ({
        label: name + " of " + symbol, hint: "Search",
        run: () => desk.goTo(path + "?symbol=" + symbol + (path === "/signals" ? "&first=2000-01-01" : "")),
      })));
  }

  function matching(text) {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const known = pages().concat(acts())
      .filter((item) => words.every((word) => (item.label + " " + item.hint).toLowerCase().includes(word)));
    return known.concat(ofSymbol(text.trim()));
  }

  /* ---------------------------------------------------------------- the dialogs */
  const field = make("input", {
    type: "text", class: "field", role: "combobox", "aria-expanded": "true",
    "aria-controls": "palette-list", "aria-autocomplete": "list", "aria-label": "Command",
    placeholder: "A page, an act or a symbol", autocomplete: "off", spellcheck: "false",
  });
  const list = make("ul", { id: "palette-list", role: "listbox", "aria-label": "Commands" });
  const none = make("p", { class: "empty", role: "status" });
  const palette = make("dialog", { class: "palette", "aria-label": "Commands" }, field, list, none);
  const help = make("dialog", { class: "palette help", "aria-labelledby": "shortcuts-title" });

  function option(item, at) {
    const node = make("li", { role: "option", id: "palette-" + at, "aria-selected": String(at === chosen) },
      make("span", {}, item.label), make("small", {}, item.hint), ...keys(item.key));
    node.onclick = () => run(item);
    return node;
  }

  const keys = (text) => (text || "").split(" ").filter(Boolean).map((key) => make("kbd", {}, key));

  function draw() {
    list.replaceChildren(...shown.map(option));
    none.textContent = shown.length ? "" : "Nothing is called so.";
    field.setAttribute("aria-activedescendant", shown.length ? "palette-" + chosen : "");
    const at = document.getElementById("palette-" + chosen);
    if (at) at.scrollIntoView({ block: "nearest" });
  }

  function narrow() {
    shown = matching(field.value);
    chosen = 0;
    draw();
  }

  function run(item) {
    palette.close();
    item.run();
  }

  function open() {
    if (!document.querySelector("nav.pages")) return; // nobody is logged in
    help.close();
    field.value = "";
    palette.showModal();
    narrow();
  }

  function showHelp() {
    const chords = pages().filter((page) => page.key).map((page) => [page.key, page.label]);
    const close = make("button", { type: "button", class: "button" }, "Close");
    close.onclick = () => help.close();
    const rows = SHORTCUTS.concat(chords).map(([key, words]) =>
      make("tr", {}, make("td", {}, ...keys(key)), make("td", {}, words)));
    help.replaceChildren(make("h2", { id: "shortcuts-title" }, "Shortcuts"),
      make("table", { class: "plain" }, make("tbody", {}, ...rows)), close);
    help.showModal();
  }

  /* ---------------------------------------------------------------- the keyboard */
  function move(by) {
    if (!shown.length) return;
    chosen = (chosen + by + shown.length) % shown.length;
    draw();
  }

  field.addEventListener("input", narrow);
  field.addEventListener("keydown", (event) => {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) move(moves[event.key]);
    else if (event.key === "Enter" && shown[chosen]) run(shown[chosen]);
    else return;
    event.preventDefault();
  });
  [palette, help].forEach((dialog) => dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close(); // beside it
  }));

  function isBusy(event) { // somebody writes, or is being asked something
    return event.ctrlKey || event.metaKey || event.altKey || event.target.isContentEditable ||
      /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName) ||
      document.querySelector("dialog[open], .modal.show") !== null;
  }

  function chord(key) { // G, then the letter of a page
    const page = pages().find((item) => item.key === "G " + key.toUpperCase());
    chordAt = -CHORD_MS;
    if (page) page.run();
  }

  function search() {
    const found = document.querySelector("main input[type=search]");
    if (found) found.focus();
    return Boolean(found);
  }

  function hear(event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (palette.open) palette.close(); else open();
      return;
    }
    if (isBusy(event)) return;
    if (performance.now() - chordAt < CHORD_MS) return chord(event.key);
    if (event.key === "g") chordAt = performance.now();
    else if (event.key === "?") showHelp();
    else if (event.key === "K" && isUsable("kill-switch")) press("kill-switch");
    else if (event.key === "/" && search()) event.preventDefault();
  }

  function begin() {
    document.body.append(palette, help);
    document.addEventListener("keydown", hear);
    document.addEventListener("click", (event) => {
      if (event.target.closest && event.target.closest("#shell-commands")) open();
    });
  }

  if (document.body) begin(); else document.addEventListener("DOMContentLoaded", begin);
})();
