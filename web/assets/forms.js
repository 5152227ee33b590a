/* What is wrong with an answer as one types, by the limits that the field brings; the server says the same. */
"use strict";
(function () {
  const NUMBER = /^[+-]?[0-9]{1,12}(\.[0-9]{1,12})?$/;
  const WHOLE = /^[+-]?[0-9]{1,12}$/;
  const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;

  const number = (text, rules) => {
    if (!(rules.whole ? WHOLE : NUMBER).test(text)) return "number";
    if (rules.least !== null && Number(text) < rules.least) return "least";
    return rules.most !== null && Number(text) > rules.most ? "most" : null;
  };
  const day = (text, rules) => {
    const read = new Date(text + "T00:00:00Z");
    if (!DATE.test(text) || isNaN(read) || read.toISOString().slice(0, 10) !== text) return "date";
    if (rules.earliest && text < rules.earliest) return "earliest";
    return rules.latest && text > rules.latest ? "latest" : null;
  };
  const broken = (value, rules) => {
    const text = value === null || value === undefined ? "" : String(value).trim();
    if (!text) return rules.required ? "required" : null;
    if (rules.kind === "number") return number(text, rules);
    if (rules.kind === "date") return day(text, rules);
    return (rules.kind === "text" || rules.kind === "long text") && text.length > rules.longest ? "longest" : null;
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.dosegateForms = {
    check: (value, rules) => {
      const rule = rules ? broken(value, rules) : null;
      return rule ? rules.words[rule] : null;
    },
    hidden: (values, ids, rows, ruled, rules) => rows.map((row) => {
      const own = rules[ruled.findIndex((id) => id.field === row.field)];
      const [name, wanted] = own.shown_when;
      const at = ids.findIndex((id) => id.field === name);
      return at < 0 || !wanted.includes(values[at] || "");
    }),
    /* After a refusal the first field that is marked has the focus; React marks it a moment later. */
    look: (answer, id) => {
      if (answer) setTimeout(() => {
        const form = [...document.querySelectorAll("[data-form]")].find((each) => each.dataset.form === id.form);
        const marked = form && form.querySelector("[aria-invalid=true]");
        if (marked) marked.focus();
      }, 50);
      return window.dash_clientside.no_update;
    },
  };

  /* A button sends once: the second half of a double click, or a key held down, is none. */
  document.addEventListener("click", (event) => {
    const button = event.target.closest && event.target.closest("[data-submit]");
    if (!button) return;
    if (event.detail > 1) { event.preventDefault(); event.stopPropagation(); return; }
  }, true);

  /* Nothing is sent past the callbacks: the browser's own sending would load the page anew. */
  document.addEventListener("submit", (event) => { if (event.target.dataset.form) event.preventDefault(); }, true);

  /* Enter in a field sends, as in every form; not in a long text, a choice or a button. */
  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.key !== "Enter" || event.repeat || event.isComposing || !(field instanceof HTMLInputElement)) return;
    const form = field.closest(".form");
    if (!form || field.getAttribute("aria-haspopup") || ["radio", "checkbox"].includes(field.type)) return;
    event.preventDefault();
    const button = form.querySelector("[data-submit]");
    if (button && !button.disabled) setTimeout(() => button.click(), 0); // the typed value travels first
  });
})();
