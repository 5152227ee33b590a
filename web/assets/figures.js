/* A figure as a picture, made here: on white, with its title, and nothing is asked of any other host. */
"use strict";
(function () {
  const PAPER = "#ffffff", INK = "#16242c", LINE = "#e3e8eb";
  const LONG_SIDE_PX = 1200;

  const plot = (id) => {
    const holder = document.getElementById(id);
    return holder && (holder.classList.contains("js-plotly-plot") ? holder : holder.querySelector(".js-plotly-plot"));
  };
  const printed = (layout) => {
    const copy = JSON.parse(JSON.stringify(layout));
    copy.paper_bgcolor = copy.plot_bgcolor = PAPER;
    copy.font = { ...copy.font, color: INK };
    for (const name of Object.keys(copy).filter((key) => /^[xy]axis/.test(key))) copy[name] = { ...copy[name], gridcolor: LINE };
    return copy;
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-picture]");
    const graph = button && plot(button.dataset.picture);
    if (!graph || !window.Plotly) return;
    const { width, height } = graph.getBoundingClientRect();
    window.Plotly.downloadImage({ data: graph.data, layout: printed(graph.layout), config: { staticPlot: true } }, {
      format: button.dataset.kind, filename: button.dataset.picture, scale: button.dataset.kind === "png" ? 2 : 1,
      width: LONG_SIDE_PX, height: Math.round(LONG_SIDE_PX * height / width),
    });
  });
})();
