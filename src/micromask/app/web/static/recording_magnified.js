// One interval with its movements made larger, beside the same as it was; worked out when somebody asks for it.
import { api } from "./api.js";

const ASK_EVERY_MS = 500;
// A movement of this strength (%) is seen without help, and tears when it is made larger.
const LARGE = 6;
const WORDS = { queued: "waiting for its turn …", running: "magnifying …", failed: "could not be magnified", cancelled: "was cancelled" };

export class Magnified {
  constructor(address, rate) {
    Object.assign(this, { address, rate, one: null });
    this.film = document.getElementById("magnified-film");
    this.line = document.getElementById("magnified-line");
    this.times = document.getElementById("magnified-times");
    document.getElementById("magnify").addEventListener("click", () => this.#ask(api.post));
    this.times.addEventListener("change", () => this.#look());
    this.film.addEventListener("loadeddata", () => this.#play());
    document.getElementById("magnified-play").addEventListener("click", () => (this.film.paused ? this.#play() : this.film.pause()));
    for (const name of ["play", "pause"]) {
      this.film.addEventListener(name, () => (document.getElementById("magnified-play").textContent = this.film.paused ? "Play" : "Pause"));
    }
  }

  get #place() {
    const { face, onset, offset } = this.one;
    return `${this.address}/magnified/${face}/${onset}/${offset}/${this.times.value}`;
  }

  choose(one) {
    this.one = one;
    this.times.value = one.strength > LARGE ? 5 : 10;
    document.getElementById("magnified-large").hidden = !(one.strength > LARGE);
    this.#look();
  }

  // What is there already is shown at once.
  #look() {
    this.#hide();
    if (this.one) this.#ask(api.get);
  }

  #hide() {
    clearTimeout(this.asking);
    this.film.removeAttribute("src");
    this.film.load();
    document.getElementById("magnified").hidden = true;
    this.line.textContent = "";
  }

  async #ask(how) {
    const place = this.#place;
    const button = document.getElementById("magnify");
    let answer;
    try {
      answer = how === api.post ? await api.post(place, {}, { quiet: true }) : await api.get(place, { quiet: true });
    } catch (error) {
      if (place !== this.#place) return;
      this.line.textContent = error.message;
      button.disabled = false;
      return;
    }
    if (place !== this.#place) return;
    const busy = answer.state === "queued" || answer.state === "running";
    button.disabled = busy || answer.state === "ready";
    if (answer.state === "ready") this.#show(place);
    else {
      const share = answer.total ? ` ${Math.round((100 * answer.done) / answer.total)} %` : "";
      this.line.textContent = answer.state === "none" ? "" : [WORDS[answer.state], answer.state === "running" ? share : answer.line].filter(Boolean).join(answer.state === "running" ? "" : ": ");
      clearTimeout(this.asking);
      if (busy) this.asking = setTimeout(() => place === this.#place && this.#ask(api.get), ASK_EVERY_MS);
    }
  }

  #show(place) {
    if (this.film.getAttribute("src") === `${place}/film`) return;
    document.getElementById("magnified").hidden = false;
    document.getElementById("magnified-larger").textContent = `movements ${this.times.value} times larger`;
    this.line.textContent = "";
    this.film.src = `${place}/film`;
  }

  #play() {
    this.film.playbackRate = this.rate();
    this.film.play().catch(() => {});
  }

  speed(rate) {
    if (this.film) this.film.playbackRate = rate;
  }
}
