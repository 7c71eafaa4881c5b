// The timeline below the film: strength of every face, and of the chosen one its events and regions. One axis of seconds.
import { apex, axis, band, curve, heatMap, outline, palette, roundStep, words } from "./timeline_draw.js";
import { placeAt } from "./player.js";
import { onPointer } from "./timeline_pointer.js";

const EVENTS = [["blink", "blink"], ["head-move", "head move"], ["gap", "face not seen"], ["cut", "cut"]];
const EVENT = 15;
export const REGION = 11;
const SPACE = 9;
const AXIS = 22;

export class Timeline {
  // told: the recording's document; clock: { times, frames }. does: { seek(frame), choose(interval), loop({ onset, offset }),
  // face(number), hover(what lies under the pointer, or null) }.
  constructor({ base, cursor, whole }, told, clock, does) {
    Object.assign(this, { base, cursor, whole, told, clock, does, curves: new Map(), marks: [] });
    this.lost = 2.5 / told.fps;
    this.end = Math.max(told.seconds, clock.times[clock.times.length - 1] + 1 / told.fps);
    this.view = [0, this.end];
    this.face = told.faces[0]?.face ?? 0;
    this.chosen = null;
    this.withRegions = true;
    this.now = 0;
    new ResizeObserver(() => this.draw()).observe(base.parentElement);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    onPointer(this);
  }

  // A face's curves: 4-byte floats, one curve after another, as the document says.
  add(face, buffer) {
    const about = this.told.curves[face];
    const all = new Float32Array(buffer);
    const column = (number) => all.subarray(number * about.rows, (number + 1) * about.rows);
    const times = Float64Array.from(column(0), (frame) => this.timeOf(frame));
    const named = Object.fromEntries(about.names.map((name, number) => [name, column(number)]));
    const first = about.names.length - about.regions;
    const regions = about.names.slice(first).map((name) => named[name]);
    let most = about.threshold ?? 0;
    for (const value of named.strength) if (value > most) most = value;
    let hottest = 1.5 * (about.threshold ?? 0);
    for (const row of regions) for (const value of row) if (value > hottest) hottest = value;
    this.curves.set(face, { about, times, regions, most, hottest: hottest || 1, regionWords: about.words.slice(first), ...named });
    this.draw();
  }

  timeOf(frame) {
    return this.clock.times[placeAt(this.clock.frames, frame)];
  }

  // When a frame gives way to the next.
  endOf(frame) {
    const place = placeAt(this.clock.frames, frame);
    return this.clock.times[place + 1] ?? this.clock.times[place] + 1 / this.told.fps;
  }

  frameAt(seconds) {
    return this.clock.frames[placeAt(this.clock.times, seconds + 1e-6)];
  }

