// The faces of the latest frame: boxes over the picture, and a list with how far each is from rest.
import { el } from "./api.js";

const COLOURS = ["#5ec8f2", "#ffb454", "#8ee08b", "#ff8fa3", "#c9a7ff", "#ffe066", "#5fe0c8", "#f2a2e8"];
const SPAN = 12; // seconds of a curve
const GONE = 1.5; // seconds after which a face that is not seen leaves the list
const SHOWN = 4; // emotions of a face in the list

const colourOf = (face) => COLOURS[face % COLOURS.length];

// Bars of [name, probability]; the same element is filled again and again.
export function chances(place, emotions, most = SHOWN) {
  const shown = emotions.slice(0, most);
  while (place.children.length > 3 * shown.length) place.lastChild.remove();
  while (place.children.length < 3 * shown.length) place.append(el("span"), el("progress", { max: 1 }), el("span"));
  for (const [i, [name, chance]] of shown.entries()) {
    const [word, bar, figure] = [...place.children].slice(3 * i, 3 * i + 3);
    word.textContent = name;
    bar.value = chance;
    bar.setAttribute("aria-label", name);
    figure.textContent = `${Math.round(100 * chance)} %`;
  }
}

export class Faces {
  constructor({ canvas, list, nobody }) {
    Object.assign(this, { canvas, list, nobody });
    this.people = new Map();
    this.mirrored = true;
  }

  clear() {
    this.people.clear();
    this.list.replaceChildren();
    this.nobody.hidden = false;
    this.canvas.width = this.canvas.width || 1;
  }

  show(state, video) {
    for (const face of state.faces) {
      const person = this.people.get(face.face) ?? this.newPerson(face.face);
      person.course = [...person.course, ...face.course].filter(([at]) => at > state.at - SPAN);
      Object.assign(person, { seen: state.at, latest: face });
    }
    for (const [number, person] of this.people) {
      if (person.seen < state.at - GONE) {
        person.row.remove();
        this.people.delete(number);
      }
    }
    this.at = state.at;
    this.nobody.hidden = this.people.size > 0;
    this.boxes(state, video);
  }

  newPerson(number) {
    const person = { course: [], now: el("span", { class: "now" }), width: el("span", { class: "muted" }), note: el("p", { class: "small-note", hidden: true }) };
    person.curve = el("canvas", { "aria-hidden": "true" });
    person.emotions = el("div", { class: "chances", hidden: true });
    const head = el("div", { class: "between" }, el("strong", {}, `Face ${number}`), person.width, person.now);
    person.row = el("li", { class: "panel person" }, head, person.curve, person.note, person.emotions);
    person.row.style.setProperty("--of-face", colourOf(number));
    const after = [...this.people].find(([other]) => other > number);
    this.list.insertBefore(person.row, after?.[1].row ?? null);
    this.people.set(number, person);
    this.people = new Map([...this.people].sort(([a], [b]) => a - b));
    return person;
  }

  boxes(state, video) {
    const [height, width] = state.size;
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const pen = this.canvas.getContext("2d");
    pen.clearRect(0, 0, width, height);
    const thick = Math.max(2, width / 400);
    pen.font = `600 ${Math.max(12, Math.round(width / 52))}px system-ui, sans-serif`;
    for (const face of state.faces) {
      const [x0, y0, x1, y1] = face.box;
      const left = this.mirrored ? width - x1 : x0;
      const colour = colourOf(face.face);
      for (const [style, wide] of [["rgb(13 17 23 / 75%)", 2.4 * thick], [colour, thick]]) {
        pen.strokeStyle = style;
        pen.lineWidth = wide;
        pen.strokeRect(left, y0, x1 - x0, y1 - y0);
      }
      this.label(pen, face, left, y0 - 2 * thick, colour, width);
    }
  }

  label(pen, face, left, bottom, colour, width) {
    const emotion = face.emotions.length ? ` ${face.emotions[0][0]} ${Math.round(100 * face.emotions[0][1])} %` : "";
    const words = `${face.face}${emotion}`;
    const size = parseInt(pen.font.split(" ")[1], 10);
    const wide = pen.measureText(words).width + size * 0.7;
    const from = Math.max(0, Math.min(left, width - wide));
    const base = Math.max(size * 1.3, bottom);
    pen.fillStyle = "rgb(13 17 23 / 82%)";
    pen.fillRect(from, base - size * 1.3, wide, size * 1.35);
    pen.fillStyle = colour;
    pen.fillText(words, from + size * 0.35, base - size * 0.3);
  }

  // The list, twice a second: words that change thirty times a second nobody can read.
  draw() {
    for (const person of this.people.values()) {
      const face = person.latest;
      person.width.textContent = `${face.width.toFixed(0)} px wide`;
      person.now.textContent = face.strength === null ? "" : `${face.strength.toFixed(1)} %`;
      person.note.hidden = !face.narrow;
      person.note.textContent = face.measured ? "Small: small movements may be lost or imagined." : "Too small to measure movements: come closer, or choose a larger picture.";
      person.emotions.hidden = face.emotions.length === 0;
      chances(person.emotions, face.emotions);
      person.curve.hidden = !face.measured;
      if (face.measured) this.curve(person);
    }
  }

  curve({ curve, course, latest }) {
    const style = getComputedStyle(curve);
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [curve.clientWidth, curve.clientHeight];
    Object.assign(curve, { width: width * ratio, height: height * ratio });
    const pen = curve.getContext("2d");
    pen.scale(ratio, ratio);
    const top = Math.max(4, 1.2 * latest.threshold, ...course.map(([, strength]) => strength));
    const x = (at) => width * (1 - (this.at - at) / SPAN);
    const y = (strength) => height - 2 - (height - 4) * (strength / top);
    pen.strokeStyle = style.getPropertyValue("--line");
    pen.setLineDash([4, 4]);
    pen.beginPath();
    pen.moveTo(0, y(latest.threshold));
    pen.lineTo(width, y(latest.threshold));
    pen.stroke();
    pen.setLineDash([]);
    pen.strokeStyle = style.getPropertyValue("--accent");
    pen.lineWidth = 1.5;
    pen.beginPath();
    for (const [i, [at, strength]] of course.entries()) pen[i ? "lineTo" : "moveTo"](x(at), y(strength));
    pen.stroke();
  }
}
