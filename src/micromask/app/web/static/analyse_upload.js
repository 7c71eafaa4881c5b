// Films on their way to the server: two at a time, with progress; where the queue is full they wait and try again.
import { api, el } from "./api.js";
import { size } from "./analyse_words.js";

const AT_ONCE = 2;
const WAIT_SECONDS = 5;

let mark = document.querySelector('meta[name="csrf"]').content;

// Send one film; resolves with { status, answer, wait }. fetch cannot say how far an upload is.
function send(address, film, onprogress, hold) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("X-Micromask-CSRF", mark);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded }) => onprogress(loaded));
    request.addEventListener("loadend", () => {
      const wait = Number(request.getResponseHeader("Retry-After")) || WAIT_SECONDS;
      resolve({ status: request.status, answer: request.response, wait });
    });
    hold(request);
    request.send(film);
  });
}

class Upload {
  constructor(film, address, queue) {
    Object.assign(this, { film, address, queue, state: "waits", request: null, timer: 0 });
    this.bar = el("progress", { max: Math.max(film.size, 1), value: 0, hidden: true, "aria-label": `Sending ${film.name}` });
    this.words = el("p", { class: "about" });
    this.tag = el("span", { class: "tag" });
    this.why = el("p", { class: "why", hidden: true });
    this.stop = el("button", { type: "button", class: "small", onclick: () => this.drop() });
    this.again = el("button", { type: "button", class: "small", hidden: true, onclick: () => this.#retry() }, "Try again", el("span", { class: "unseen" }, ` ${film.name}`));
    this.item = el("li", { class: "upload" }, el("h3", {}, film.name), this.words, el("div", { class: "state" }, this.tag), el("div", { class: "does" }, this.again, this.stop), el("div", { class: "under" }, this.bar, this.why));
    this.#show("waits", "waits");
  }

  #show(state, tag, kind = "") {
    this.state = state;
    this.tag.textContent = tag;
    this.tag.className = `tag ${kind}`;
    this.item.classList.toggle("failed", state === "failed");
    this.bar.hidden = state !== "sends";
    this.why.hidden = this.again.hidden = state !== "failed";
    this.words.textContent = size(this.film.size);
    this.stop.replaceChildren(state === "failed" ? "Dismiss" : "Stop", el("span", { class: "unseen" }, ` ${this.film.name}`));
  }

  async begin() {
    this.#show("sends", "on its way", "warn");
    const sent = (bytes) => {
      this.bar.value = bytes;
      this.words.textContent = `${size(bytes)} of ${size(this.film.size)}`;
    };
    let got = await this.#send(sent);
    if (got.status === 403 && this.state === "sends") {
      mark = (await api.get("/api/mark", { quiet: true }).catch(() => ({ mark }))).mark;
      got = await this.#send(sent);
    }
    if (this.state === "sends") this.#arrived(got);
    this.queue.go();
  }

  #send(sent) {
    return send(this.address, this.film, sent, (request) => (this.request = request));
  }

  #arrived({ status, answer, wait }) {
    if (status >= 200 && status < 300) {
      this.#show("done", "there", "good");
      this.queue.arrived(this, answer);
    } else if (status === 429) {
      this.#show("held", "the queue is full: waits");
      this.timer = setTimeout(() => this.#retry(), wait * 1000);
    } else {
      this.why.textContent = answer?.error ?? "the server did not take it; is it still running?";
      this.#show("failed", "not sent", "bad");
      this.queue.failed(this);
    }
  }

  #retry() {
    this.#show("waits", "waits");
    this.queue.go();
  }

  // Stop it, or take away what was said of its failure.
  drop() {
    clearTimeout(this.timer);
    this.state = "dropped";
    this.request?.abort();
    this.queue.dropped(this);
  }
}

export class Uploads {
  // changed(): films came or went. arrived(answer): the server has one. failed(name, why): it does not take one.
  constructor(place, { changed, arrived, failed }) {
    Object.assign(this, { place, all: new Set(), told: { changed, arrived, failed } });
    window.addEventListener("beforeunload", (event) => {
      if ([...this.all].some(({ state }) => state !== "failed")) event.preventDefault();
    });
  }

  add(films, address) {
    for (const film of films) {
      const one = new Upload(film, address(film.name), this);
      this.all.add(one);
      this.place.append(one.item);
    }
    this.told.changed(this.all.size);
    this.go();
  }

  // Begin as many as may be on their way. While one is held back by a full queue no further one is sent.
  go() {
    const films = [...this.all];
    if (films.some(({ state }) => state === "held")) return;
    let free = AT_ONCE - films.filter(({ state }) => state === "sends").length;
    for (const one of films.filter(({ state }) => state === "waits")) {
      if (free-- <= 0) return;
      one.begin();
    }
  }

  stopAll() {
    for (const one of [...this.all]) one.drop();
  }

  arrived(one, answer) {
    this.#remove(one);
    this.told.arrived(answer);
  }

  failed(one) {
    this.told.failed(one.film.name, one.why.textContent);
  }

  dropped(one) {
    this.#remove(one);
    this.go();
  }

  #remove(one) {
    const held = one.item.contains(document.activeElement);
    const next = one.item.nextElementSibling ?? one.item.previousElementSibling;
    one.item.remove();
    this.all.delete(one);
    if (held) (next?.querySelector("button:not([hidden])") ?? document.getElementById("choose")).focus();
    this.told.changed(this.all.size);
  }
}

// The files of what was dropped; folders are searched through.
export async function filesOf(transfer) {
  const entries = [...transfer.items].filter(({ kind }) => kind === "file").map((item) => item.webkitGetAsEntry?.() ?? item.getAsFile());
  const found = [];
  for (const entry of entries) if (entry) await gather(entry, found);
  return found;
}

async function gather(entry, found) {
  if (entry instanceof File) found.push(entry);
  else if (entry.isFile) found.push(await new Promise((resolve, reject) => entry.file(resolve, reject)));
  else {
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
      if (!some.length) return;
      for (const one of some) if (!one.name.startsWith(".")) await gather(one, found);
    }
  }
}
