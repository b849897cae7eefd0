/* A phone folds panels to their titles, so that the one below is not a long way off. */
(function () {
  "use strict";

  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest(".fold");
    if (!button) return;
    const folded = button.closest(".panel").toggleAttribute("data-folded");
    button.setAttribute("aria-expanded", String(!folded));
  });
})();
