/* Slices of a viewer: asked for, unpacked and kept for a while, so that scrolling back asks for nothing. */
"use strict";
(function () {
  const MOST_KEPT = 160; // some 60 MB of images at 512 x 512

  class Unavailable extends Error {}

  const unpack = async (answer) => {
    const bytes = await answer.arrayBuffer();
    const length = new DataView(bytes).getUint32(0, true);
    const header = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
    return { header, bytes, start: 4 + length };
  };

  const outlinesOf = (header, coordinates) => {
    let at = 0;
    const take = (count) => coordinates.subarray(at, (at += count));
    return header.outlines.map((one) => ({
      structure: one.structure,
      between: one.between,
      lines: one.lines.map((points) => take(2 * points)),
      segments: take(4 * one.segments),
    }));
  };

  const imageOf = ({ header, bytes, start }, pixels) => {
    const end = header.ct ? bytes.byteLength - 2 * pixels : bytes.byteLength;
    const coordinates = new Float32Array(bytes, start, (end - start) / 4);
    return { outlines: outlinesOf(header, coordinates), hu: header.ct ? new Int16Array(bytes, end, pixels) : null };
  };

  const doseOf = ({ header, bytes, start }) => ({
    box: header.box, stepGy: header.step_gy, steps: new Uint16Array(bytes, start),
  });

  class Slices {
    constructor(base) {
      this.base = base;
      this.kept = new Map(); // address -> promise, the least recently wanted first
      this.ready = new Map(); // address -> what it became
    }

    image(scene, view, number, pixels) {
      return this.get(`${this.base}/${scene}/${view}/${number}/image`, (packed) => imageOf(packed, pixels));
    }

    dose(scene, view, number, dose) {
      return this.get(`${this.base}/${scene}/${view}/${number}/dose/${dose}`, doseOf);
    }

    /* Gives what is there already, else a promise: a slice that was fetched ahead is painted in the same frame. */
    get(address, read) {
      const known = this.kept.get(address);
      if (known) {
        this.kept.delete(address);
        this.kept.set(address, known);
        return this.ready.get(address) || known;
      }
      const asked = this.ask(address, read);
      this.kept.set(address, asked);
      asked.then((found) => { if (this.kept.has(address)) this.ready.set(address, found); }, () => this.forget(address));
      if (this.kept.size > MOST_KEPT) this.forget(this.kept.keys().next().value);
      return asked;
    }

    forget(address) {
      this.kept.delete(address);
      this.ready.delete(address);
    }

    async ask(address, read) {
      const answer = await fetch(address, { headers: { Accept: "application/json" } });
      if (answer.ok) return read(await unpack(answer));
      const said = await answer.json().catch(() => ({}));
      throw new Unavailable(said.message || String(answer.status));
    }
  }

  window.dosegateSlices = { Slices, Unavailable };
})();
