// The chooser of one folder of this machine: places, the folders in it, and a path that can be typed.
import { api, el } from "./api.js";
import { many } from "./analyse_words.js";

export class FolderChooser {
  constructor(dialog) {
    const find = (id) => dialog.querySelector(`#${id}`);
    Object.assign(this, { dialog, at: null, took: null, path: find("path"), fault: find("path-fault"), places: find("places"), folders: find("folders"), inside: find("inside"), take: find("take") });
    find("typed").addEventListener("submit", (event) => {
      event.preventDefault();
      this.open(this.path.value);
    });
    dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
    this.take.addEventListener("click", async () => {
      dialog.close();
      await Promise.resolve(this.took(this.at.path)).catch(() => {});
    });
  }

  // took(path): called with the folder that was chosen.
  async show(words, took, path = "") {
    this.took = took;
    this.take.textContent = words;
    this.dialog.showModal();
    await this.open(path || (this.at?.path ?? ""));
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
    const { path: here, places, above, folders, pictures } = this.at;
    this.path.value = here;
    this.places.replaceChildren(...places.map((one) => el("button", { type: "button", class: "small", "aria-pressed": one.path === here, onclick: () => this.open(one.path) }, one.name)));
    const row = (name, to) => el("li", {}, el("button", { type: "button", onclick: () => this.open(to) }, name));
    const rows = folders.map((one) => row(one.name, one.path));
    if (above !== null) rows.unshift(row("↑ The folder around", above));
    this.folders.replaceChildren(...(rows.length ? rows : [el("li", { class: "nothing" }, "No folders in here.")]));
    this.inside.textContent = `${pictures ? many(pictures, "picture") : "No pictures"} here, ${many(folders.length, "folder")} in it.`;
    this.folders.querySelector("button")?.focus();
  }
}
