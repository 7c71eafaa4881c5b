// The chooser of films in a folder of this machine: folders to the left, films to the right, a path can be typed.
import { api, el } from "./api.js";
import { many, size } from "./analyse_words.js";

const FOLDER = "M2 4.5A1.5 1.5 0 0 1 3.5 3h3l1.5 2h4.5A1.5 1.5 0 0 1 14 6.5v5a1.5 1.5 0 0 1-1.5 1.5h-9A1.5 1.5 0 0 1 2 11.5z";
const UP = "M8 13V3.5m0 0L4 7.5m4-4 4 4";

function icon(path) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  for (const [name, value] of Object.entries({ viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true", fill: "none", stroke: "currentColor", "stroke-width": 1.4 })) {
    svg.setAttribute(name, value);
  }
  const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

export class Chooser {
  // take(folder, names): called with what was chosen; the name "" is the folder itself, as a recording in pictures.
  constructor(dialog, take) {
    Object.assign(this, { dialog, take, at: null });
    const get = (id) => dialog.querySelector(`#${id}`);
    Object.assign(this, { path: get("path"), fault: get("path-fault"), places: get("places"), folders: get("folders"), films: get("films"), every: get("every"), everyLine: get("every-line"), left: get("left"), add: get("take") });
    get("typed").addEventListener("submit", (event) => {
      event.preventDefault();
      this.open(this.path.value);
    });
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    this.every.addEventListener("change", () => {
      for (const box of this.#boxes()) box.checked = this.every.checked;
      this.#count();
    });
    this.films.addEventListener("change", () => this.#count());
    this.add.addEventListener("click", () => {
      const names = this.#boxes().filter(({ checked }) => checked).map(({ value }) => value);
      dialog.close();
      this.take(this.at.path, names);
    });
  }

  async show() {
    if (this.dialog.open) return;
    this.dialog.showModal();
    await this.open(this.at?.path ?? "");
    this.folders.querySelector("button")?.focus();
  }

  async open(path) {
    this.fault.hidden = true;
    this.path.setAttribute("aria-invalid", false);
    try {
      this.at = await api.post("/api/folders/look", { path }, { quiet: true });
    } catch (error) {
      this.fault.textContent = error.message;
      this.fault.hidden = false;
      this.path.setAttribute("aria-invalid", true);
      this.path.focus();
      return;
    }
    this.#draw();
  }

  #draw() {
    const { path, places, above, folders, films, pictures, whole } = this.at;
    const within = this.folders.contains(document.activeElement) || this.places.contains(document.activeElement);
    this.path.value = path;
    this.places.replaceChildren(...places.map((one) => el("button", { type: "button", class: "small", "aria-pressed": one.path === path, onclick: () => this.open(one.path) }, one.name)));
    const go = (name, to, sign) => el("li", {}, el("button", { type: "button", onclick: () => this.open(to) }, icon(sign), name));
    const rows = folders.map((one) => go(one.name, one.path, FOLDER));
    if (above !== null) rows.unshift(go("Up to the folder around", above, UP));
    this.folders.replaceChildren(...(rows.length ? rows : [el("li", { class: "nothing" }, "No folders in here.")]));
    const boxes = films.map((one) => this.#box(one.name, one.name, one.known ? "in the list already" : size(one.bytes), !one.known));
    if (!films.length && pictures) boxes.push(this.#box("", `This folder as one recording: ${many(pictures, "picture")}, 30 a second`, "", false));
    this.films.replaceChildren(...(boxes.length ? boxes : [el("li", { class: "nothing" }, "No films in this folder.")]));
    this.everyLine.hidden = films.length < 2;
    this.left.hidden = whole;
    this.left.textContent = "This folder holds very many files: what you miss here may be among those that were not looked at.";
    this.#count();
    if (within) this.folders.querySelector("button")?.focus();
  }

  #box(value, words, more, checked) {
    const box = el("input", { type: "checkbox", value, checked });
    return el("li", {}, el("label", { class: "check" }, box, el("span", {}, words), el("span", { class: "size" }, more)));
  }

  #boxes() {
    return [...this.films.querySelectorAll("input")];
  }

  #count() {
    const boxes = this.#boxes();
    const chosen = boxes.filter(({ checked }) => checked).length;
    this.every.checked = chosen > 0 && chosen === boxes.length;
    this.every.indeterminate = chosen > 0 && chosen < boxes.length;
    this.add.disabled = chosen === 0;
    this.add.textContent = chosen ? `Add ${many(chosen, this.at.films.length ? "film" : "folder")}` : "Add films";
  }
}
