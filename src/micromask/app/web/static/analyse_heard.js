// What a screen reader is told of the queue: what came to an end at once, how far the rest is now and then.
import { many } from "./analyse_words.js";

const PROGRESS_EVERY = 30_000;
const ENDS = { ready: "ready", failed: "failed", cancelled: "cancelled" };

export class Heard {
  constructor(place) {
    this.place = place;
    this.before = null;
    this.last = Date.now();
  }

  // Called with every new list of recordings.
  hear(recordings) {
    const before = this.before;
    this.before = new Map(recordings.map((one) => [one.id, one.state]));
    if (before === null) return;
    const ended = recordings.filter((one) => one.state in ENDS && before.has(one.id) && before.get(one.id) !== one.state);
    if (ended.length) this.say(ended.length < 3 ? ended.map(sentence).join(" ") : this.#sum(ended));
    else if (Date.now() - this.last > PROGRESS_EVERY) this.#progress(recordings);
  }

  #sum(ended) {
    return Object.keys(ENDS)
      .map((state) => [ended.filter((one) => one.state === state).length, ENDS[state]])
      .filter(([number]) => number)
      .map(([number, word]) => `${many(number, "recording")} ${word}.`)
      .join(" ");
  }

  #progress(recordings) {
    const working = recordings.filter((one) => one.state === "working" && one.job?.total);
    const waiting = recordings.filter((one) => one.state === "waiting").length;
    if (!working.length) return;
    const parts = working.map((one) => `${one.title}: ${Math.floor((100 * one.job.done) / one.job.total)} per cent.`);
    this.say(`${parts.join(" ")}${waiting ? ` ${waiting} in the queue.` : ""}`);
  }

  // At once, in place of what was said before.
  say(words) {
    this.last = Date.now();
    this.place.textContent = words;
  }
}

function sentence(one) {
  if (one.state === "ready") return `${one.title}: ready, ${one.found?.line ?? "done"}.`;
  return `${one.title}: ${ENDS[one.state]}${one.state === "failed" && one.why ? `, ${one.why}` : ""}.`;
}
