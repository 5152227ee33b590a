/* The page's title, and focus on the new page after a navigation. */
"use strict";
window.dash_clientside = window.dash_clientside || {};
window.dash_clientside.dosegate = {
  title: function (title) {
    if (title) document.title = title + " · Dosegate";
    return title;
  },
};
