// What a recording still has to send: pieces of film in their order, and events. Nothing is dropped before the server
// has acknowledged it; while the server is away it waits here and is tried again.
import { api, base } from "./api.js";

const FIRST_WAIT = 500;
const LONGEST_WAIT = 5000;
const LARGEST = 8 * 2 ** 20; // bytes of a request; a film is cut anywhere

export class Outbox {
  // changed({ unsent, problem, line }): problem is "", "away", "sign-in" or "refused"; refused(line): it takes no more.
  constructor(recording, { changed, refused }) {
    this.path = `${base}/api/recordings/${recording}`;
    this.changed = changed;
    this.refused = refused;
    this.chunks = [];
    this.sent = 0;
    this.events = [];
    this.problems = { chunks: null, events: null };
    this.wake = { chunks: () => {}, events: () => {} };
    this.closed = false;
    this.loops = [this.loop("chunks", () => this.sendChunk()), this.loop("events", () => this.sendEvents())];
  }

  addChunk(blob) {
    for (let at = 0; at < blob.size; at += LARGEST) {
      this.chunks.push({ blob: blob.slice(at, at + LARGEST), since: performance.now() });
    }
    this.wake.chunks();
    this.tell();
  }

  addEvent(event) {
    this.events.push(event);
    this.wake.events();
  }

  // Resolves once all has been acknowledged, or the server takes no more.
  async close() {
    this.closed = true;
    this.wake.chunks();
    this.wake.events();
    await Promise.all(this.loops);
  }

  // The page goes away, or what was recorded shall be deleted: send nothing more.
  drop() {
    this.dropped = true;
    this.close();
  }

  get unsentSeconds() {
    return this.chunks.length ? (performance.now() - this.chunks[0].since) / 1000 : 0;
  }

  async loop(name, send) {
    let wait = FIRST_WAIT;
    while (!this.dropped) {
      if (!this[name].length) {
        if (this.closed) return;
        await new Promise((wake) => (this.wake[name] = wake));
        continue;
      }
      try {
        await send();
        wait = FIRST_WAIT;
        this.problem(name, null);
      } catch (error) {
        if (this.dropped) return;
        this.problem(name, error);
        if ([404, 413, 422].includes(error.status) && !(await this.goOn())) {
          this.drop();
          return this.refused(error.message);
        }
        await new Promise((done) => setTimeout(done, wait));
        wait = Math.min(2 * wait, LONGEST_WAIT);
      }
    }
  }

  async sendChunk() {
    await api.send(`${this.path}/chunks/${this.sent}`, this.chunks[0].blob, { quiet: true });
    this.chunks.shift();
    this.sent += 1;
    this.tell();
  }

  async sendEvents() {
    const events = this.events.slice(0, 500);
    await api.post(`${this.path}/events`, { events }, { quiet: true });
    this.events.splice(0, events.length);
  }

  // The server was started anew and took this recording for cut off: we are still here. Good for a few times only.
  async goOn() {
    this.returns = (this.returns ?? 0) + 1;
    if (this.returns > 20) return false;
    return api.post(`${this.path}/go-on`, {}, { quiet: true }).then(
      () => true,
      (error) => error.status !== 422,
    );
  }

  problem(name, error) {
    this.problems[name] = error;
    this.tell();
  }

  tell() {
    const error = this.problems.chunks ?? this.problems.events;
    const kinds = { 0: "away", 401: "sign-in", 403: "sign-in", 422: "refused" };
    this.changed({ unsent: this.unsentSeconds, problem: error ? (kinds[error.status] ?? "away") : "", line: error?.message ?? "" });
  }
}

// Ask until the server answers; what it refuses for a reason is not asked again.
export async function persist(ask, waiting) {
  for (let wait = FIRST_WAIT; ; wait = Math.min(2 * wait, LONGEST_WAIT)) {
    try {
      return await ask();
    } catch (error) {
      if (error.status === 422 || error.status === 404) throw error;
      waiting(error);
    }
    await new Promise((done) => setTimeout(done, wait));
  }
}
