/* A text in the language of the person who reads: English is the key, the page holds the translations. */
"use strict";
(function () {
  let texts = null;
  const read = () => {
    const holder = document.getElementById("frame-words");
    return holder ? (texts = JSON.parse(holder.dataset.words || "{}")) : {};
  };
  window.dosegateT = (text, values = {}) =>
    ((texts || read())[text] || text).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
})();
