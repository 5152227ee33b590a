/* Paints one slice: Hounsfield units through a window, dose as a wash and as isodose lines, outlines. */
"use strict";
(function () {
  // Plasma, by Smith and van der Walt (CC0): grows evenly lighter, so that it reads in grey as well.
  const PLASMA = [[13, 8, 135], [70, 3, 159], [114, 1, 168], [156, 23, 158], [189, 55, 134], [216, 87, 107], [237, 121, 83], [251, 159, 58], [253, 202, 38], [240, 249, 33]];
  const LINE_COLOURS = ["#ff6b6b", "#ffa94d", "#ffe066", "#8ce99a", "#3bc9db", "#74a8ff", "#b197fc", "#f783ac"];
  const WASH_STEPS = 256;

  const washColour = (share) => {
    const at = Math.min(Math.max(share, 0), 1) * (PLASMA.length - 1), low = Math.min(Math.floor(at), PLASMA.length - 2);
    return PLASMA[low].map((from, n) => Math.round(from + (at - low) * (PLASMA[low + 1][n] - from)));
  };

  /* Grey of every Hounsfield unit that an int16 can hold; PS3.3 C.11.2.1.2.1, linear. */
  const greys = (centre, width) => {
    const table = new Uint32Array(65536), low = centre - 0.5 - (width - 1) / 2;
    for (let n = 0; n < 65536; n++) {
      const share = width > 1 ? (n - 32768 - low) / (width - 1) : n - 32768 > low ? 1 : 0;
      const grey = Math.round(255 * Math.min(Math.max(share, 0), 1));
      table[n] = 0xff000000 | (grey << 16) | (grey << 8) | grey;
    }
    return table;
  };

  const sheet = (canvas, columns, rows) => {
    if (canvas.width !== columns || canvas.height !== rows) { canvas.width = columns; canvas.height = rows; }
    return canvas.getContext("2d", { willReadFrequently: false });
  };

  const paintCt = (canvas, hu, columns, rows, table) => {
    const context = sheet(canvas, columns, rows), image = context.createImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer);
    for (let n = 0; n < pixels.length; n++) pixels[n] = table[hu[n] + 32768];
    context.putImageData(image, 0, 0);
  };

  const paintWash = (canvas, dose, { fromGy, highestGy, opacity, notKnown }) => {
    const [left, top, right, bottom] = dose.box, columns = right - left, rows = bottom - top;
    if (columns < 1 || rows < 1) return false;
    const context = sheet(canvas, columns, rows), image = context.createImageData(columns, rows);
    const pixels = new Uint32Array(image.data.buffer), alpha = Math.round(255 * opacity) << 24;
    const colours = Array.from({ length: WASH_STEPS }, (_, n) => { const [r, g, b] = washColour(n / (WASH_STEPS - 1)); return alpha | (b << 16) | (g << 8) | r; });
    const least = fromGy / dose.stepGy, scale = (WASH_STEPS - 1) * dose.stepGy / highestGy;
    for (let n = 0; n < pixels.length; n++) {
      const value = dose.steps[n];
      if (value >= least && value !== notKnown) pixels[n] = colours[Math.min((value * scale) | 0, WASH_STEPS - 1)];
    }
    context.putImageData(image, 0, 0);
    return true;
  };

  /* Marching squares: for each level (in steps, ascending) the line pieces [x, y, x, y, ...] in pixels of the box. */
  const isolines = (dose, levels, notKnown) => {
    const [left, top, right, bottom] = dose.box, columns = right - left, rows = bottom - top, steps = dose.steps;
    const found = levels.map(() => []);
    for (let row = 0; row + 1 < rows; row++) {
      for (let column = 0; column + 1 < columns; column++) {
        const at = row * columns + column;
        const a = steps[at], b = steps[at + 1], c = steps[at + columns + 1], d = steps[at + columns];
        const low = Math.min(a, b, c, d), high = Math.max(a, b, c, d);
        if (high < levels[0] || high === notKnown) continue;
        for (let n = 0; n < levels.length; n++) {
          const level = levels[n];
          if (low < level && level <= high) piece(found[n], a, b, c, d, level, column, row);
        }
      }
    }
    return found;
  };

  const piece = (line, a, b, c, d, level, x, y) => {
    const ends = []; // top, right, bottom, left
    if (a < level !== b < level) ends.push(x + (level - a) / (b - a), y);
    if (b < level !== c < level) ends.push(x + 1, y + (level - b) / (c - b));
    if (d < level !== c < level) ends.push(x + (level - d) / (c - d), y + 1);
    if (a < level !== d < level) ends.push(x, y + (level - a) / (d - a));
    if (ends.length === 8 && (a < level) !== ((a + b + c + d) / 4 < level)) ends.push(...ends.splice(0, 2)); // a saddle: the middle decides
    for (let n = 0; n + 3 < ends.length; n += 4) line.push(ends[n], ends[n + 1], ends[n + 2], ends[n + 3]);
  };

  const strokePieces = (context, pieces, place) => {
    context.beginPath();
    for (let n = 0; n + 3 < pieces.length; n += 4) {
      context.moveTo(place.x(pieces[n]), place.y(pieces[n + 1]));
      context.lineTo(place.x(pieces[n + 2]), place.y(pieces[n + 3]));
    }
    context.stroke();
  };

  const strokeOutline = (context, outline, place) => {
    context.setLineDash(outline.between ? [4, 4] : []);
    context.beginPath();
    for (const line of outline.lines) {
      for (let n = 0; n + 1 < line.length; n += 2) context[n ? "lineTo" : "moveTo"](place.x(line[n]), place.y(line[n + 1]));
      context.closePath();
    }
    context.stroke();
    if (outline.segments.length) strokePieces(context, outline.segments, place);
    context.setLineDash([]);
  };

  /* The level's words beside its line, each level on another side: lines are told apart without colour, too. */
  const label = (context, words, pieces, place, { colour, turn }) => {
    const away = (n) => place.x(pieces[n]) * Math.cos(turn) + place.y(pieces[n + 1]) * Math.sin(turn);
    let best = -1;
    for (let n = 0; n + 3 < pieces.length; n += 4) if (best < 0 || away(n) > away(best)) best = n;
    if (best < 0) return;
    context.lineWidth = 3;
    context.strokeStyle = "rgba(0, 0, 0, 0.8)";
    context.fillStyle = colour;
    const x = place.x(pieces[best]) + 4, y = place.y(pieces[best + 1]);
    context.strokeText(words, x, y);
    context.fillText(words, x, y);
  };

  window.dosegatePaint = { LINE_COLOURS, greys, paintCt, paintWash, isolines, strokePieces, strokeOutline, label, washColour };
})();
