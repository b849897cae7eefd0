/* The shell of every page: clock, health, connection, halt, theme. */
(function () {
  "use strict";

  const el = (type, props, children) => desk.element(type, props, children);
  const BEGIN_ANEW = 5000; // ms between two loads of a page whose account has changed
  let begunAnew = 0; // a page has just been loaded when it begins
  const SCOPES = { entry: "entries", exit: "exits", all: "everything" };
  const THEMES = ["system", "light", "dark"];
  const DATED = ["feed-pause_state", "feed-logs"];
  let day = null; // of the desk's clock
  const MOST_COUNTED = 99; // the desk tells of one more

  function applyTheme(theme) {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
  }

  /* A browser may be told to keep nothing, or have no room: then a theme lasts until the next load. */
  function keptTheme() {
    try {
      const kept = localStorage.getItem("theme");
      return THEMES.includes(kept) ? kept : "system";
    } catch { return "system"; }
  }

  function keepTheme(theme) {
    try { localStorage.setItem("theme", theme); } catch { /* as above */ }
  }

  applyTheme(keptTheme());

  const EMPTY = { Input: "", Checkbox: false };

  function fieldsOf(node) { // of what Dash shows, and of all that is in it: ids, and what empties them
    if (Array.isArray(node)) return node.flatMap(fieldsOf);
    if (!node || !node.props) return [];
    const own = node.type in EMPTY ? [[node.props.id, EMPTY[node.type]]] : [];
    return own.concat(fieldsOf(node.props.children));
  }

  function followAccount(status) { // a page of another account must not stay open
    const shown = document.querySelector(".desk[data-account]");
    const account = [status.mode, status.account, status.account_number].join(" ").trim();
    if (!shown || shown.dataset.account === account || performance.now() - begunAnew < BEGIN_ANEW) return;
    begunAnew = performance.now(); // each call ends the load that is under way
    location.reload();
  }

  function howIs(view, age) {
    if (age !== null && age <= view.late_after) return "well";
    return view.is_at_rest ? "resting" : "late";
  }

  function part(view, silent) { // ages go on rising while the feed is silent
    const age = view.age === null ? null : view.age + (silent || 0);
    const how = howIs(view, age);
    const precise = age !== null && age < 10 ? age.toFixed(1) + " s" : desk.duration(age);
    const seen = age === null ? "never seen" : how === "late" ? precise + " ago" : precise;
    const text = how === "resting" ? "at rest" : seen;
    const why = how === "resting" ? "nothing is held, so no price is asked for; last " + seen : "last well " + seen;
    return el("span", { className: "part " + how, title: view.part + ": " + why }, [
      el("span", { className: "lamp" }), el("span", { className: "name" }, view.part),
      el("span", { className: "age" }, text),
    ]);
  }

  function paused() { // on every page, since what is paused is not seen by what does not happen
    const control = desk.state.pause_state;
    if (control && control.halted) {
      return [el("span", { className: "part halted", title: "by " + control.halted.actor }, "■ HALTED")];
    }
    if (!control || !control.paused.length) return [];
    const why = control.paused.map((one) => one.scope + " by " + one.actor + " " + desk.atText(one.changed_at) +
      (one.reason ? ": " + one.reason : ""));
    const scopes = control.paused.map((one) => SCOPES[one.scope] || one.scope).join(", ");
    return [el("span", { className: "part paused", title: why.join("\n") }, "❚❚ paused: " + scopes)];
  }

  function turnDay(today) { // what was told by its clock alone is yesterday's now
    const isNew = day !== null && day !== today;
    day = today;
    if (!isNew) return;
    DATED.forEach((store) => dash_clientside.set_props(store, { data: "of " + today }));
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.shell = {
    start_feed() {
      desk.keepStill();
      desk.start();
      return 1;
    },

    menu() { // opened by its button on a phone, closed by going anywhere
      const by = dash_clientside.callback_context.triggered_id;
      const navigation = document.getElementById("shell-navigation");
      const open = by === "shell-menu" && !navigation.classList.contains("open");
      return ["pages" + (open ? " open" : ""), String(open)];
    },

    title(path) {
      const root = "/" + path.split("/")[1]; // a position belongs to the positions
      const current = document.querySelector('nav.pages a[href="' + root + '"]');
      document.title = (current ? current.textContent + " · " : "") + "Bellwether";
      desk.arrive(path, current ? current.textContent : "Bellwether");
      return path;
    },

    clock() {
      const now = desk.now();
      if (now === null) return "–";
      turnDay(desk.localDay(now));
      return desk.clockText(now) + " NY";
    },

    parts() {
      const status = desk.state.status;
      if (!status) return [];
      followAccount(status);
      const silent = desk.silentFor();
      const parts = status.parts.map((view) => part(view, silent));
      if (status.failing.length) {
        const names = status.failing.join(", ");
        parts.push(el("span", { className: "part late", title: "The last run failed" },
          [el("span", { className: "lamp" }), "failing: " + names]));
      }
      return paused().concat(parts); // in front of them, where nothing has to give way
    },

    link() {
      const live = desk.isLive();
      document.documentElement.dataset.link = live ? "live" : "lost";
      const silent = desk.silentFor();
      if (live || (silent === null && performance.now() < 4000)) return ["", true];
      const why = desk.refusal() ? desk.refusal() + " " : "";
      if (silent === null) return ["No connection to the desk yet. " + why + "Reconnecting…", false];
      const ago = el("span", { "aria-hidden": "true" }, desk.duration(silent) + " ago"); // nobody is told each second
      return [[el("span", {}, ["Connection lost ", ago, ". What you see is from then. " + why + "Reconnecting…"])], false];
    },

    halt() {
      const control = desk.state.pause_state;
      const halted = control && control.halted;
      if (!halted) return ["", true];
      return [[
        el("strong", {}, "TRADING IS HALTED"),
        el("span", {}, " by " + halted.actor + " " + desk.atText(halted.changed_at) +
          (halted.reason ? ": " + halted.reason : "")),
      ], false];
    },

    alerts() { // what nobody has acknowledged, told on every page until somebody does
      const open = desk.state.alerts;
      const count = open.length > MOST_COUNTED ? MOST_COUNTED + "+" : String(open.length);
      const page = document.querySelector('nav.pages a[href="/alerts"]');
      if (page && open.length) page.dataset.open = count;
      else if (page) delete page.dataset.open;
      if (!page || !open.length) return ["", true];
      const word = el("span", { className: "word" }, open.length === 1 ? " alert" : " alerts");
      return [[el("span", { title: open[0].text }, ["▲ " + count, word])], false];
    },

    open_dialog() {
      const by = dash_clientside.callback_context.triggered_id || "";
      return !String(by).endsWith("-cancel");
    },

    empty_dialog(isOpen, id) { // what was typed and ticked in it
      if (!isOpen) fieldsOf(window.dash_component_api.getLayout(id)).forEach(([field, empty]) => {
        dash_clientside.set_props(field, { value: empty });
      });
    },

    toast(note) {
      if (note) desk.toast(note.kind, note.sentence, note.matter);
      return dash_clientside.no_update;
    },

    theme(clicks) {
      let theme = document.documentElement.dataset.theme || "system";
      if (clicks) {
        theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
        keepTheme(theme);
        applyTheme(theme);
      }
      return { system: "◐ Auto", light: "○ Light", dark: "● Dark" }[theme];
    },
  };
})();
