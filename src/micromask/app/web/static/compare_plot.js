// The strength of two faces above each other, on one axis of seconds and one scale, with their intervals.
import { placeAt } from "./player.js";
import { apex, axis, band, curve, outline, palette, words } from "./timeline_draw.js";

const ROW = 118;
const GAP = 26;
const TOP = 22;
const AXIS = 22;
const LEFT = 14;

export class ComparePlot {
  constructor({ base, cursor }, sides, films, go) {
    Object.assign(this, { base, cursor, sides, films, chosen: { left: null, right: null }, now: 0 });
    for (const side of sides) {
      const { curve: line, clock } = side;
      side.times = line ? Float64Array.from(line.frames, (frame) => clock.times[placeAt(clock.frames, frame)]) : new Float64Array(0);
    }
    this.most = 1e-3;
    for (const { curve: line } of sides) {
      if (!line) continue;
      this.most = Math.max(this.most, line.threshold ?? 0);
      for (const value of line.strength) if (value > this.most) this.most = value;
    }
    this.most *= 1.2;
    new ResizeObserver(() => this.draw()).observe(base.parentElement);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    base.addEventListener("click", (event) => {
      const [from, to] = films.span;
      go(from + ((event.offsetX - LEFT) / this.width) * (to - from));
    });
  }

  get width() {
    return this.base.parentElement.clientWidth - 2 * LEFT;
  }

  get height() {
    return TOP + 2 * ROW + GAP;
  }

  x(seconds) {
    const [from, to] = this.films.span;
    return LEFT + ((seconds - from) / (to - from)) * this.width;
  }

  #pen(canvas, height) {
    const width = canvas.parentElement.clientWidth;
    const dense = devicePixelRatio || 1;
    canvas.style.height = `${height}px`;
    canvas.width = Math.round(width * dense);
    canvas.height = Math.round(height * dense);
    const pen = canvas.getContext("2d");
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    return pen;
  }

  draw() {
    const pen = this.#pen(this.base, this.height + AXIS);
    const colours = palette();
    axis(pen, { left: LEFT, width: this.width, top: TOP, bottom: this.height }, this.films.span, (seconds) => this.x(seconds), colours);
    this.sides.forEach((side, number) => this.#row(pen, side, TOP + number * (ROW + GAP), colours));
    this.point(this.now);
  }

  #row(pen, side, top, colours) {
    const shift = this.films.shiftOf(side);
    const x = (seconds) => this.x(seconds + shift);
    const y = (value) => top + ROW - (value / this.most) * ROW;
    const number = side === this.sides[0] ? "First" : "Second";
    words(pen, `${number}: ${side.told.title}`, LEFT, top - 9, colours.muted, { align: "left", size: 12, weight: 600 });
    pen.strokeStyle = colours.edge;
    pen.lineWidth = 1;
    pen.strokeRect(x(side.clock.times[0]), top + 0.5, x(side.clock.times[side.clock.times.length - 1] + 1 / side.told.fps) - x(side.clock.times[0]), ROW - 1);
    if (!side.curve) return;
    for (const one of side.intervals) band(pen, x(one.onset_s), x(one.offset_s + 1 / side.told.fps), top, ROW, colours[one.kind], 0.2);
    if (side.curve.threshold !== null) {
      pen.save();
      pen.setLineDash([4, 4]);
      pen.strokeStyle = colours.muted;
      pen.beginPath();
      pen.moveTo(x(side.clock.times[0]), y(side.curve.threshold));
      pen.lineTo(x(side.clock.times[side.clock.times.length - 1]), y(side.curve.threshold));
      pen.stroke();
      pen.restore();
    }
    pen.strokeStyle = colours.ink;
    pen.lineWidth = 1.4;
    if (side.times.length) curve(pen, side.times, side.curve.strength, [0, side.times.length - 1], x, y, 2.5 / side.told.fps);
    for (const one of side.intervals) {
      if (this.chosen[side.name] === one) outline(pen, x(one.onset_s), x(one.offset_s + 1 / side.told.fps), top, ROW, colours[one.kind]);
      const height = Math.min(Math.max(y(one.strength ?? 0), top + 22), top + ROW - 6);
      apex(pen, x(one.apex_s), height, top, one.kind, `${one.number}${one.emotion ? ` ${one.emotion}` : ""}`, colours[one.kind], colours.paper);
    }
  }

  choose(chosen) {
    this.chosen = chosen;
    this.draw();
  }

  // The moment that both films show, across both rows.
  point(now) {
    this.now = now;
    const pen = this.#pen(this.cursor, this.height + AXIS);
    pen.strokeStyle = palette().cursor;
    pen.lineWidth = 1.5;
    pen.beginPath();
    pen.moveTo(this.x(now), TOP - 4);
    pen.lineTo(this.x(now), this.height);
    pen.stroke();
  }
}