  #rows() {
    const { told, face } = this;
    const faces = told.faces.map((one) => one.face);
    const height = faces.length > 1 ? 88 : 150;
    const rows = [];
    let top = 4;
    for (const one of faces) {
      rows.push({ kind: "strength", face: one, top, height });
      top += height + SPACE;
    }
    for (const [name, label] of EVENTS) {
      if (!told.events.some((event) => event.face === face && event.name === name)) continue;
      rows.push({ kind: "event", name, label, top, height: EVENT });
      top += EVENT;
    }
    if (told.masked.some((mark) => mark.face === face)) {
      rows.push({ kind: "masked", label: "masked", top, height: EVENT });
      top += EVENT;
    }
    for (const [layer, label] of [["masked", "people: M"], ["expressions", "people"]]) {
      if (!this.said(layer).length) continue;
      rows.push({ kind: "people", layer, label, top, height: EVENT + 3 });
      top += EVENT + 3;
    }
    const regions = this.withRegions ? (this.curves.get(face)?.regions.length ?? 0) : 0;
    if (regions) {
      top += SPACE;
      rows.push({ kind: "regions", top, height: regions * REGION });
      top += regions * REGION;
    }
    return { rows, bottom: top };
  }

  // What people said of the chosen face: of its expressions, or of its masked marks, which lie within them.
  said(layer) {
    return this.marks.filter((mark) => mark.face === this.face && (mark.layer ?? "expressions") === layer);
  }

  #size(canvas, height) {
    const width = canvas.parentElement.clientWidth;
    const dense = devicePixelRatio || 1;
    canvas.style.height = `${height}px`;
    if (canvas.width !== Math.round(width * dense) || canvas.height !== Math.round(height * dense)) {
      canvas.width = Math.round(width * dense);
      canvas.height = Math.round(height * dense);
    }
    const pen = canvas.getContext("2d");
    pen.setTransform(dense, 0, 0, dense, 0, 0);
    pen.clearRect(0, 0, width, height);
    return { pen, width };
  }

  x(seconds) {
    const { view, layout } = this;
    return layout.left + ((seconds - view[0]) / (view[1] - view[0])) * layout.width;
  }

  secondsAt(at) {
    const { view, layout } = this;
    return view[0] + ((at - layout.left) / layout.width) * (view[1] - view[0]);
  }

  // Where things are is measured once a drawing: asking the page for each of thousands of points would take seconds.
  draw() {
    cancelAnimationFrame(this.drawing);
    this.drawing = requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    const { rows, bottom } = this.#rows();
    const { pen, width } = this.#size(this.base, bottom + AXIS);
    const colours = palette();
    const left = width < 520 ? 78 : 96;
    this.layout = { rows, bottom, left, width: width - left - 10 };
    axis(pen, { left, width: this.layout.width, top: 4, bottom }, this.view, (s) => this.x(s), colours);
    pen.save();
    pen.beginPath();
    pen.rect(left, 0, this.layout.width + 1, bottom);
    pen.clip();
    for (const row of rows) this[`_${row.kind}`](pen, row, colours);
    pen.restore();
    for (const row of rows) this.#label(pen, row, colours);
    this.#drawWhole(colours);
    this.point(this.now);
  }

  #label(pen, row, colours) {
    const { left } = this.layout;
    if (row.kind === "regions") {
      this.curves.get(this.face).regionWords.forEach((name, number) => words(pen, name, left - 7, row.top + (number + 0.5) * REGION, colours.muted, { size: 10.5 }));
      return;
    }
    if (row.kind !== "strength") {
      words(pen, row.label, left - 7, row.top + row.height / 2, colours.muted);
      return;
    }
    const several = this.told.faces.length > 1;
    const chosen = several && row.face === this.face;
    words(pen, several ? `face ${row.face}` : "strength, %", left - 7, row.top + 7, chosen ? colours.ink : colours.muted, { weight: chosen ? 700 : 400 });
    const most = this.#top(row.face);
    const step = roundStep(most / 3.2);
    const digits = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
    for (let value = 0; value <= most * 0.82; value += step) words(pen, value.toFixed(digits), left - 7, this.#y(row, value), colours.muted, { size: 10.5 });
  }

  #top(face) {
    const known = this.curves.get(face);
    const strengths = this.told.intervals.filter((one) => one.face === face).map((one) => one.strength ?? 0);
    return 1.16 * Math.max(known?.most ?? 1, known?.about.threshold ?? 0, 1e-3, ...strengths);
  }

  #y(row, value) {
    return row.top + row.height * (1 - value / this.#top(row.face));
  }

  #visible(times) {
    const [from, to] = this.view;
    return [Math.max(0, placeAt(times, from) - 1), Math.min(times.length - 1, placeAt(times, to) + 1)];
  }

  _strength(pen, row, colours) {
    const { told } = this;
    const x = (seconds) => this.x(seconds);
    pen.strokeStyle = colours.line;
    pen.strokeRect(this.layout.left + 0.5, row.top + 0.5, this.layout.width, row.height);
    for (const event of told.events) if (event.face === row.face && event.name === "gap") band(pen, x(event.onset_s), x(this.endOf(event.offset)), row.top, row.height, colours.line, 0.75);
    for (const one of told.intervals) {
      if (one.face !== row.face) continue;
      const chosen = one === this.chosen;
      band(pen, x(one.onset_s), x(this.endOf(one.offset)), row.top, row.height, colours[one.kind], chosen ? 0.34 : 0.16);
      if (chosen) outline(pen, x(one.onset_s), x(this.endOf(one.offset)), row.top, row.height, colours[one.kind]);
    }
    const known = this.curves.get(row.face);
    if (known?.times.length) {
      const most = this.#top(row.face);
      const y = (value) => row.top + row.height * (1 - value / most);
      if (known.about.threshold !== null) {
        pen.save();
        pen.strokeStyle = colours.muted;
        pen.setLineDash([5, 4]);
        pen.beginPath();
        pen.moveTo(this.layout.left, y(known.about.threshold));
        pen.lineTo(this.layout.left + this.layout.width, y(known.about.threshold));
        pen.stroke();
        pen.restore();
      }
      const range = this.#visible(known.times);
      Object.assign(pen, { strokeStyle: colours.ink, lineWidth: 1.3, lineJoin: "round" });
      curve(pen, known.times, known.strength, range, x, y, this.lost);
      if (known.about.threshold !== null) {
        const label = `threshold ${known.about.threshold.toPrecision(2)} %`;
        words(pen, label, this.layout.left + this.layout.width - 4, y(known.about.threshold) - 8, colours.muted, { size: 10.5, around: colours.paper });
      }
    }
    const here = told.intervals.filter((one) => one.face === row.face);
    const named = this.#named(here, x);
    for (const one of here) apex(pen, x(one.apex_s), this.#y(row, this.#height(one)), row.top, one.kind, named.has(one) ? String(one.number) : "", colours[one.kind], colours.paper);
  }

  // Those of a row whose numbers have room beside one another, from the left; that of the chosen one is always there.
  #named(intervals, x) {
    const half = (one) => 4 * String(one.number).length + 1;
    const chosen = intervals.includes(this.chosen) ? this.chosen : null;
    const beside = (one) => !chosen || Math.abs(x(one.apex_s) - x(chosen.apex_s)) > half(one) + half(chosen);
    const named = new Set();
    let free = -Infinity;
    for (const one of intervals) {
      const at = x(one.apex_s);
      if (one !== chosen && !(at - half(one) > free && beside(one))) continue;
      named.add(one);
      free = at + half(one);
    }
    return named;
  }

  // The line's height at an apex, else the interval's own strength.
  #height(one) {
    const known = this.curves.get(one.face);
    if (!known) return one.strength ?? 0;
    const place = placeAt(known.frame, one.apex);
    const value = known.strength[place];
    return known.frame[place] === one.apex && !Number.isNaN(value) ? value : (one.strength ?? 0);
  }

  _event(pen, row, colours) {
    for (const event of this.told.events) {
      if (event.face !== this.face || event.name !== row.name) continue;
      band(pen, this.x(event.onset_s), this.x(this.endOf(event.offset)), row.top + 4, row.height - 8, colours.edge, 1);
    }
  }

  _masked(pen, row, colours) {
    for (const mark of this.told.masked) {
      if (mark.face !== this.face) continue;
      const [from, to] = [this.x(mark.onset_s), this.x(this.endOf(mark.offset))];
      band(pen, from, to, row.top + 3, row.height - 6, colours.masked, mark === this.chosen ? 1 : 0.75);
      if (mark === this.chosen) outline(pen, from - 1, to + 1, row.top + 1, row.height - 2, colours.ink);
    }
  }

  // What people said: filled where it counts, struck out where it was rejected.
  _people(pen, row, colours) {
    for (const mark of this.said(row.layer)) {
      const [from, to] = [this.x(this.timeOf(mark.onset)), this.x(this.endOf(mark.offset))];
      if (mark.counts) band(pen, from, to, row.top + 3, row.height - 6, colours.people, 0.8);
      else outline(pen, from, to, row.top + 3, row.height - 6, colours.people, [3, 3]);
    }
  }

  _regions(pen, row, colours) {
    const known = this.curves.get(this.face);
    const box = { left: this.layout.left, top: row.top, width: this.layout.width, row: REGION };
    heatMap(pen, box, known.times, known.regions, this.#visible(known.times), (s) => this.x(s), known.hottest, colours.heat, this.lost);
    for (const one of this.told.intervals) {
      if (one.face === this.face) outline(pen, this.x(one.onset_s), this.x(this.endOf(one.offset)), row.top, row.height, colours[one.kind], one.kind === "macro" ? [5, 3] : []);
    }
    pen.strokeStyle = colours.line;
    pen.strokeRect(this.layout.left + 0.5, row.top + 0.5, this.layout.width, row.height);
  }

  // The film as a whole in a strip, and the part of it that is seen.
  #drawWhole(colours) {
    const { pen, width } = this.#size(this.whole, 22);
    const x = (seconds) => this.layout.left + (seconds / this.end) * this.layout.width;
    pen.fillStyle = colours.sunk;
    pen.fillRect(this.layout.left, 3, this.layout.width, 16);
    for (const one of this.told.intervals) band(pen, x(one.onset_s), x(this.endOf(one.offset)), 3, 16, colours[one.kind], one.face === this.face ? 0.9 : 0.35);
    pen.strokeStyle = colours.ink;
    pen.lineWidth = 1.5;
    pen.strokeRect(x(this.view[0]) + 0.75, 1.75, Math.max(3, x(this.view[1]) - x(this.view[0]) - 1.5), 18.5);
    words(pen, width < 520 ? "film" : "whole film", this.layout.left - 7, 11, colours.muted);
  }

  // The line that says where the film is.
  point(seconds) {
    this.now = seconds;
    if (!this.layout) return;
    const { pen } = this.#size(this.cursor, this.layout.bottom + AXIS);
    const at = this.x(seconds);
    if (at < this.layout.left - 1 || at > this.layout.left + this.layout.width + 1) return;
    const colour = palette().cursor;
    pen.fillStyle = colour;
    pen.fillRect(at - 1, 0, 2, this.layout.bottom + 3);
    pen.beginPath();
    pen.moveTo(at - 6, 0);
    pen.lineTo(at + 6, 0);
    pen.lineTo(at, 8);
    pen.fill();
  }

  // While the film plays the view goes along, a page at a time.
  follow(seconds) {
    const [from, to] = this.view;
    if (seconds < from || seconds > to) this.look(seconds - 0.1 * (to - from), to - from);
    else this.point(seconds);
    this.now = seconds;
  }

  look(from, length) {
    const least = Math.min(this.end, 8 / this.told.fps);
    const long = Math.min(this.end, Math.max(least, length));
    const begin = Math.max(0, Math.min(this.end - long, from));
    this.view = [begin, begin + long];
    this.draw();
  }

  // by > 1 shows less, larger; about: the second that stays where it is.
  zoom(by, about = this.now) {
    const [from, to] = this.view;
    const middle = about < from || about > to ? (from + to) / 2 : about;
    this.look(middle - (middle - from) / by, (to - from) / by);
  }

  pan(share) {
    const [from, to] = this.view;
    this.look(from + share * (to - from), to - from);
  }

  all() {
    this.look(0, this.end);
  }

  // An interval with as much around it.
  near(one) {
    const [from, to] = [this.timeOf(one.onset), this.endOf(one.offset)];
    const around = Math.max(0.25, to - from);
    this.look(from - around, to - from + 2 * around);
  }

  // Make sure that an interval is in view.
  reveal(one) {
    const [from, to] = this.view;
    const [begin, end] = [this.timeOf(one.onset), this.endOf(one.offset)];
    if (begin >= from && end <= to) this.draw();
    else if (end - begin > to - from) this.near(one);
    else this.look((begin + end - (to - from)) / 2, to - from);
  }
}
