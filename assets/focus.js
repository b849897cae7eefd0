/* Where the focus goes: to the page somebody came to. */
(function () {
  "use strict";

  let place = null; // the path that is shown

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
    place = path;
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest || !event.target.closest("a.skip")) return;
    event.preventDefault(); // addresses are shared, and this is no part of one
    focusOn(page());
  });

  window.desk = Object.assign(window.desk || {}, { arrive });
})();
