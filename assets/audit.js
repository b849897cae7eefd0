/* The Audit page: its filters stand in the address; it follows what people do. */
(function () {
  "use strict";

  let known = null; // the newest row when the table was last asked

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.audit = {
    narrow(actor, action, outcome, way, first, last) {
      desk.narrow("audit-rows", { actor, action, outcome, way, first, last });
      return dash_clientside.no_update;
    },

    follow() { // rows that are there stay until their successors have come
      const newest = desk.state.status ? desk.state.status.audited : null;
      if (known !== null && newest !== null && known !== newest) desk.refresh("audit-rows");
      known = newest;
      return dash_clientside.no_update;
    },
  };
})();
