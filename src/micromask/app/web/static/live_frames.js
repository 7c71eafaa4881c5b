// The camera's frames on their way to the server: two at a time, the newest each time, and how long it takes.
import { api } from "./api.js";
import { captureTime } from "./clock.js";

const AT_ONCE = 2;
const QUALITY = 0.85;
const PATIENCE = 10_000; // ms without an answer after which the server counts as gone
const LATELY = 2000; // ms that the figures are of

export class Frames {
  // seen(state): what the server says of a frame; failed(line): it is over.
  constructor({ key, video, seen, failed }) {
    Object.assign(this, { key, video, seen, failed });
    this.canvas = document.createElement("canvas");
    this.pen = this.canvas.getContext("2d", { alpha: false });
    this.number = this.flying = this.newest = 0;
    this.answers = []; // [when it came, how long after the camera took the frame], ms
  }

  start() {
    this.on = true;
    this.began = performance.now();
    this.last = -1;
    this.next();
  }

  stop() {
    this.on = false;
  }

  next() {
    if (!this.on) return;
    const took = (now, about) => {
      if (!this.on) return;
      this.next();
      if (this.flying < AT_ONCE) this.send(about ? captureTime(now, about) : performance.now());
    };
    if ("requestVideoFrameCallback" in this.video) this.video.requestVideoFrameCallback(took);
    else setTimeout(took, 33);
  }

  async send(taken) {
    const at = Math.max(0, taken - this.began);
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!width || at <= this.last) return;
    this.last = at;
    this.flying += 1;
    const number = ++this.number;
    try {
      if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
      this.pen.drawImage(this.video, 0, 0);
      const picture = await new Promise((done) => this.canvas.toBlob(done, "image/jpeg", QUALITY));
      if (!this.on || !picture) return;
      const path = `/api/live/${this.key}/frames/${number}?at=${(at / 1000).toFixed(4)}`;
      const state = await api.send(path, picture, { quiet: true, timeout: PATIENCE });
      if (!this.on || state.late || number < this.newest) return;
      this.newest = number;
      this.answers.push([performance.now(), performance.now() - taken]);
      this.seen(state);
    } catch (error) {
      if (this.on && error.status !== 429) this.failed(lineOf(error));
    } finally {
      this.flying -= 1;
    }
  }

  // Frames per second that were looked at lately, and the median time from the camera to the answer (ms, or null).
  figures() {
    const now = performance.now();
    this.answers = this.answers.filter(([when]) => when > now - LATELY);
    const took = this.answers.map(([, long]) => long).sort((a, b) => a - b);
    const span = Math.min(LATELY, now - this.began) / 1000;
    return { rate: took.length / span, latency: took.length ? took[took.length >> 1] : null };
  }
}

function lineOf(error) {
  if (error.status === 0) return "The server does not answer, so the camera was stopped. Is micromask still running?";
  if (error.status === 404) return "The server knows nothing of this view any more, so the camera was stopped: start it again.";
  return error.message;
}
