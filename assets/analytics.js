/* The Analytics page. */
(function () {
  "use strict";

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.analytics = {
    narrow(first, last, symbol, side) {
      desk.keepInAddress({ first, last, symbol, side });
      return "";
    },
  };
})();
