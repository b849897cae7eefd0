/* The header grows by a banner and shrinks again; what somebody points at stays where it is. */
(function () {
  "use strict";

  const SETTLED_AFTER = 1000; // ms after the first picture: until then the page is still being made
  const anchors = CSS.supports("overflow-anchor", "auto"); // then the browser itself keeps what was scrolled
  let settled = false;

  /* At its very top a page has nothing above it to give way: it is scrolled below the header instead. */
  function keepStill() {
    const header = document.querySelector("header.top");
    if (!header) return; // nobody is logged in
    let height = header.offsetHeight;
    new ResizeObserver(() => {
      const grown = header.offsetHeight - height;
      height += grown;
      const isKept = anchors && scrollY > 0;
      if (settled && !isKept && document.querySelector("main:hover")) {
        scrollBy({ top: grown, behavior: "instant" });
      }
    }).observe(header);
  }

  document.addEventListener("desk:snapshot", () => {
    setTimeout(() => { settled = true; }, SETTLED_AFTER);
  }, { once: true });

  window.desk = Object.assign(window.desk || {}, { keepStill });
})();
