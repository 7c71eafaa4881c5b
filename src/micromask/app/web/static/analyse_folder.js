// The chooser of films in a folder of this machine: folders to the left, films to the right, a path can be typed.
import { el } from "./api.js";
import { Folders } from "./folders.js";
import { many, size } from "./analyse_words.js";

export class Chooser {
  #folders;

  // take(folder, names): called with what was chosen; the name "" is the folder itself, as a recording in pictures.
  constructor(dialog, take) {
    const get = (id) => dialog.querySelector(`#${id}`);
    Object.assign(this, { films: get("films"), every: get("every"), everyLine: get("every-line"), left: get("left"), add: get("take") });
    this.#folders = new Folders(dialog, (at) => this.#draw(at));
    this.every.addEventListener("change", () => {
      for (const box of this.#boxes()) box.checked = this.every.checked;
      this.#count();
    });
    this.films.addEventListener("change", () => this.#count());
    this.add.addEventListener("click", () => {
      const names = this.#boxes().filter(({ checked }) => checked).map(({ value }) => value);
      dialog.close();
      take(this.#folders.at.path, names);
    });
  }

  show() {
    return this.#folders.show();
  }

  #draw({ films, pictures, whole }) {
    const boxes = films.map((one) => this.#box(one.name, one.name, one.known ? "in the list already" : size(one.bytes), !one.known));
    if (!films.length && pictures) boxes.push(this.#box("", `This folder as one recording: ${many(pictures, "picture")}, 30 a second`, "", false));
    this.films.replaceChildren(...(boxes.length ? boxes : [el("li", { class: "nothing" }, "No films in this folder.")]));
    this.everyLine.hidden = films.length < 2;
    this.left.hidden = whole;
    this.left.textContent = "This folder holds very many files: what you miss here may be among those that were not looked at.";
    this.#count();
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
    this.add.textContent = chosen ? `Add ${many(chosen, this.#folders.at.films.length ? "film" : "folder")}` : "Add films";
  }
}
