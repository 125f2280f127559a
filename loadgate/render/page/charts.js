"use strict";
// Draws the charts of the page from the data in it. Nothing is fetched, nothing is evaluated.
(() => {
  const page = JSON.parse(document.getElementById("chart-data").textContent);
  const refuse = () => Promise.reject(new Error("this page fetches nothing"));
  const options = {
    actions: false,
    ast: true, // expressions are interpreted, so that the page needs no 'unsafe-eval'
    defaultStyle: false,
    loader: { load: refuse, sanitize: refuse, http: refuse, file: refuse },
    mode: "vega-lite",
    renderer: "svg", // whose colours follow the style sheet: light, dark, print
    tooltip: { disableDefaultStyle: true, id: "tip", theme: "page" },
  };
  for (const [id, spec] of Object.entries(page.charts)) {
    const place = document.getElementById(id);
    const datasets = structuredClone(page.datasets); // Vega writes into what it is given
    window.vegaEmbed(place, { ...spec, datasets }, options).then(
      () => place.classList.add("drawn"),
      () => place.append("This browser cannot draw the chart; the tables have its numbers."),
    );
  }
})();
