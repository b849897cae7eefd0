/* The Audit page: its filters stand in the address, and the files hold what they leave. */
(function () {
  "use strict";

  function midnight(day, days) { // what is no date leaves nothing out, as on the server
    const at = Date.parse(day);
    return Number.isNaN(at) ? "" : new Date(at + days * 86400000).toISOString();
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.audit = {
    narrow(actor, action, outcome, way, first, last) {
      desk.keepInAddress({ actor, action, outcome, way, first, last });
      const words = { actor, action, outcome, way, since: midnight(first, 0), until: midnight(last, 1) };
      const said = Object.entries(words).filter(([, value]) => value && value !== "any");
      return ["csv", "json"].map((format) =>
        "/api/v1/audit/export?" + new URLSearchParams([["format", format], ...said]));
    },
  };
})();
