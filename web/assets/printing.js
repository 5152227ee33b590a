/* Figures are drawn for the width of the window: for paper they are drawn anew, and back when that is done. */
"use strict";
(function () {
  const PAPER_WIDTH_PX = 660;
  const plots = () => Array.from(document.querySelectorAll(".js-plotly-plot")).filter((plot) => plot.layout);
  window.addEventListener("beforeprint", () => {
    if (!window.Plotly) return;
    for (const plot of plots()) window.Plotly.relayout(plot, { width: PAPER_WIDTH_PX, autosize: false });
  });
  window.addEventListener("afterprint", () => {
    if (!window.Plotly) return;
    for (const plot of plots()) window.Plotly.relayout(plot, { width: null, autosize: true });
  });
})();
