// The label panel: emotions, confidence, action units and note of what is labelled, kept frame or interval.
import { el } from "/static/api.js";

export const BLANK = { emotion: null, action_units: "", confidence: null, note: "", onset: null, apex: null, offset: null };
export const WORDS = { "": "no expression", "cannot tell": "cannot tell" };
export const words = (emotion) => WORDS[emotion] ?? emotion.replaceAll("_", " ");

export const isBlank = (values) => Object.entries(BLANK).every(([name, value]) => values[name] === value);

// Action units that look as they should; the server has the last word.
export const isPlain = (units) => /^\s*(au)?\s*[lr]?\d{1,2}[a-e]?(\s*[,+;]\s*(au)?\s*[lr]?\d{1,2}[a-e]?)*[\s,+;]*$|^\s*$/i.test(units);

const byId = (id) => document.getElementById(id);

export class Panel {
  // chosen(emotion), sure(confidence), typed(): fields changed, left(): a field was left with changes.
  constructor({ chosen, sure, typed, left }) {
    this.chosen = chosen;
    this.units = byId("units");
    this.note = byId("note");
    for (const field of [this.units, this.note]) {
      field.addEventListener("input", typed);
      field.addEventListener("change", left);
    }
    this.confidence = [1, 2, 3, 4, 5].map((value) => {
      const button = el("button", { type: "button", class: "small", onclick: () => sure(value), "aria-label": `Confidence ${value}` }, String(value));
      document.querySelector(".confidence").append(button);
      return button;
    });
  }

  // The emotions of a kind in the order of their keys; then none and cannot tell.
  offer(emotions) {
    if (this.offered === emotions) return;
    this.offered = emotions;
    this.choices = new Map([...emotions.map((emotion, index) => [emotion, index < 9 ? String(index + 1) : ""]), ["", "N"], ["cannot tell", "T"]]);
    byId("emotions").replaceChildren(...[...this.choices].map(([emotion, key]) =>
      el("button", { type: "button", "data-emotion": emotion, onclick: () => this.chosen(emotion) },
        el("span", {}, words(emotion)), ...(key ? [el("kbd", {}, key)] : []))));
  }

  keyed(key) {
    for (const [emotion, own] of this.choices) if (own === key) return emotion;
    return undefined;
  }

  // What was typed, on top of the other values.
  typed(values) {
    return { ...values, action_units: this.units.value.trim(), note: this.note.value.trim() };
  }

  draw(values, saved) {
    for (const button of byId("emotions").children) {
      button.setAttribute("aria-pressed", String(values.emotion === button.dataset.emotion));
    }
    this.confidence.forEach((button, index) => button.setAttribute("aria-pressed", String(values.confidence === index + 1)));
    if (document.activeElement !== this.units) this.units.value = values.action_units;
    if (document.activeElement !== this.note) this.note.value = values.note;
    byId("remove").disabled = !saved;
  }

  fault(wrong) {
    if (wrong) this.units.setAttribute("aria-invalid", "true");
    else this.units.removeAttribute("aria-invalid");
  }
}
