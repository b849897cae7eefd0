/* The Audit page: its filters stand in the address; it follows what people do. */
(function () {
  "use strict";

  const same = () => dash_clientside.no_update;
  const EVERY = 3000; // ms between two looks whether there is more

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.audit = {
    narrow(actor, action, outcome, way, first, last) {
      desk.narrow("audit-rows", { actor, action, outcome, way, first, last });
      return same();
    },

    due(_tick, last) {
      const now = Math.floor(Date.now() / EVERY);
      return now === last || !desk.isLive() ? same() : now;
    },

    follow() { // rows that are there stay until their successors have come
      desk.refresh("audit-rows");
      return same();
    },
  };
})();
