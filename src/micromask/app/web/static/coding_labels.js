// A coder's labels of one film: as the server has them, and what was entered and is not saved yet.
import { api } from "/static/api.js";

export class Labels {
  // changed(): something is to be drawn again. said(words, kind): "saving", "saved" or "bad".
  constructor(base, film, changed, said) {
    Object.assign(this, { base, changed, said, undoable: film.undo, redoable: film.redo, running: 0 });
    this.frames = new Map();
    this.intervals = new Map();
    for (const label of film.labels) this.#put(label);
    this.store = `micromask drafts ${base}`;
    this.drafts = new Map(JSON.parse(sessionStorage.getItem(this.store) ?? "[]"));
    this.queue = Promise.resolve();
    this.sent = new Set();
  }

  static key = (kind, target) => `${kind}/${target}`;

  #put(label) {
    if (label.number === null) this.intervals.set(label.id, label);
    else this.frames.set(Labels.key(label.kind, label.number), label);
  }

  #drop(id) {
    this.intervals.delete(id);
    for (const [key, label] of this.frames) if (label.id === id) this.frames.delete(key);
  }

  // The label of a kept frame (a number) or of an interval ("i" and its id; "new").
  saved(kind, target) {
    if (typeof target === "number") return this.frames.get(Labels.key(kind, target)) ?? null;
    const label = this.intervals.get(Number(target.slice(1)));
    return label?.kind === kind ? label : null;
  }

  draft(kind, target) {
    return this.drafts.get(Labels.key(kind, target)) ?? null;
  }

  // Whether a draft waits for something: it is neither on its way to the server nor saved.
  waits(kind, target) {
    const draft = this.draft(kind, target);
    return draft !== null && !this.sent.has(draft);
  }

  // What could have been saved and was not: (kind, target, values) of each.
  failed(ready) {
    const all = [...this.drafts].map(([key, values]) => {
      const [kind, rest] = key.split("/");
      return [kind, /^\d+$/.test(rest) ? Number(rest) : rest, values];
    });
    return all.filter(([, target, values]) => ready(values, target) && !this.sent.has(values));
  }

  // Drafts outlive a reload of the page: nothing that was typed is lost.
  keep(kind, target, values) {
    if (values) this.drafts.set(Labels.key(kind, target), values);
    else this.drafts.delete(Labels.key(kind, target));
    sessionStorage.setItem(this.store, JSON.stringify([...this.drafts]));
  }

  // Save one label; true once the server has said that it is on the disk. Requests go out one after another.
  save(kind, target, values, covered) {
    this.keep(kind, target, values);
    const id = typeof target === "string" && target !== "new" ? Number(target.slice(1)) : null;
    const number = typeof target === "number" ? target : null;
    const { emotion, action_units, confidence, note, onset = null, apex = null, offset = null } = values;
    const sent = { kind, emotion, number, id, action_units, confidence, note, covered, onset, apex, offset };
    this.sent.add(values);
    const asked = this.#ask("labels", sent, () => {
      if (this.draft(kind, target) === values) this.keep(kind, target, null);
      this.sent.delete(values);
    });
    return asked.then((answer) => {
      this.sent.delete(values);
      this.changed();
      return answer;
    });
  }

  remove(label, kind, target) {
    return this.#ask(`labels/${label.id}/remove`, {}, () => this.keep(kind, target, null));
  }

  // What undo or redo changed: the answer of the server, null if it did not work.
  step(verb) {
    return this.#ask(verb, {}, (answer, before) => {
      const label = answer.label ?? before;
      if (label) this.keep(label.kind, label.number ?? `i${label.id}`, null);
      return label;
    });
  }

  #find(id) {
    return this.intervals.get(id) ?? [...this.frames.values()].find((label) => label.id === id) ?? null;
  }

  #ask(what, value, then) {
    this.running += 1;
    this.said("saving …", "saving");
    const asked = this.queue.then(async () => {
      const answer = await api.post(`${this.base}/${what}`, value, { quiet: true });
      const before = this.#find(answer.id);
      this.#drop(answer.id);
      if (answer.label) this.#put(answer.label);
      this.undoable = answer.undo;
      this.redoable = answer.redo;
      const label = then(answer, before) ?? answer.label;
      this.running -= 1;
      if (!this.running) this.said(`saved ${new Date(answer.saved).toLocaleTimeString("en-GB")}`, "saved");
      this.changed();
      return { label };
    });
    this.queue = asked.catch((error) => {
      this.running -= 1;
      this.said(error.message, "bad");
      this.changed();
    });
    return asked.catch(() => null);
  }
}
