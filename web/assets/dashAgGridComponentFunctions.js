/* Cells of the grids. React puts texts in as text: a name is never markup. */
"use strict";
(function () {
  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});
  const go = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    history.pushState({}, "", event.currentTarget.getAttribute("href"));
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  };
  const link = (href, text) => React.createElement("a", { href, onClick: go }, text);
  cells.DosegateLink = (props) => link(props.data[props.href], props.value);
  cells.DosegateOpen = (props) => link(props.data.href, props.value || dosegateT("Open"));
  cells.DosegateVerdict = (props) =>
    React.createElement("a", { href: props.data.href, onClick: go, className: "verdict-link" },
      React.createElement("span", { className: "verdict verdict-" + props.data.tone }, props.value));
  cells.DosegateDecision = (props) => props.value &&
    React.createElement("span", { className: "verdict verdict-" + props.data.decision_tone }, props.value);
  cells.DosegatePlans = (props) =>
    React.createElement("span", { className: "cell-plans" }, (props.value || []).map((plan, i) =>
      React.createElement("span", { key: i, className: "verdict verdict-" + plan.tone, title: plan.label + ": " + plan.verdict },
        plan.label, React.createElement("span", { className: "visually-hidden" }, ": " + plan.verdict))));
  cells.DosegateMember = (props) => {
    const field = props.colDef.field;
    const reasons = props.data[field + "_reasons"] || [];
    return React.createElement("div", { className: "cell-member" },
      React.createElement("span", { className: "verdict verdict-" + props.data[field + "_tone"] }, props.value),
      reasons.map((each, i) =>
        React.createElement("span", { key: i, className: "sub", lang: each.lang || undefined }, each.words)));
  };
  cells.DosegateTerm = (props) => React.createElement("span", { lang: "en" }, props.value);
  cells.DosegateAge = (props) => props.data.age;
})();
