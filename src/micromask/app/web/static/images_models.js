// The user's own models: the list with what each says of itself, one more from a file, one more from a folder.
import { api, ApiError, el, say } from "./api.js";
import { many } from "./analyse_words.js";

const TEN_MINUTES = 600_000;
const get = (id) => document.getElementById(id);
const unseen = (text) => el("span", { class: "unseen" }, text);
const STATES = { queued: ["waits", ""], running: ["fitting", "warn"], done: ["done", "good"], failed: ["failed", "bad"], cancelled: ["stopped", ""] };
const NOT_MEASURED = "How good it is on people it has not seen was never measured.";

export class Models {
  // sure(words): asks before something goes. changed(): a model came or went.
  constructor(chooser, sure, changed) {
    Object.assign(this, { sure, changed, timer: 0, known: "" });
    get("model-choose").addEventListener("click", () => get("model-file").click());
    get("model-file").addEventListener("change", ({ target }) => this.#add(target));
    get("folder-choose").addEventListener("click", () => chooser.show("Take this folder", (path) => {
      get("folder").value = path;
      return this.#look();
    }, get("folder").value));
    for (const id of ["folder", "who", "pattern"]) get(id).addEventListener("change", () => this.#look());
    get("kind").addEventListener("change", () => this.#sizes());
    get("fit-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#fit();
    });
    this.#sizes();
  }

  begin() {
    return this.#list();
  }

  #sizes() {
    const sizes = get("kind").selectedOptions[0].dataset.sizes.split(" ");
    const words = (size, at) => `${size} px${at === sizes.length - 1 ? ", as published" : at === 0 ? ", quickest" : ""}`;
    get("size").replaceChildren(...sizes.map((size, at) => el("option", { value: size }, words(size, at))));
  }

  async #add(input) {
    const [file] = input.files;
    input.value = "";
    if (!file) return;
    say("");
    await api.send(`/api/models/file?name=${encodeURIComponent(file.name)}`, file, { timeout: TEN_MINUTES }).catch(() => {});
    await this.#list();
  }

  #asked() {
    return { path: get("folder").value, who: get("who").value, pattern: get("who").value === "own" ? get("pattern").value : "" };
  }

  // What the folder holds by the names in it, before anything is fitted.
  async #look() {
    get("pattern-field").hidden = get("who").value !== "own";
    const found = get("folder-found");
    if (!get("folder").value || (get("who").value === "own" && !get("pattern").value)) return found.replaceChildren();
    try {
      const { emotions, lines } = await api.post("/api/models/look", this.#asked(), { quiet: true, timeout: TEN_MINUTES });
      const counts = Object.entries(emotions).map(([name, number]) => `${name} ${number}`);
      found.replaceChildren(el("p", {}, el("strong", {}, counts.join(" · "))), ...lines.map((line) => el("p", {}, `${line[0].toUpperCase()}${line.slice(1)}.`)));
    } catch (error) {
      found.replaceChildren(el("p", { class: "fault" }, error.message));
    }
  }

  async #fit() {
    say("");
    if (!get("folder").value.trim()) {
      get("folder-found").replaceChildren(el("p", { class: "fault" }, "Which folder? Type its path, or press Choose."));
      return get("folder").focus();
    }
    const value = { ...this.#asked(), model: get("kind").value, size: Number(get("size").value), epochs: Math.round(Number(get("epochs").value)), whole: get("whole").checked, title: get("title").value || "my model" };
    const button = get("fit-form").querySelector("[type=submit]");
    button.disabled = true; // a double click is one wish
    try {
      await api.post("/api/models/fit", value, { timeout: TEN_MINUTES });
      await this.#list();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    } finally {
      button.disabled = false;
    }
  }

  async #list() {
    clearTimeout(this.timer);
    let busy = true;
    try {
      const { models, fits } = await api.get("/api/models", { quiet: true });
      const now = JSON.stringify(models);
      if (now !== this.known) {
        get("model-list").replaceChildren(...models.map((one) => this.#model(one)));
        get("no-models").hidden = models.length > 0;
        if (this.known) this.changed();
        this.known = now;
      }
      this.#fits(fits);
      busy = fits.some(({ state }) => state === "queued" || state === "running");
    } catch {
      // the server may be back soon
    }
    this.timer = setTimeout(() => this.#list(), busy ? 1500 : 15_000);
  }

  #model(one) {
    const remove = el("button", { type: "button", class: "small", onclick: async () => {
      if (!(await this.sure(`The model ${one.name}. What was read with it stays.`))) return;
      await api.post("/api/models/remove", { name: one.name }).catch(() => {});
      await this.#list();
    } }, "Remove", unseen(` ${one.name}`));
    const under = el("div", { class: "under" });
    if (one.why) under.append(el("p", { class: "why" }, one.why));
    else {
      const { samples, subjects } = one.data;
      under.append(el("p", {}, one.figures ? `On people it had not seen: ${one.figures} (${one.protocol}).` : NOT_MEASURED));
      if (samples) under.append(el("p", { class: "muted" }, `Fitted on ${many(samples, "picture")}${one.figures ? ` of ${many(subjects, "person").replace("persons", "people")}` : ""}. Licence: ${one.licence}.`));
    }
    const about = one.why ? "cannot be used" : `${one.model}, reads ${{ frame: "pictures and film", frames: "film (sequences)", motion: "film (motion)" }[one.reads]}: ${one.classes.join(", ")}`;
    return el("li", { class: "item" }, el("h3", {}, one.name), el("p", { class: "about" }, about), el("div", { class: "state" }), el("div", { class: "does" }, remove), under);
  }

  #fits(fits) {
    const shown = fits.filter(({ state }) => state !== "cancelled");
    const now = JSON.stringify(shown);
    if (now === this.shown) return;
    this.shown = now;
    const held = document.activeElement?.dataset?.fit;
    get("fits").replaceChildren(...shown.map((one) => {
      const [word, kind] = STATES[one.state];
      const busy = one.state === "queued" || one.state === "running";
      const stop = el("button", { type: "button", class: "small", "data-fit": one.id, onclick: async () => {
        await api.post(`/api/jobs/${one.id}/cancel`).catch(() => {});
        await this.#list();
      } }, "Stop", unseen(` ${one.title}`));
      const bar = el("progress", { max: one.total || 1, value: one.done, hidden: one.state !== "running", "aria-label": `How far ${one.title} is` });
      const line = el("p", { class: one.state === "failed" ? "why" : "muted" }, one.line);
      return el("li", { class: "item" }, el("h3", {}, one.title), el("p", { class: "about" }, one.model), el("div", { class: "state" }, el("span", { class: `tag ${kind}` }, word)), el("div", { class: "does" }, ...(busy ? [stop] : [])), el("div", { class: "under" }, bar, line));
    }));
    if (held) get("fits").querySelector(`[data-fit="${held}"]`)?.focus();
  }
}
