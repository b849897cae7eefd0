/* The accounts of the Settings: brokers are asked about them now and then, and nothing tells of it. */
(function () {
  "use strict";

  const EVERY = 20000; // ms

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.accounts = {
    due(_tick, last) {
      const now = performance.now();
      return desk.isLive() && now - (last || 0) >= EVERY ? now : dash_clientside.no_update;
    },
  };
})();
