/* Plotly is more script than all the rest. It comes at once, but runs after what a person acts by. */
(function () {
  "use strict";

  const PLOTLY = document.currentScript.dataset.plotly;
  const AT_LAST = 3000; // ms; charts are drawn even while the feed is silent

  function load() {
    return new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = PLOTLY;
      script.onload = () => { desk.colourCharts(); done(); };
      script.onerror = failed;
      document.head.append(script);
    });
  }

  const shown = new Promise((done) => {
    document.addEventListener("desk:snapshot", done, { once: true });
    setTimeout(done, AT_LAST);
  });
  const whenIdle = window.requestIdleCallback || ((done) => setTimeout(done, 1)); // Safari has none
  const idle = () => new Promise((done) => whenIdle(done, { timeout: 500 }));

  const fetched = () => // into the browser's cache, behind whatever else is on the line
    fetch(PLOTLY, { priority: "low" }).then((answer) => answer.blob()).catch(() => {});

  let loading = null;

  /* Dash's charts wait for whatever stands here; Plotly itself takes this place when it comes. */
  window.Plotly = window.Plotly || {
    then(done, failed) {
      loading = loading || Promise.all([shown.then(idle), fetched()]).then(load);
      loading.catch(() => { loading = null; }); // the next chart tries again
      loading.then(done, failed);
    },
  };
})();
