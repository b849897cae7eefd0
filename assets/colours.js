/* Colours of charts. Figures name tokens, `var(--gain)`; Plotly gets what the theme makes of them. */
(function () {
  "use strict";

  const TOKEN = /^var\(--[a-z-]+\)$/;
  const AXIS = { gridcolor: "var(--line)" };
  const isTouched = matchMedia("(pointer: coarse)").matches; // a finger on a chart scrolls the page
  const THEME = { // of every chart, where its own figure says nothing else
    layout: {
      dragmode: isTouched ? false : "zoom",
      font: { color: "var(--text-quiet)" }, xaxis: AXIS, yaxis: AXIS,
      hoverlabel: { bgcolor: "var(--background)", bordercolor: "var(--line)", font: { color: "var(--text)" } },
      shapedefaults: { line: { color: "var(--text-quiet)" } },
    },
  };
  const probe = document.createElement("span");
  const known = new Map(); // of this theme; to ask lays out anew what has changed in the page

  function read(token) { // as the page itself would show it
    if (!probe.isConnected) document.body.append(probe);
    probe.hidden = true;
    probe.style.color = token;
    return getComputedStyle(probe).color;
  }

  function colourOf(token) {
    if (!known.has(token)) known.set(token, read(token));
    return known.get(token);
  }

  const isToken = (value) => typeof value === "string" && TOKEN.test(value);
  const mayName = (value) => isToken(value) || (typeof value === "object" && value !== null);

  /* What is shown, in the colours that were asked for. Long lists of figures are shared, not copied. */
  function coloured(asked, shown) {
    if (isToken(asked)) return colourOf(asked);
    if (!mayName(asked) || (Array.isArray(asked) && !asked.some(mayName))) return shown;
    const made = Array.isArray(asked) ? [...shown] : { ...shown };
    Object.keys(asked).forEach((name) => { made[name] = coloured(asked[name], shown[name]); });
    return made;
  }

  function figureOf(asked, shown) {
    const layout = { ...coloured(asked.layout, shown.layout), template: coloured(THEME, THEME) };
    return { data: coloured(asked.data, shown.data), layout };
  }

  function colourCharts() { // once Plotly is there
    const draw = Plotly.react;
    const redraw = (graph) => draw(graph, figureOf(graph.asked, graph)); // with what came since, and its zoom
    const recolour = () => {
      known.clear();
      document.querySelectorAll(".js-plotly-plot").forEach((graph) => graph.asked && redraw(graph));
    };
    Plotly.react = (graph, figure) => {
      graph.asked = { data: figure.data || [], layout: figure.layout || {} };
      return draw(graph, { ...figure, ...figureOf(graph.asked, graph.asked) });
    };
    new MutationObserver(recolour).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  }

  window.desk = Object.assign(window.desk || {}, { colourCharts });
})();
