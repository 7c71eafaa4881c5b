// The form that corrects an interval or adds one: frames from the film or typed, kind, emotion, note.
import { el } from "./api.js";
import { nameOf } from "./corrections_table.js";
import { bytes } from "./overlay.js";

const MICRO_SECONDS = 0.5;
const MARKS = ["onset", "apex", "offset"];
const EMOTIONS = ["emotion", "shown_emotion", "felt_emotion"];
const byId = (id) => document.getElementById(id);
const field = (name) => byId(`form-${name}`);

export class Form {
  // clock: the address of the film's times. does: { save(does, about, values), play(interval), show(frame), here(), closed() }
  constructor(clock, does) {
    Object.assign(this, { clock, with: does, does: null, about: null, times: new Map() });
    byId("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    byId("cancel").addEventListener("click", () => this.close());
    byId("try").addEventListener("click", () => this.#check() && this.with.play(this.#values()));
    for (const button of byId("form").querySelectorAll("[data-mark]")) button.addEventListener("click", () => this.mark(button.dataset.mark));
    for (const name of MARKS) {
      field(name).addEventListener("input", () => {
        if (this.#frame(name) !== null) this.with.show(this.#frame(name));
        this.#tell();
      });
    }
    field("kind").addEventListener("change", () => {
      this.#emotions(true);
      this.#tell();
    });
  }

  get isOpen() {
    return !byId("form").hidden;
  }

  // What can be chosen: faces and emotions.
  offer({ faces, emotions, emotions_of_masked: ofMasked }) {
    byId("form-faces").hidden = faces.length < 2;
    if (field("face").options.length !== faces.length) field("face").replaceChildren(...faces.map((face) => el("option", { value: face }, String(face))));
    byId("form-emotions").replaceChildren(...emotions.map((name) => el("option", { value: name })));
    byId("form-emotions-of-masked").replaceChildren(...ofMasked.map((name) => el("option", { value: name })));
  }

  // one: the interval to correct, null for a new one. mine: what one said of it before.
  async open(does, one, mine) {
    Object.assign(this, { does, about: one?.key ?? null });
    const from = mine?.interval ?? one?.stands ?? { onset: "", apex: "", offset: "", kind: "micro", emotion: "", shown_emotion: "", felt_emotion: "" };
    for (const name of [...MARKS, "kind", ...EMOTIONS]) field(name).value = from[name];
    field("kind").disabled = Boolean(one) && one.layer === "masked" && (Boolean(one.machine) || one.gone);
    this.#emotions(from.kind === "masked");
    field("note").value = mine?.note ?? "";
    if (from.face !== undefined) field("face").value = from.face;
    else field("face").value = document.querySelector('[data-face][aria-pressed="true"]')?.dataset.face ?? field("face").options[0]?.value ?? 0;
    field("face").disabled = Boolean(one);
    byId("form-title").textContent = one ? `What is it, in your view? ${one.machine ? nameOf(one) : "The chosen interval"}` : "A missed interval: go to its frames in the film, and mark them";
    byId("form").hidden = false;
    this.#fault("");
    this.with.closed();
    field("onset").focus({ preventScroll: true });
    this.#keepFilm();
    if (!this.times.size) {
      const both = new Float64Array(await bytes(this.clock));
      const half = both.length / 2;
      for (let place = 0; place < half; place++) this.times.set(both[half + place], both[place]);
      for (const name of MARKS) field(name).max = both[both.length - 1];
    }
    this.#tell();
  }

  // The film is what one marks: it must be in sight above the form.
  #keepFilm() {
    const film = document.querySelector(".screen");
    const { top, bottom } = film.getBoundingClientRect();
    if (top < 0 || bottom > byId("dock").getBoundingClientRect().top) film.scrollIntoView({ block: "start" });
  }

  close() {
    byId("form").hidden = true;
    Object.assign(this, { does: null, about: null });
    this.with.closed();
  }

  // Take the frame that the film shows.
  mark(name) {
    field(name).value = this.with.here();
    this.#tell();
  }

  async save() {
    if (!this.#check()) return;
    if (await this.with.save(this.does, this.about, this.#values())) this.close();
  }

  #frame(name) {
    const { value } = field(name);
    return value === "" || !Number.isInteger(Number(value)) ? null : Number(value);
  }

  #values() {
    const [onset, apex, offset] = MARKS.map((name) => this.#frame(name));
    return { face: Number(field("face").value || 0), onset, apex, offset, kind: field("kind").value, ...this.#named(), note: field("note").value.trim() };
  }

  // The emotions that are seen; the others are empty.
  #named() {
    return Object.fromEntries(EMOTIONS.map((name) => [name, field(name).closest(".mark").hidden ? "" : field(name).value.trim()]));
  }

  // A masked expression has two emotions, any other one. Where the kind changes, what was entered goes along as the shown one.
  #emotions(carry) {
    const masked = field("kind").value === "masked";
    for (const name of EMOTIONS) field(name).closest(".mark").hidden = masked === (name === "emotion");
    byId("form-felt-hint").hidden = !masked;
    const [from, to] = masked ? ["emotion", "shown_emotion"] : ["shown_emotion", "emotion"];
    if (carry && !field(to).value) field(to).value = field(from).value;
  }

  // Each frame with its second, and what is to be said of the length; nothing is forced.
  #tell() {
    for (const name of MARKS) {
      const second = this.times.get(this.#frame(name));
      byId(`form-${name}-at`).textContent = second === undefined ? "" : `${second.toFixed(3)} s`;
    }
    const [from, to] = [this.times.get(this.#frame("onset")), this.times.get(this.#frame("offset"))];
    const says = byId("form-says");
    says.classList.remove("warn");
    says.textContent = "";
    if (from === undefined || to === undefined || to < from) return;
    const lasts = to - from;
    const odd = field("kind").value === "micro" ? lasts > MICRO_SECONDS : field("kind").value === "macro" && lasts <= MICRO_SECONDS;
    says.classList.toggle("warn", odd);
    says.textContent = `Lasts ${lasts.toFixed(3)} s. ${odd ? `A micro-expression lasts at most ${MICRO_SECONDS} s, a macro-expression longer; you may save it as it is.` : ""}`;
    if (!byId("form-fault").hidden) this.#check();
  }

  #check() {
    const missing = MARKS.filter((name) => this.#frame(name) === null);
    const [onset, apex, offset] = MARKS.map((name) => this.#frame(name));
    if (missing.length) return this.#fault(`Mark ${missing.join(" and ")}: go to the frame and press the button beside it`, missing);
    if (!(onset >= 0 && onset <= apex && apex <= offset)) return this.#fault("Onset, apex and offset must follow one another", apex < onset ? ["apex"] : ["offset"]);
    if (!this.times.has(onset) || !this.times.has(apex) || !this.times.has(offset)) return this.#fault(`The film’s last frame is ${[...this.times.keys()].at(-1)}`, MARKS.filter((name) => !this.times.has(this.#frame(name))));
    return this.#fault("");
  }

  #fault(line, names = []) {
    byId("form-fault").textContent = line;
    byId("form-fault").hidden = !line;
    for (const name of MARKS) field(name).setAttribute("aria-invalid", names.includes(name));
    return !line;
  }
}
