// The folders of this machine in a dialog: places to begin from, the folders in the one that is open, and its path, which can be typed.
import { api, el } from "./api.js";

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

export class Folders {
  #dialog;
  #path;
  #fault;
  #places;
  #folders;
  #opened;

  // opened(at): called with what the server tells of each folder that is opened; the last of them is `at`.
  constructor(dialog, opened) {
    const find = (id) => dialog.querySelector(`#${id}`);
    [this.#dialog, this.#opened, this.at] = [dialog, opened, null];
    [this.#path, this.#fault, this.#places, this.#folders] = ["path", "path-fault", "places", "folders"].map(find);
    find("typed").addEventListener("submit", (event) => {
      event.preventDefault();
      this.open(this.#path.value);
    });
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  }

  // The dialog with this folder, else the one that was open last.
  async show(path = "") {
    if (this.#dialog.open) return;
    this.#dialog.showModal();
    await this.open(path || (this.at?.path ?? ""));
    this.#folders.querySelector("button")?.focus();
  }

  async open(path) {
    this.#fault.hidden = true;
    this.#path.setAttribute("aria-invalid", false);
    try {
      this.at = await api.post("/api/folders/look", { path }, { quiet: true });
    } catch (error) {
      this.#fault.textContent = error.message;
      this.#fault.hidden = false;
      this.#path.setAttribute("aria-invalid", true);
      this.#path.focus();
      return;
    }
    this.#draw();
  }

  #draw() {
    const { path, places, above, folders } = this.at;
    const within = [this.#folders, this.#places].some((list) => list.contains(document.activeElement));
    this.#path.value = path;
    this.#places.replaceChildren(...places.map((one) => el("button", { type: "button", class: "small", "aria-pressed": one.path === path, onclick: () => this.open(one.path) }, one.name)));
    const go = (name, to, sign) => el("li", {}, el("button", { type: "button", onclick: () => this.open(to) }, icon(sign), name));
    const rows = folders.map((one) => go(one.name, one.path, FOLDER));
    if (above !== null) rows.unshift(go("Up to the folder around", above, UP));
    this.#folders.replaceChildren(...(rows.length ? rows : [el("li", { class: "nothing" }, "No folders in here.")]));
    this.#opened(this.at);
    if (within) this.#folders.querySelector("button")?.focus();
  }
}
