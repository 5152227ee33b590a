/* The page's title, and focus on the new page after a navigation. */
"use strict";
let pageWasShown = false;
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.dosegate = {
  title: function (title) {
    if (!title) return title;
    const before = document.title, page = document.getElementById("frame-page");
    document.title = title + " · Dosegate";
    // The first page is the browser's to announce; a later one is ours: the link that led to it is gone.
    if (pageWasShown && page && document.title !== before) page.focus({ preventScroll: true });
    pageWasShown = true;
    return title;
  },
};
