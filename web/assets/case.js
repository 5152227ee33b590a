/* The case page: a row of the criteria is looked at, the slices go over the whole window and back. */
"use strict";
(function () {
  const CHOSEN = "report-chosen";

  /* Marks the row and tells the page its number; callbacks and the viewer do the rest. */
  const lookAt = (row) => {
    for (const one of document.querySelectorAll("#report-criteria tr.is-chosen")) {
      one.classList.remove("is-chosen");
      one.querySelector(".row-button").setAttribute("aria-pressed", "false");
    }
    row.classList.add("is-chosen");
    row.querySelector(".row-button").setAttribute("aria-pressed", "true");
    window.dash_clientside.set_props(CHOSEN, { data: Number(row.dataset.number) });
  };

  const setWide = (wide) => {
    const slices = document.querySelector(".case-slices");
    if (!slices) return;
    slices.classList.toggle("is-wide", wide);
    const button = slices.querySelector(".case-wide");
    if (button) button.textContent = wide ? button.dataset.narrow : button.dataset.wide;
    if (button) button.focus();
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest(".case-wide")) return setWide(!document.querySelector(".case-slices").classList.contains("is-wide"));
    for (const menu of document.querySelectorAll(".case-menu[open]")) if (!menu.contains(event.target)) menu.open = false;
    const link = event.target.closest("a[href^='#criterion-']");
    if (link) return lookAt(document.querySelector(link.getAttribute("href")));
    const row = event.target.closest("#report-criteria tr[data-number]");
    if (row && !event.target.closest("a, summary") && !String(window.getSelection())) lookAt(row);
  });

  const neighbour = (button, by) => {
    const shown = Array.from(document.querySelectorAll("#report-criteria .row-button")).filter((one) => one.offsetParent);
    return shown[shown.indexOf(button) + by];
  };

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      if (document.querySelector(".case-slices.is-wide")) setWide(false);
      for (const menu of document.querySelectorAll(".case-menu[open]")) menu.open = false;
    }
    const button = event.target.closest && event.target.closest("#report-criteria .row-button");
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const next = button && by && neighbour(button, by);
    if (!next) return;
    event.preventDefault();
    next.focus();
    lookAt(next.closest("tr"));
  });

  /* A link into the page, or its address of review, leads to its part once that is there. */
  const arrive = () => {
    const page = document.querySelector(".case:not([data-arrived])");
    if (!page) return;
    page.dataset.arrived = "yes";
    const place = location.hash.slice(1) || (location.pathname.endsWith("/review") ? "decision" : "");
    const part = place && document.getElementById(place);
    if (part) requestAnimationFrame(() => part.scrollIntoView());
  };
  new MutationObserver(arrive).observe(document, { childList: true, subtree: true });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.dosegate_case = { show: (which) => (which === "look" ? "only-look" : "") };
})();
