// What a timeline is made of, drawn on a canvas: curves, a map of regions, bands, marks and an axis. Nothing is kept here.

// The colours of the page, light or dark, as they are now.
export function palette() {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return { ink: of("ink"), muted: of("muted"), line: of("line"), edge: of("edge"), paper: of("paper"), sunk: of("sunk"), accent: of("accent"),
    micro: of("micro"), macro: of("macro"), masked: of("masked"), people: of("people"), cursor: of("cursor"), heat: [of("heat-low"), of("heat-middle"), of("heat-high")] };
}

// A line through values at times, broken where they are NaN or a stretch is missing. However many there are in a column
// of pixels, its lowest and highest are drawn. x, y: from seconds and values to pixels; lost: seconds that break the line.
export function curve(pen, times, values, [first, last], x, y, lost) {
  pen.beginPath();
  let column = null;
  let before = null;
  const flush = () => {
    if (!column) return;
    pen.lineTo(column.x, y(column.first));
    if (column.low !== column.high) {
      pen.lineTo(column.x, y(column.low));
      pen.lineTo(column.x, y(column.high));
      pen.lineTo(column.x, y(column.last));
    }
    column = null;
  };
  for (let i = first; i <= last; i++) {
    const value = values[i];
    if (Number.isNaN(value)) continue;
    const at = x(times[i]);
    // Neither over rows without a value nor over rows that are missing.
    if (before === null || times[i] - before > lost) {
      flush();
      pen.moveTo(at, y(value));
    }
    before = times[i];
    if (column && Math.abs(at - column.x) < 0.5) {
      column.low = Math.min(column.low, value);
      column.high = Math.max(column.high, value);
      column.last = value;
    } else {
      flush();
      column = { x: at, first: value, last: value, low: value, high: value };
    }
  }
  flush();
  pen.stroke();
}

// Rows of values as rows of colour, each frame as wide as it lasts; the highest of a column of pixels counts.
export function heatMap(pen, { left, top, width, row }, times, rows, [first, last], x, most, colours, lost) {
  const columns = Math.max(1, Math.round(width));
  const ramp = ramps(colours);
  const image = new ImageData(columns, rows.length);
  const highest = new Float32Array(columns);
  rows.forEach((values, number) => {
    highest.fill(NaN);
    for (let i = first; i <= last; i++) {
      const value = values[i];
      if (Number.isNaN(value)) continue;
      const until = i + 1 < times.length && times[i + 1] - times[i] <= lost ? times[i + 1] : times[i] + lost / 2;
      const from = Math.max(0, Math.floor(x(times[i]) - left));
      const to = Math.min(columns - 1, Math.max(from, Math.ceil(x(until) - left) - 1));
      for (let at = from; at <= to; at++) if (!(highest[at] >= value)) highest[at] = value;
    }
    for (let at = 0; at < columns; at++) {
      if (Number.isNaN(highest[at])) continue;
      const shade = 4 * Math.min(255, Math.round((255 * highest[at]) / most));
      image.data.set(ramp.subarray(shade, shade + 4), 4 * (number * columns + at));
    }
  });
  const small = new OffscreenCanvas(columns, rows.length);
  small.getContext("2d").putImageData(image, 0, 0);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(small, left, top, width, row * rows.length);
}

let kept = null;
function ramps(colours) {
  if (kept?.of === colours.join()) return kept.ramp;
  const strip = new OffscreenCanvas(256, 1);
  const pen = strip.getContext("2d");
  const shades = pen.createLinearGradient(0, 0, 256, 0);
  colours.forEach((colour, number) => shades.addColorStop(number / (colours.length - 1), colour));
  pen.fillStyle = shades;
  pen.fillRect(0, 0, 256, 1);
  kept = { of: colours.join(), ramp: pen.getImageData(0, 0, 256, 1).data };
  return kept.ramp;
}

// A shade from one second to another.
export function band(pen, from, to, top, height, colour, opacity) {
  pen.save();
  pen.globalAlpha = opacity;
  pen.fillStyle = colour;
  pen.fillRect(from, top, Math.max(1.5, to - from), height);
  pen.restore();
}

export function outline(pen, from, to, top, height, colour, dash = []) {
  pen.save();
  pen.strokeStyle = colour;
  pen.lineWidth = 1.5;
  pen.setLineDash(dash);
  pen.strokeRect(from, top + 0.75, Math.max(2, to - from), height - 1.5);
  pen.restore();
}

// The apex: a diamond for a micro-, a disc for a macro-expression, with its number above.
export function apex(pen, at, height, top, kind, words, colour, paper) {
  pen.save();
  pen.fillStyle = colour;
  pen.strokeStyle = paper;
  pen.lineWidth = 1.5;
  pen.beginPath();
  if (kind === "micro") {
    pen.moveTo(at, height - 6);
    pen.lineTo(at + 6, height);
    pen.lineTo(at, height + 6);
    pen.lineTo(at - 6, height);
    pen.closePath();
  } else pen.arc(at, height, 4.8, 0, 2 * Math.PI);
  pen.fill();
  pen.stroke();
  pen.font = `600 12px ${FONT}`;
  pen.textAlign = "center";
  pen.lineWidth = 3;
  const line = Math.max(top + 11, height - 9);
  pen.strokeText(words, at, line);
  pen.fillText(words, at, line);
  pen.restore();
}

const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

export function words(pen, text, at, middle, colour, { align = "right", size = 11.5, weight = 400, around = null } = {}) {
  pen.fillStyle = colour;
  pen.font = `${weight} ${size}px ${FONT}`;
  pen.textAlign = align;
  pen.textBaseline = "middle";
  if (around) {
    Object.assign(pen, { strokeStyle: around, lineWidth: 3.5, lineJoin: "round" });
    pen.strokeText(text, at, middle);
  }
  pen.fillText(text, at, middle);
  pen.textBaseline = "alphabetic";
}

// A round step of at least so much: 1, 2 or 5 times a power of ten.
export function roundStep(least) {
  const ten = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((times) => times * ten).find((step) => step >= least * 0.9999);
}

// Seconds below the plot, with light lines through it.
export function axis(pen, { left, width, top, bottom }, [from, to], x, colours) {
  const step = roundStep(((to - from) * 74) / width);
  const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  pen.strokeStyle = colours.line;
  pen.lineWidth = 1;
  for (let number = Math.ceil(from / step - 1e-9); number * step <= to + 1e-9; number++) {
    const at = Math.round(x(number * step)) + 0.5;
    if (at < left || at > left + width + 1) continue;
    pen.beginPath();
    pen.moveTo(at, top);
    pen.lineTo(at, bottom);
    pen.stroke();
    const label = (number * step).toFixed(digits);
    const align = at > left + width - 16 ? "right" : "center";
    words(pen, label, at, bottom + 11, colours.muted, { align });
  }
}
