// The intervals as a table, and what is known of the chosen one: frames, probabilities, regions, evidence.
import { el } from "./api.js";

export const seconds = (value) => value.toFixed(3);
const measure = (value, digits = 1) => (value === null ? "not known" : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
const cell = (...inside) => el("td", { class: "number" }, ...inside);
const two = (above, below) => cell(above, el("br"), el("small", {}, below));

export class Intervals {
  // does: { choose(interval), show(frame) }
  constructor(told, does) {
    Object.assign(this, { told, does, rows: new Map() });
    const several = told.faces.length > 1;
    const place = document.getElementById("intervals");
    if (!place) return;
    for (const one of told.intervals) {
      const button = el("button", { type: "button", class: "small", "data-interval": one.number, "aria-label": `Expression ${one.number}: play it slowly` }, String(one.number));
      const row = el("tr", {}, el("td", {}, button));
      if (several) row.append(el("td", {}, String(one.face)));
      row.append(el("td", {}, el("span", { class: `kind ${one.kind}` }, one.kind), el("br"), one.emotion_words),
        two(`${seconds(one.onset_s)} s`, `frame ${one.onset}`), two(`${seconds(one.lasts_s)} s`, count(one.offset - one.onset + 1, "frame")), cell(`${measure(one.strength, 2)} %`));
      row.addEventListener("click", () => does.choose(one));
      this.rows.set(one.number, row);
      place.append(row);
    }
  }

  choose(one) {
    for (const [number, row] of this.rows) {
      const here = number === one.number;
      row.classList.toggle("chosen", here);
      const button = row.querySelector("button");
      button.setAttribute("aria-pressed", here);
      if (here) row.scrollIntoView({ block: "nearest" });
    }
    this.#describe(one);
  }

  #describe(one) {
    const go = (name) => el("button", { type: "button", class: "small", "data-go": name, onclick: () => this.does.show(one[name]) },
      el("span", {}, name[0].toUpperCase() + name.slice(1)), ...[`${seconds(one[`${name}_s`])} s`, `frame ${one[name]}`].map((words) => el("span", { class: "at" }, words)));
    const { evidence } = one;
    const facts = [["Face width", `${measure(evidence.face_px, 0)} px`], ["Frame rate", `${measure(evidence.fps, 1)} frames/s`],
      ["Sharpness (Laplacian)", measure(evidence.blur, 0)], ["Head motion", `${measure(evidence.head_motion, 1)} %`]];
    const title = document.getElementById("chosen-title");
    title.replaceChildren(el("span", { class: `kind ${one.kind}` }, one.kind), ` Expression ${one.number}: ${one.emotion_words}`);
    document.getElementById("chosen-about").textContent = [...(this.told.faces.length > 1 ? [`Face ${one.face}`] : []), `lasts ${seconds(one.lasts_s)} s`, count(one.offset - one.onset + 1, "frame"), `strength ${measure(one.strength, 2)} %`].join(" · ");
    document.getElementById("chosen-frames").replaceChildren(go("onset"), go("apex"), go("offset"));
    document.getElementById("chosen-chances").replaceChildren(...(one.probabilities.length ? [bars(one.probabilities)] : [el("p", { class: "muted" }, "No recogniser was run.")]));
    document.getElementById("chosen-regions").replaceChildren(...(one.regions.length ? one.regions.map((name) => el("li", { class: "tag" }, name)) : [el("li", { class: "muted" }, "None by name.")]));
    document.getElementById("chosen-evidence").replaceChildren(...facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
    document.getElementById("chosen-cautions").replaceChildren(...(evidence.cautions.length ? evidence.cautions.map((line) => el("li", {}, line)) : [el("li", { class: "muted" }, "No caution.")]));
    document.getElementById("chosen").hidden = false;
    document.getElementById("heard").textContent = `Expression ${one.number}, ${one.kind}, ${one.emotion_words}, onset ${seconds(one.onset_s)} s; plays at an eighth of its speed`;
  }
}

// A bar for each probability, the most probable first.
function bars(chances) {
  const rows = chances.map(([name, chance], number) => {
    const bar = el("i");
    bar.style.width = `${(100 * chance).toFixed(1)}%`;
    return el("div", { class: number ? "chance" : "chance most" }, el("span", {}, name), el("span", { class: "bar", "aria-hidden": "true" }, bar), el("span", { class: "value" }, `${measure(100 * chance)} %`));
  });
  return el("div", { class: "chances" }, ...rows);
}
