/* One pane of the slice viewer: a view's slices on a canvas, moved by wheel and keys, read under the pointer. */
"use strict";
(function () {
  const paint = window.dosegatePaint;
  const FAR = 10, AHEAD = 2, MOST_ZOOM = 8;
  const SIGNS = [["R", "L"], ["A", "P"], ["I", "S"]];

  const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const minus = (a, b) => [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
  const length = (a) => Math.sqrt(dot(a, a));
  const within = (value, low, high) => Math.min(Math.max(value, low), high);
  const millimetres = (point) => point.map((value, axis) => `${SIGNS[axis][value < 0 ? 0 : 1]} ${Math.abs(value).toFixed(1)}`).join(" · ") + " mm";

  class Pane {
    constructor(viewer, view, title) {
      this.viewer = viewer;
      this.view = view;
      this.title = title;
      this.zoom = 1;
      this.pointer = null;
      this.painted = null; // what is on the canvas: {number, image, dose}
      this.sheets = { ct: document.createElement("canvas"), wash: document.createElement("canvas") };
      this.build();
    }

    build() {
      const make = this.viewer.make;
      this.canvas = make("canvas", { "aria-hidden": "true" });
      this.place = make("span", { class: "viewer-place" });
      this.readout = make("span", { class: "viewer-readout" });
      this.letters = Object.fromEntries(["left", "right", "top", "bottom"].map((side) => [side, make("span", { class: `viewer-letter viewer-${side}` })]));
      this.element = make("div", {
        class: `viewer-pane viewer-${this.view}`, tabindex: "0", role: "slider", "aria-orientation": "vertical", "aria-label": this.title,
        onwheel: (event) => this.wheel(event), onkeydown: (event) => this.key(event), onpointermove: (event) => this.move(event),
        onpointerleave: () => this.leave(), onclick: (event) => this.click(event), ondblclick: () => this.setZoom(1),
      }, this.canvas, ...Object.values(this.letters), make("span", { class: "viewer-title" }, this.title), this.place, this.readout);
      new ResizeObserver(() => this.paint()).observe(this.element);
    }

    get geometry() { return this.viewer.scene.views[this.view]; }
    get number() {
      const { origin, next, count } = this.geometry;
      return within(Math.round(dot(minus(this.viewer.point, origin), next) / dot(next, next)), 0, count - 1);
    }

    wheel(event) {
      if (!event.deltaY) return;
      event.preventDefault();
      if (event.ctrlKey) this.setZoom(this.zoom * (event.deltaY < 0 ? 1.25 : 0.8));
      else this.step(event.deltaY < 0 ? 1 : -1);
    }

    key(event) {
      const steps = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: FAR, PageDown: -FAR, Home: -Infinity, End: Infinity };
      const zooms = { "+": 1.25, "-": 0.8 };
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key in steps) this.step(steps[event.key]);
      else if (event.key in zooms) this.setZoom(this.zoom * zooms[event.key]);
      else if (event.key === "0") this.setZoom(1);
      else return;
      event.preventDefault();
    }

    step(by) {
      const { next, count } = this.geometry, from = this.number, to = within(from + by, 0, count - 1);
      if (to === from) return;
      this.ahead = Math.sign(by);
      this.asked = performance.now();
      this.viewer.moveTo(this.viewer.point.map((value, axis) => value + (to - from) * next[axis]));
    }

    setZoom(zoom) {
      this.zoom = within(zoom, 1, MOST_ZOOM);
      this.paint();
    }

    /* Where pixels lie on the canvas, in its own units. */
    layout() {
      const { columns, rows, right, down, origin } = this.geometry, ratio = Math.min(window.devicePixelRatio || 1, 2);
      const width = Math.round(this.element.clientWidth * ratio), height = Math.round(this.element.clientHeight * ratio);
      const wide = length(right), high = length(down);
      const scale = Math.min(width / (columns * wide), height / (rows * high)) * this.zoom;
      const away = minus(this.viewer.point, origin), cross = [dot(away, right) / dot(right, right), dot(away, down) / dot(down, down)];
      const start = (size, count, step, at) => {
        const whole = count * step * scale;
        return this.zoom > 1 ? within(size / 2 - (at + 0.5) * step * scale, Math.min(size - whole, 0), Math.max(size - whole, 0)) : (size - whole) / 2;
      };
      const left = start(width, columns, wide, cross[0]), top = start(height, rows, high, cross[1]);
      const x = (column) => left + (column + 0.5) * wide * scale, y = (row) => top + (row + 0.5) * high * scale;
      return { width, height, ratio, cross, x, y, column: (at) => (at - left) / (wide * scale) - 0.5, row: (at) => (at - top) / (high * scale) - 0.5 };
    }

    /* Shows the slice of the viewer's point: at once if it is here, else as soon as it comes, if it is still wanted. */
    show() {
      const wanted = this.number, { viewer } = this;
      const image = viewer.image(this.view, wanted), dose = viewer.doseOn(this.view, wanted);
      this.describe(wanted);
      if (!(image instanceof Promise) && !(dose instanceof Promise)) return this.take({ number: wanted, image, dose });
      this.paint(); // the crosshair moves meanwhile
      Promise.all([image, dose]).then(
        ([image, dose]) => { if (this.number === wanted) this.take({ number: wanted, image, dose }); },
        (problem) => viewer.tell(problem));
    }

    take(found) {
      this.painted = found;
      this.stale = true;
      this.paint();
      this.fetchAhead(found.number);
    }

    fetchAhead(number) {
      for (let n = 1; n <= AHEAD; n++) {
        for (const side of this.ahead ? [this.ahead] : [1, -1]) {
          const next = number + side * n;
          if (next >= 0 && next < this.geometry.count) { this.viewer.image(this.view, next); this.viewer.doseOn(this.view, next); }
        }
      }
    }

    describe(number) {
      const { count, origin, next } = this.geometry, at = origin.map((value, axis) => value + number * next[axis]);
      const axis = [0, 1, 2].reduce((best, one) => (Math.abs(next[one]) > Math.abs(next[best]) ? one : best), 0);
      const words = dosegateT("Slice {n} of {of}, {place} mm", { n: number + 1, of: count, place: `${SIGNS[axis][at[axis] < 0 ? 0 : 1]} ${Math.abs(at[axis]).toFixed(1)}` });
      this.place.textContent = words;
      const set = { "aria-valuemin": 1, "aria-valuemax": count, "aria-valuenow": number + 1, "aria-valuetext": words };
      for (const [name, value] of Object.entries(set)) this.element.setAttribute(name, value);
      for (const [side, letters] of Object.entries(this.geometry.letters)) this.letters[side].textContent = letters;
    }

    paint() {
      if (this.waiting) return;
      this.waiting = requestAnimationFrame(() => { this.waiting = 0; this.draw(); });
    }

    draw() {
      const layout = this.layout(), { canvas } = this, { width, height } = layout;
      if (!width || !height || !this.painted) return;
      if (canvas.width !== width || canvas.height !== height) { canvas.width = width; canvas.height = height; }
      const context = canvas.getContext("2d");
      context.fillStyle = "#000";
      context.fillRect(0, 0, width, height);
      this.drawImage(context, layout);
      this.drawDose(context, layout);
      this.drawOutlines(context, layout);
      this.drawCross(context, layout);
      this.stale = false;
      this.read();
      this.measured();
    }

    drawImage(context, { x, y }) {
      const { hu } = this.painted.image, { columns, rows } = this.geometry;
      if (!hu) return;
      if (this.stale || this.table !== this.viewer.greys) paint.paintCt(this.sheets.ct, hu, columns, rows, this.table = this.viewer.greys);
      context.imageSmoothingEnabled = true;
      context.drawImage(this.sheets.ct, x(-0.5), y(-0.5), x(columns - 0.5) - x(-0.5), y(rows - 0.5) - y(-0.5));
    }

    drawDose(context, { x, y, ratio }) {
      const { dose } = this.painted, { viewer } = this;
      if (!dose) return;
      const [left, top, right, bottom] = dose.box, wash = viewer.wash();
      if (wash && paint.paintWash(this.sheets.wash, dose, wash)) {
        context.drawImage(this.sheets.wash, x(left - 0.5), y(top - 0.5), x(right - 0.5) - x(left - 0.5), y(bottom - 0.5) - y(top - 0.5));
      }
      const levels = viewer.levels().filter((one) => one.shown).sort((a, b) => a.gy - b.gy);
      if (!levels.length) return;
      const lines = paint.isolines(dose, levels.map((one) => one.gy / dose.stepGy), viewer.content.notKnown);
      const place = { x: (column) => x(column + left), y: (row) => y(row + top) };
      context.font = `${11 * ratio}px system-ui, sans-serif`;
      levels.forEach((one, n) => {
        context.strokeStyle = one.colour;
        context.lineWidth = 1.4 * ratio;
        paint.strokePieces(context, lines[n], place);
      });
      levels.forEach((one, n) => paint.label(context, one.words, lines[n], place, { colour: one.colour, turn: (n * 2 * Math.PI) / levels.length - 1 }));
    }

    drawOutlines(context, layout) {
      for (const outline of this.painted.image.outlines) {
        const structure = this.viewer.scene.structures[outline.structure];
        if (!structure.shown) continue;
        const chosen = this.viewer.chosen.includes(structure);
        for (const [colour, width] of [["rgba(0, 0, 0, 0.6)", chosen ? 4.5 : 3], [structure.colour, chosen ? 3 : 1.6]]) {
          context.strokeStyle = colour;
          context.lineWidth = width * layout.ratio;
          paint.strokeOutline(context, outline, layout);
        }
      }
    }

    drawCross(context, { x, y, cross, width, height, ratio }) {
      const at = [x(cross[0]), y(cross[1])], gap = 10 * ratio;
      context.strokeStyle = "rgba(255, 255, 255, 0.55)";
      context.lineWidth = ratio;
      context.beginPath();
      for (const [from, to] of [[[0, at[1]], [at[0] - gap, at[1]]], [[at[0] + gap, at[1]], [width, at[1]]], [[at[0], 0], [at[0], at[1] - gap]], [[at[0], at[1] + gap], [at[0], height]]]) {
        context.moveTo(...from);
        context.lineTo(...to);
      }
      context.stroke();
    }

    move(event) {
      this.pointer = this.pixelAt(event);
      this.read();
    }

    leave() {
      this.pointer = null;
      this.read();
    }

    click(event) {
      const pixel = this.pixelAt(event);
      if (pixel) this.viewer.moveTo(this.pointOf(pixel));
    }

    pixelAt(event) {
      const box = this.element.getBoundingClientRect(), layout = this.layout();
      return this.inside(layout.column((event.clientX - box.left - this.element.clientLeft) * layout.ratio), layout.row((event.clientY - box.top - this.element.clientTop) * layout.ratio));
    }

    inside(column, row) {
      const at = { column: Math.round(column), row: Math.round(row) }, { columns, rows } = this.geometry;
      return at.column >= 0 && at.row >= 0 && at.column < columns && at.row < rows ? at : null;
    }

    pointOf({ column, row }) {
      const { origin, next, right, down } = this.geometry;
      return origin.map((value, axis) => value + this.number * next[axis] + column * right[axis] + row * down[axis]);
    }

    /* What lies under the pointer, else under the crosshair: HU, Gy and where. */
    read() {
      const { painted } = this;
      if (!painted || painted.number !== this.number) return;
      const at = this.pointer || this.inside(...this.layout().cross);
      if (!at) return void (this.readout.textContent = "");
      const point = this.pointOf(at), hu = painted.image.hu && painted.image.hu[at.row * this.geometry.columns + at.column];
      const words = [hu === null ? dosegateT("no CT") : `${hu} HU`, this.viewer.doseWords(painted.dose, at, point), millimetres(point)];
      this.readout.textContent = words.filter(Boolean).join("   ");
    }

    /* How long a change of slice took until it was painted, for whoever looks at the browser's user timing. */
    measured() {
      const { asked } = this;
      if (!asked || this.painted.number !== this.number) return;
      this.asked = 0;
      setTimeout(() => performance.measure("dosegate-slice", { start: asked, end: performance.now(), detail: { view: this.view, number: this.painted.number } }));
    }
  }

  window.dosegatePane = { Pane, dot, minus };
})();
