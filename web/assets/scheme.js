/* Sets light or dark before anything is painted, and tells the grid of it. */
"use strict";
(function () {
  const root = document.documentElement;
  const stored = localStorage.getItem("mantine-color-scheme-value");
  const wish = stored === "light" || stored === "dark" ? stored : matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  root.setAttribute("data-mantine-color-scheme", wish);
  const follow = () => { if (document.body) document.body.dataset.agThemeMode = root.getAttribute("data-mantine-color-scheme"); };
  new MutationObserver(follow).observe(root, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] });
  document.addEventListener("DOMContentLoaded", follow);
})();
