// The intervals and the masked marks as tables, and what is known of the chosen one: frames, probabilities, regions, evidence.
import { el } from "./api.js";

export const seconds = (value) => value.toFixed(3);
const measure = (value, digits = 1) => (value === null ? "not known" : value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits }));
const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
const cell = (...inside) => el("td", { class: "number" }, ...inside);
const two = (above, below) => cell(above, el("br"), el("small", {}, below));

const isMark = (one) => one.kind === "masked";
export const numberOf = (one) => (isMark(one) ? `M${one.number}` : String(one.number));

// What it is called within a sentence.
export const nameOf = (one) => `${isMark(one) ? "mark" : "expression"} ${numberOf(one)}`;
const title = (one) => nameOf(one).replace(/^./, (letter) => letter.toUpperCase());

export class Intervals {
  // does: { choose(interval), show(frame) }
  constructor(told, does) {
    Object.assign(this, { told, does, rows: new Map() });
    const several = told.faces.length > 1;
    for (const one of [...told.intervals, ...told.masked]) {
      const place = document.getElementById(isMark(one) ? "marks" : "intervals");
      const button = el("button", { type: "button", class: "small", "data-interval": numberOf(one), "aria-label": `${title(one)}: play it slowly` }, numberOf(one));
      const row = el("tr", {}, el("td", {}, button));
      if (several) row.append(el("td", {}, String(one.face)));
      row.append(isMark(one) ? el("td", { class: "moved" }, one.words) : el("td", {}, el("span", { class: `kind ${one.kind}` }, one.kind), el("br"), one.emotion_words),
        two(`${seconds(one.onset_s)} s`, `frame ${one.onset}`), two(`${seconds(one.lasts_s)} s`, count(one.offset - one.onset + 1, "frame")),
        cell(isMark(one) ? measure(one.score, 2) : `${measure(one.strength, 2)} %`));
      row.addEventListener("click", () => does.choose(one));
      this.rows.set(numberOf(one), row);
      place.append(row);
    }
  }

  choose(one) {
    for (const [number, row] of this.rows) {
      const here = number === numberOf(one);
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
    const mark = isMark(one);
    const does = mark ? one.words : one.emotion_words;
    document.getElementById("chosen-title").replaceChildren(el("span", { class: `kind ${one.kind}` }, one.kind), ` ${title(one)}: ${does}`);
    document.getElementById("chosen-about").textContent = [...(this.told.faces.length > 1 ? [`Face ${one.face}`] : []), `lasts ${seconds(one.lasts_s)} s`, count(one.offset - one.onset + 1, "frame"), mark ? `score ${measure(one.score, 2)}` : `strength ${measure(one.strength, 2)} %`].join(" · ");
    document.getElementById("chosen-frames").replaceChildren(go("onset"), go("apex"), go("offset"));
    document.getElementById("chosen-expression").hidden = mark;
    document.getElementById("chosen-mark").hidden = !mark;
    if (mark) this.#measures(one);
    else this.#evidence(one);
    document.getElementById("chosen").hidden = false;
    document.getElementById("heard").textContent = `${title(one)}, ${one.kind}, ${does}, onset ${seconds(one.onset_s)} s; plays at an eighth of its speed`;
  }

  // What a mark was made of; never what somebody felt.
  #measures({ measures, pair }) {
    document.getElementById("chosen-measures").replaceChildren(...measures.map((line) => el("li", {}, line)));
    const pattern = document.getElementById("chosen-pair");
    pattern.textContent = pair ? `Brows move so in the pattern that coders name ${pair}. They also do in concentration, effort, doubt, greeting or bright light.` : "";
    pattern.hidden = !pair;
  }

  #evidence(one) {
    const { evidence } = one;
    const facts = [["Face width", `${measure(evidence.face_px, 0)} px`], ["Frame rate", `${measure(evidence.fps, 1)} frames/s`],
      ["Sharpness (Laplacian)", measure(evidence.blur, 0)], ["Head motion", `${measure(evidence.head_motion, 1)} %`]];
    document.getElementById("chosen-chances").replaceChildren(...(one.probabilities.length ? [bars(one.probabilities)] : [el("p", { class: "muted" }, "No recogniser was run.")]));
    document.getElementById("chosen-regions").replaceChildren(...(one.regions.length ? one.regions.map((name) => el("li", { class: "tag" }, name)) : [el("li", { class: "muted" }, "None by name.")]));
    document.getElementById("chosen-evidence").replaceChildren(...facts.map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))));
    document.getElementById("chosen-cautions").replaceChildren(...(evidence.cautions.length ? evidence.cautions.map((line) => el("li", {}, line)) : [el("li", { class: "muted" }, "No caution.")]));
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
