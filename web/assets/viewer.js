/* The slice viewer: three panes at one point, and what is shown in them. `web/components/viewer.py` is its other half. */
"use strict";
(function () {
  const { Slices, Unavailable } = window.dosegateSlices;
  const { Pane, dot, minus } = window.dosegatePane;
  const paint = window.dosegatePaint;
  const WINDOWS = [["mediastinum", 40, 400], ["lung", -600, 1500], ["bone", 400, 1800]]; // centre and width, HU
  let last = null;

  const make = (tag, attributes, ...children) => {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes || {})) {
      if (key.startsWith("on")) element.addEventListener(key.slice(2), value, key === "onwheel" ? { passive: false } : undefined);
      else if (value === true) element.setAttribute(key, "");
      else if (value !== false && value != null) element.setAttribute(key, value);
    }
    element.append(...children.filter((child) => child != null)); // strings become text nodes: names are text
    return element;
  };

  /* Builds a part anew and leaves the keyboard where it was. */
  const rebuilt = (part, ...children) => {
    const key = part.contains(document.activeElement) ? document.activeElement.dataset.key : null;
    part.replaceChildren(...children);
    const same = key && Array.from(part.querySelectorAll("[data-key]")).find((one) => one.dataset.key === key);
    if (same) same.focus({ preventScroll: true });
  };

  class Viewer {
    constructor(root) {
      this.root = root;
      this.make = make;
      this.content = JSON.parse(root.dataset.viewer);
      this.slices = new Slices(this.content.slices);
      this.scene = this.content.scenes[0];
      this.dose = this.scene.doses.length - 1 >= 0 ? this.scene.doses.findIndex((one) => one.kind === "sum physical") : -1;
      if (this.dose < 0 && this.scene.doses.length) this.dose = 0;
      this.opacity = 0.35;
      this.window = WINDOWS[0];
      this.greys = paint.greys(this.window[1], this.window[2]);
      this.chosen = []; // structures that one was sent to
      this.hidden = new Set(); // isodose levels, by their words
      this.point = this.firstPoint();
      this.build();
      this.show();
    }

    firstPoint() {
      const spot = this.spotOf(this.scene.structures.find((one) => one.protocol.some((name) => name.startsWith("PTV"))), "hottest");
      if (spot) return spot;
      const { origin, next, right, down, count, rows, columns } = this.scene.views.axial;
      return origin.map((value, axis) => value + (count >> 1) * next[axis] + (columns >> 1) * right[axis] + (rows >> 1) * down[axis]);
    }

    spotOf(structure, kind) {
      if (!structure) return null;
      const spot = structure.spots.find((one) => one.dose === this.dose);
      return spot ? spot[kind] : structure.centre;
    }

    build() {
      const titles = { axial: dosegateT("Axial"), coronal: dosegateT("Coronal"), sagittal: dosegateT("Sagittal") };
      this.panes = Object.entries(titles).map(([view, title]) => new Pane(this, view, title));
      this.status = make("p", { class: "viewer-status", role: "status" });
      this.bar = make("div", { class: "viewer-bar" });
      this.side = make("div", { class: "viewer-side" });
      this.root.replaceChildren(this.bar, make("div", { class: "viewer-body" }, make("div", { class: "viewer-panes" }, ...this.panes.map((pane) => pane.element)), this.side), this.status);
      this.buildBar();
      this.buildSide();
    }

    buildBar() {
      const option = (label, value, selected) => make("option", { value, selected }, label);
      const choice = (label, options, act) => make("label", {}, label, make("select", { "data-key": label, onchange: (event) => act(Number(event.target.value)) }, ...options));
      const parts = [];
      if (this.content.scenes.length > 1) {
        parts.push(choice(dosegateT("Images"), this.content.scenes.map((one, n) => option(one.label, n, one === this.scene)), (n) => this.setScene(n)));
      }
      const doses = this.scene.doses.map((one, n) => option(one.label, n, n === this.dose));
      parts.push(choice(dosegateT("Dose"), [option(dosegateT("none"), -1, this.dose < 0), ...doses], (n) => this.setDose(n)));
      parts.push(this.windowControls(), this.washControl());
      rebuilt(this.bar, ...parts);
    }

    windowControls() {
      const words = { mediastinum: dosegateT("Mediastinum"), lung: dosegateT("Lung"), bone: dosegateT("Bone") };
      const number = (label, at) => make("label", {}, label, make("input", { type: "number", step: "10", value: this.window[at], class: "viewer-number", "data-key": label, onchange: (event) => this.setFreeWindow(at, event.target.valueAsNumber) }));
      const buttons = WINDOWS.map((one) => make("button", { type: "button", "data-key": one[0], class: "button button-quiet button-small", "aria-pressed": String(one === this.window), onclick: () => this.setWindow(one) }, words[one[0]]));
      return make("fieldset", { class: "viewer-window" }, make("legend", {}, dosegateT("Window")), ...buttons, number(dosegateT("Centre, HU"), 1), number(dosegateT("Width, HU"), 2));
    }

    washControl() {
      const slider = make("input", { type: "range", min: "0", max: "100", step: "5", value: Math.round(100 * this.opacity), oninput: (event) => { this.opacity = event.target.valueAsNumber / 100; this.repaint(); } });
      return make("label", {}, dosegateT("Dose wash"), slider);
    }

    buildSide() {
      const { scene } = this, dose = scene.doses[this.dose];
      const warnings = [scene.ctNotice, dose ? dose.notice : ""].filter(Boolean);
      rebuilt(this.side,
        ...warnings.map((text) => make("p", { class: "notice notice-warn small" }, text)),
        ...(dose ? [this.levelList(dose)] : []), this.structureList());
    }

    levelList(dose) {
      const unit = dose.prescription ? "%" : "Gy";
      const rows = this.levels().map((one) => make("label", { class: "viewer-row" },
        make("input", { type: "checkbox", "data-key": one.words, checked: one.shown, onchange: () => { this.hidden[one.shown ? "add" : "delete"](one.words); this.buildSide(); this.repaint(); } }),
        this.swatch(one.colour), one.words, make("span", { class: "muted" }, unit === "%" ? `${one.gy.toFixed(2)} Gy` : "")));
      const field = make("input", { type: "text", "data-key": "levels", value: dose.levels.join(" "), onchange: (event) => this.setLevels(dose, event.target.value) });
      const hint = dose.prescription ? dosegateT("Levels, % of {gy} Gy", { gy: Number(dose.prescription.toFixed(2)) }) : dosegateT("Levels, Gy");
      return make("fieldset", {}, make("legend", {}, dosegateT("Isodoses")), ...rows, make("label", { class: "viewer-levels" }, hint, field));
    }

    structureList() {
      const all = (shown) => () => { for (const one of this.scene.structures) one.shown = shown; this.buildSide(); this.repaint(); };
      const button = (label, act) => make("button", { type: "button", "data-key": label, class: "button button-quiet button-small", onclick: act }, label);
      const rows = this.scene.structures.map((one) => make("div", { class: "viewer-row" + (this.chosen.includes(one) ? " is-chosen" : "") },
        make("label", {}, make("input", { type: "checkbox", "data-key": `show ${one.name}`, checked: one.shown, onchange: (event) => { one.shown = event.target.checked; this.repaint(); } }), this.swatch(one.colour), one.name),
        make("button", { type: "button", "data-key": `go ${one.name}`, class: "button button-bare button-small", "aria-label": dosegateT("Go to {name}", { name: one.name }), onclick: () => this.goTo([one], "hottest") }, "◎")));
      return make("fieldset", { class: "viewer-structures" }, make("legend", {}, dosegateT("Structures")),
        make("div", { class: "actions" }, button(dosegateT("All"), all(true)), button(dosegateT("None"), all(false))), ...rows);
    }

    swatch(colour) {
      const mark = make("span", { class: "viewer-swatch" });
      mark.style.background = colour;
      return mark;
    }

    setScene(number) {
      const chosen = this.scene.doses[this.dose];
      this.scene = this.content.scenes[number];
      this.dose = chosen ? this.doseLike(chosen) : -1;
      this.chosen = [];
      this.point = this.firstPoint();
      this.buildBar();
      this.buildSide();
      this.show();
    }

    doseLike({ kind, plan, alphaBeta }) {
      return this.scene.doses.findIndex((one) => one.kind === kind && one.plan === plan && one.alphaBeta === alphaBeta);
    }

    setDose(number) {
      this.dose = number;
      this.hidden.clear();
      this.buildSide();
      this.show();
    }

    setWindow(window) {
      this.window = window;
      this.greys = paint.greys(window[1], window[2]);
      this.buildBar();
      this.repaint();
    }

    setFreeWindow(at, value) {
      if (!Number.isFinite(value) || (at === 2 && value < 1)) return this.buildBar();
      const free = ["free", this.window[1], this.window[2]];
      free[at] = value;
      this.setWindow(free);
    }

    setLevels(dose, text) {
      const numbers = text.split(/[\s,;]+/).map(Number).filter((one) => Number.isFinite(one) && one > 0);
      if (numbers.length) dose.levels = [...new Set(numbers)].sort((a, b) => b - a).slice(0, paint.LINE_COLOURS.length);
      this.buildSide();
      this.repaint();
    }

    levels() {
      const dose = this.scene.doses[this.dose];
      if (!dose) return [];
      return dose.levels.map((level, n) => {
        const words = dose.prescription ? `${level} %` : `${level} Gy`;
        return { words, gy: dose.prescription ? (level / 100) * dose.prescription : level, colour: paint.LINE_COLOURS[n % paint.LINE_COLOURS.length], shown: !this.hidden.has(words) };
      });
    }

    /* The wash begins at the lowest level: below it the images stay as they are. */
    wash() {
      const dose = this.scene.doses[this.dose], levels = this.levels();
      if (!dose || !this.opacity) return null;
      return { fromGy: Math.min(...levels.map((one) => one.gy), dose.highest), highestGy: dose.highest, opacity: this.opacity, notKnown: this.content.notKnown };
    }

    image(view, number) {
      const { columns, rows } = this.scene.views[view];
      return this.slices.image(this.content.scenes.indexOf(this.scene), view, number, columns * rows);
    }

    doseOn(view, number) {
      return this.dose < 0 ? null : this.slices.dose(this.content.scenes.indexOf(this.scene), view, number, this.dose);
    }

    doseWords(found, { column, row }, point) {
      const dose = this.scene.doses[this.dose];
      if (!dose || !found) return "";
      const lacking = dose.parts.filter((part) => !this.reaches(part, point)).map((part) => part.label);
      const [left, top, right, bottom] = found.box;
      const inBox = column >= left && column < right && row >= top && row < bottom;
      const steps = inBox ? found.steps[(row - top) * (right - left) + column - left] : this.content.notKnown;
      if (steps === this.content.notKnown || lacking.length === dose.parts.length) return dosegateT("outside the dose grid");
      const value = `${(steps * found.stepGy).toFixed(2)} Gy`;
      return lacking.length ? dosegateT("at least {dose}: {plans} not known here", { dose: value, plans: lacking.join(", ") }) : value;
    }

    reaches(part, point) {
      const m = part.toScene, away = [point[0] - m[3], point[1] - m[7], point[2] - m[11]];
      const [a, b, c] = [0, 1, 2].map((column) => [m[column], m[4 + column], m[8 + column]]);
      const cross = (u, v) => [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
      const volume = dot(a, cross(b, c));
      const index = [dot(away, cross(b, c)), dot(away, cross(c, a)), dot(away, cross(a, b))].map((one) => one / volume);
      return index.every((one, axis) => one >= part.low[axis] - 1e-3 && one <= part.high[axis] + 1e-3);
    }

    moveTo(point) {
      this.point = point;
      this.show();
    }

    goTo(structures, kind, place) {
      this.chosen = structures;
      for (const one of structures) one.shown = true;
      this.buildSide();
      this.side.querySelector(".is-chosen").scrollIntoView({ block: "nearest" });
      const spot = place && place.spots.find((one) => one.dose === this.dose);
      this.moveTo(spot ? spot[kind] : this.spotOf(structures[0], kind));
    }

    /* From another part of the page: {structure, sites, kind, plan, alphaBeta, spot}. */
    go(target) {
      const meant = (scene) => this.meant(scene, target), holds = (scene) => meant(scene).length;
      const scene = holds(this.scene) ? this.scene : this.content.scenes.find(holds);
      if (!scene) return this.tell(new Unavailable(dosegateT("No outline of {name} is kept.", { name: target.structure })));
      if (scene !== this.scene) this.setScene(this.content.scenes.indexOf(scene));
      const dose = this.doseLike(target);
      if (dose >= 0 && dose !== this.dose) { this.setDose(dose); this.buildBar(); }
      this.goTo(meant(scene), target.spot, this.placeOf(scene, target));
      this.root.scrollIntoView({ block: "nearest" });
    }

    /* What the protocol makes from several regions; a row on one of several targets is on its own region. */
    placeOf(scene, { structure, sites }) {
      const place = scene.places.find((one) => one.structure === structure);
      return place && place.sites.every((name) => !sites.length || sites.includes(name)) ? place : undefined;
    }

    meant(scene, target) {
      const place = this.placeOf(scene, target), names = place ? place.sites : target.sites;
      return scene.structures.filter((one) => (names.length ? names.includes(one.name) : one.protocol.includes(target.structure)));
    }

    show() {
      this.status.textContent = "";
      for (const pane of this.panes) pane.show();
    }

    repaint() {
      for (const pane of this.panes) pane.paint();
    }

    tell(problem) {
      this.status.textContent = problem instanceof Unavailable ? problem.message : dosegateT("The slice could not be loaded. Look whether the server can be reached, and try again.");
    }
  }

  const mount = () => {
    for (const root of document.querySelectorAll(".viewer[data-viewer]:empty")) last = new Viewer(root);
  };
  new MutationObserver(mount).observe(document, { childList: true, subtree: true });

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.dosegate_viewer = {
    go: (target) => {
      if (target && last && last.root.isConnected) last.go(target);
      return target;
    },
  };
})();
