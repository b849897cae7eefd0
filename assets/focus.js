/* Where the focus goes: to the page somebody came to, into a question, back again, and never nowhere. */
(function () {
  "use strict";

  const FIELDS = "input:not([type=checkbox]), select";
  let place = null; // the path that is shown
  let opener = null; // what had the focus before a question

  const page = () => document.getElementById("shell-page");

  function focusOn(box) {
    if (!box) return;
    box.tabIndex = -1; // until it is left: a click beside everything must not focus all of it
    box.addEventListener("blur", () => box.removeAttribute("tabindex"), { once: true });
    box.focus({ preventScroll: true });
  }

  /* After a link, what had the focus may be gone; whoever hears the page is told its name. */
  function arrive(path, name) {
    page().setAttribute("aria-label", name);
    if (place !== null && place !== path) focusOn(page());
    if (place !== path) opener = null; // nothing of the page before is kept
    place = path;
  }

  function intoQuestion(event) { // its box has got the focus, from elsewhere
    const box = event.target;
    if (!box.matches(".modal") || box.contains(event.relatedTarget)) return;
    opener = event.relatedTarget;
    const field = Array.from(box.querySelectorAll(FIELDS)).find((node) => node.checkVisibility());
    if (field) field.focus();
  }

  /* Enter in a field does what the question asks, only where its dialog says so. A key that is held
     down since it opened the question is no answer. */
  function answer(event) {
    if (event.key !== "Enter" || event.repeat || event.isComposing) return;
    const field = event.target.closest("[data-enter]");
    if (field) document.getElementById(field.dataset.enter).click();
  }

  /* What has the focus may be hidden or removed, as "Pause" is once it is done. Its panel gets it then, not
     the button that took its place: an Enter too many would resume. */
  function catchLost({ target, relatedTarget }) {
    const left = target.closest(".modal") ? opener : target;
    if (relatedTarget) return;
    setTimeout(() => {
      if (document.activeElement !== document.body || target.checkVisibility()) return;
      const panel = left && left.isConnected && left.closest(".panel");
      focusOn(panel || page());
    });
  }

  document.addEventListener("focusin", intoQuestion);
  document.addEventListener("focusout", catchLost);
  document.addEventListener("keydown", answer);
  function jump(box) { // to below the header, which stays at the top
    const header = document.querySelector("header.top").offsetHeight;
    const top = scrollY + box.getBoundingClientRect().top - header - 12;
    scrollTo({ top, behavior: "instant" }); // the focus is there at once, too
    focusOn(box);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest && event.target.closest("a:is(.skip, .jump)");
    if (!link) return;
    event.preventDefault(); // addresses are shared, and this is no part of one
    const box = document.getElementById(link.hash.slice(1));
    if (link.matches(".skip")) focusOn(box);
    else if (box) jump(box); // it may not have come yet
  });

  window.desk = Object.assign(window.desk || {}, { arrive });
})();
