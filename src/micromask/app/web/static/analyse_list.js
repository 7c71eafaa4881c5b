// The list of recordings: each row is made once and then brought up to date in place, so that nobody loses their place.
import { el } from "./api.js";
import { long, many, nth } from "./analyse_words.js";

const TAGS = { waiting: ["", "waits"], working: ["warn", "at work"], ready: ["good", "ready"], failed: ["bad", "failed"], cancelled: ["", "cancelled"] };
const BUSY = new Set(["waiting", "working"]);

class Row {
  // does: {cancel, again, anew, remove, describe}, each called with this row.
  constructor(one, does) {
    this.does = does;
    this.shown = {};
    this.title = el("h3");
    this.told = el("span");
    this.found = el("span", { class: "found" });
    this.about = el("p", { class: "about" }, this.told, this.found);
    this.state = el("div", { class: "state" });
    this.buttons = el("div", { class: "does" });
    this.under = el("div", { class: "under" });
    this.inputs = { participant: this.#input("Participant"), group: this.#input("Group") };
    const person = Object.values(this.inputs).map(({ label }) => label);
    this.item = el("li", { class: "recording", "data-id": one.id }, this.title, this.about, el("div", { class: "person" }, ...person), this.state, this.under, this.buttons);
    this.update(one);
  }

  #input(words) {
    const name = words.toLowerCase();
    const field = el("input", { type: "text", maxLength: 100, autocomplete: "off", spellcheck: false });
    field.setAttribute("list", `${name}s`);
    field.addEventListener("change", () => this.#describe(name));
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") field.blur();
      if (event.key === "Escape") field.value = this.one[name];
    });
    return { field, label: el("label", {}, el("span", {}, words), field) };
  }

  async #describe(name) {
    const { field } = this.inputs[name];
    const value = field.value.trim();
    if (value === this.one[name]) return;
    try {
      this.one = { ...this.one, ...(await this.does.describe(this, { [name]: value })) };
      field.setAttribute("aria-invalid", false);
      field.classList.add("kept");
      setTimeout(() => field.classList.remove("kept"), 1500);
    } catch {
      field.setAttribute("aria-invalid", true);
    }
  }

  // Do something only where what it shows has changed.
  #when(part, value, draw) {
    const now = JSON.stringify(value);
    if (this.shown[part] === now) return;
    this.shown[part] = now;
    draw();
  }

  update(one) {
    this.one = one;
    const { id, title, state } = one;
    this.item.dataset.state = state;
    const open = one.found !== null && !BUSY.has(state);
    this.#when("title", [title, open], () => {
      this.title.replaceChildren(open ? el("a", { href: `/recordings/${id}` }, title) : title);
      for (const [name, { field }] of Object.entries(this.inputs)) {
        field.setAttribute("aria-label", `${name === "group" ? "Group" : "Participant"} of ${title}`);
      }
    });
    this.#when("told", [one.seconds, one.fps, one.outside], () => (this.told.textContent = about(one)));
    this.#when("found", [state, one.found], () => this.found.replaceChildren(...(one.found && !BUSY.has(state) ? tags(one.found) : [])));
    for (const [name, { field }] of Object.entries(this.inputs)) {
      if (document.activeElement !== field && field.getAttribute("aria-invalid") !== "true") field.value = one[name];
    }
    this.#when("state", [state, one.place], () => {
      const [kind, word] = TAGS[state];
      const words = state === "waiting" && one.place ? `${word}, ${nth(one.place)} in the queue` : word;
      this.state.replaceChildren(el("span", { class: `tag ${kind}` }, words));
    });
    this.#when("under", [state, one.why, one.job], () => this.#under());
    this.#when("buttons", [state, title, one.found !== null], () => this.#buttons());
  }

  #under() {
    const { state, job, why, title } = this.one;
    if (state === "working") {
      if (!this.bar?.isConnected) {
        this.bar = el("progress", { "aria-label": `Progress of ${title}` });
        this.line = el("p", { class: "line" });
        this.under.replaceChildren(this.bar, this.line);
      }
      if (job?.total) Object.assign(this.bar, { max: job.total, value: Math.min(job.done, job.total) });
      else this.bar.removeAttribute("value");
      this.line.textContent = job?.line || "begins";
    } else if (state === "failed") {
      this.under.replaceChildren(el("p", { class: "why" }, why || "it could not be analysed"));
    } else {
      this.under.replaceChildren();
    }
  }

  #buttons() {
    const { state, title, id, found } = this.one;
    const button = (words, act, kind = "") =>
      el("button", { type: "button", class: `small ${kind}`, "data-does": act, onclick: () => this.does[act](this) }, words, el("span", { class: "unseen" }, ` ${title}`));
    const held = this.buttons.contains(document.activeElement);
    const made = [];
    if (BUSY.has(state)) {
      made.push(button("Cancel", "cancel"));
    } else {
      if (found) made.push(el("a", { class: "button small main", href: `/recordings/${id}` }, "Open", el("span", { class: "unseen" }, ` ${title}`)));
      if (state === "ready") made.push(button("Analyse again", "anew"));
      else made.push(button(state === "failed" ? "Try again" : "Analyse", "again"));
      made.push(button("Remove", "remove"));
    }
    this.buttons.replaceChildren(...made);
    if (held) made[0].focus();
  }
}

export class List {
  constructor(place, does) {
    Object.assign(this, { place, does, rows: new Map() });
  }

  // Newest first.
  update(recordings) {
    const here = new Set(recordings.map(({ id }) => id));
    for (const [id, row] of this.rows) {
      if (here.has(id)) continue;
      row.item.remove();
      this.rows.delete(id);
    }
    for (const one of recordings) {
      const row = this.rows.get(one.id);
      if (row) row.update(one);
      else this.#add(one);
    }
  }

  #add(one) {
    const row = new Row(one, this.does);
    const after = [...this.rows.values()].filter(({ one: { id } }) => id < one.id).sort((a, b) => b.one.id - a.one.id)[0];
    this.place.insertBefore(row.item, after?.item ?? null);
    this.rows.set(one.id, row);
  }

  // Show the rows for which fits(recording) is true; how many these are.
  show(fits) {
    let shown = 0;
    for (const { item, one } of this.rows.values()) {
      item.hidden = !fits(one) && !item.contains(document.activeElement);
      shown += !item.hidden;
    }
    return shown;
  }
}

function about({ seconds, fps, outside }) {
  const parts = [];
  if (seconds) parts.push(long(seconds));
  if (fps) parts.push(`${Number(fps.toPrecision(3))} frames/s`);
  if (outside) parts.push("read where it is");
  return parts.join(" · ");
}

function tags({ micro, macro, masked, faces, cautions, emotions, by }) {
  if (faces === 0) return [el("span", { class: "tag warn" }, "no face found")];
  const made = [];
  const tag = (words, kind = "") => made.push(el("span", { class: `tag ${kind}` }, words));
  if (micro) tag(many(micro, "micro-expression"));
  if (macro) tag(many(macro, "macro-expression"));
  if (masked) tag(`${masked} masked`);
  if (!micro && !macro && !masked) tag("no expression found");
  const felt = Object.entries(emotions).map(([name, number]) => `${number} ${name}`);
  if (felt.length) made.push(el("span", {}, felt.join(", ")));
  if (faces > 1) tag(many(faces, "face"));
  if (cautions) tag(many(cautions, "caution"), "warn");
  if (by.length) made.push(el("span", {}, `checked by ${by.join(", ")}`));
  return made;
}
