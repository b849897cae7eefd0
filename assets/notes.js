/* Notes in the corner: what was done or refused, and what happens at the desk meanwhile. */
(function () {
  "use strict";

  const MOST_TOASTS = 4;
  const MOST_LINES = 4; // of one note
  const GRAVITY = ["told", "done", "warning", "refused"]; // told: neither good nor bad of itself, as a trade is
  const TROUBLE = ["alert", "command", "control", "order", "reconciliation"];
  const LOST = ["error", "critical", "emergency"];
  const LASTING = ["critical", "emergency"]; // whoever is away for a minute must find them
  const SECONDS = { told: 5, done: 5, warning: 5, refused: 12 };
  const ends = new WeakMap(); // when a note goes by itself

  const linesOf = (note) => Array.from(note.querySelectorAll("p"));

  /* Whatever belongs to one matter, a click and all that comes of it, is told in one note. It goes by
     itself, but for what `stays`. A sentence is a text, or nodes. */
  function toast(kind, sentence, matter, { at, stays } = {}) {
    const notes = document.getElementById("toasts");
    const known = matter && Array.from(notes.children).find((each) => each.dataset.matter === matter);
    const note = known || notes.appendChild(newNote(matter));
    if (!known || GRAVITY.indexOf(kind) > GRAVITY.indexOf(note.dataset.kind)) grade(note, kind);
    if (stays) note.dataset.stays = "";
    addLine(note, kind, [].concat(sentence), at);
    makeRoom(notes);
    endLater(note);
  }

  function newNote(matter) {
    const away = desk.node("button", { type: "button", class: "dismiss", "aria-label": "Dismiss" });
    const note = desk.node("div", { "data-matter": matter || "" }, desk.node("div", { class: "lines" }), away);
    away.onclick = () => note.remove();
    return note;
  }

  function endLater(note) {
    clearTimeout(ends.get(note));
    if ("stays" in note.dataset) return;
    ends.set(note, setTimeout(() => note.remove(), SECONDS[note.dataset.kind] * 1000));
  }

  function grade(note, kind) {
    note.className = "toast-note " + kind;
    note.dataset.kind = kind;
    note.setAttribute("role", kind === "refused" ? "alert" : "status");
  }

  /* What matters least goes first, of equals the oldest, but never the newest of all. */
  function makeRoom(notes) {
    const oldest = (which) => notes.querySelector(":scope > " + which);
    const passing = ":not([data-stays], :last-child)";
    while (notes.children.length > MOST_TOASTS) {
      const lasting = notes.querySelectorAll(":scope > [data-stays]");
      const least = oldest(":is(.told, .done, .warning)" + passing) || oldest(passing) || lasting[MOST_TOASTS] && lasting[0];
      if (!least) return; // one more, beside those that stay
      least.remove();
    }
  }

  function addLine(note, kind, sentence, at) { // the newest at the end; of many, the least grave go first
    const line = desk.node("p", { class: kind }, ...sentence);
    if (linesOf(note).some((known) => known.lastChild.textContent === line.textContent)) return;
    if (at) line.replaceChildren(desk.node("time", {}, desk.clockText(at)), " ", desk.node("span", {}, ...sentence));
    note.firstChild.append(line);
    while (linesOf(note).length > MOST_LINES) {
      GRAVITY.map((grade) => note.querySelector("p." + grade)).find(Boolean).remove();
    }
  }

  /* What happened at the desk, for whoever looks at another page: trades, commands, trouble. */
  function tell(fact) {
    if (fact.kind === "log") return; // whoever clicked has been told; the Logs page tells the others
    const stays = LASTING.includes(fact.severity);
    const say = (kind) => toast(kind, fact.text, fact.correlation_id, { at: stays && fact.at, stays });
    if (LOST.includes(fact.severity)) say("refused");
    else if (isHalt(fact)) return; // an alert and the banner tell of it
    else if (fact.severity === "warning" && TROUBLE.includes(fact.kind)) say("warning");
    else if (fact.kind === "trade") say("told");
    else if (fact.kind === "command" && ["done", "failed"].includes(fact.body.status)) say("done");
  }

  const isHalt = (fact) => fact.kind === "control" && fact.body.after === "halted";

  window.desk = Object.assign(window.desk || {}, { toast, tell });
})();
