// One film of one part: MediaRecorder to the outbox, and an event log on the film's own clock.
import { api, base } from "./api.js";
import { firstFrame } from "./clock.js";
import { Outbox } from "./outbox.js";
import { WebmTimes } from "./webm.js";

const SLICE = 500; // ms: what a crash of the browser can lose, besides what is on its way
const WARM = 700; // ms until a recorder that was started is surely ready
const LEAD = 1200; // ms of film before the first stimulus: from them it is told with which frame it began
const LONGEST_LEAD = 8000;
const LEAST_FRAMES = 20;
const TYPES = ["video/webm;codecs=vp8,opus", "video/webm;codecs=vp9,opus", "video/webm", "video/mp4"];

function bestType(stream) {
  const silent = stream.getAudioTracks().length === 0;
  const types = silent ? TYPES.map((type) => type.replace(",opus", "")) : TYPES;
  const found = types.find((type) => MediaRecorder.isTypeSupported(type));
  if (!found) throw new Error("This browser records no film that can be kept; use Chromium or Firefox.");
  return found;
}

export class FilmRecorder {
  constructor(stream, clock, { session, part, changed, failed }) {
    Object.assign(this, { stream, clock, session, part, changed, failed });
    this.number = 0;
    this.pausedFor = 0;
    this.pausedAt = null;
  }

  // Resolves after a few frames, when it is known which of them was the film's first: zero of its clock.
  async start() {
    const mime = bestType(this.stream);
    const { recording } = await api.post(`${base}/api/sessions/${this.session}/recordings`, { part: this.part, mime });
    this.recording = recording;
    this.outbox = new Outbox(recording, { changed: this.changed, refused: this.failed });
    const { height = 480 } = this.stream.getVideoTracks()[0].getSettings();
    this.media = new MediaRecorder(this.stream, { mimeType: mime, videoBitsPerSecond: height > 600 ? 4_000_000 : 2_000_000 });
    this.media.addEventListener("dataavailable", ({ data }) => this.piece(data));
    this.media.addEventListener("error", ({ error }) => this.failed(error?.message ?? "The recording failed."));
    this.stopped = new Promise((done) => this.media.addEventListener("stop", done, { once: true }));
    const started = new Promise((done) => this.media.addEventListener("start", () => done(performance.now()), { once: true }));
    this.film = new WebmTimes();
    this.handed = [];
    this.reading = Promise.resolve();
    this.media.start(SLICE);
    this.media.pause(); // a busy browser gets ready late: it records from resume() on, and then at once
    await wait(WARM);
    await this.clock.betweenFrames();
    const begun = performance.now();
    this.media.resume();
    const at = await Promise.race([started, wait(LONGEST_LEAD)]);
    if (!at) throw new Error("The camera gives no pictures that can be recorded.");
    while (performance.now() < at + LEAD || (this.film.times.length < LEAST_FRAMES && performance.now() < at + LONGEST_LEAD)) {
      await wait(50);
    }
    await this.reading;
    const found = this.found(begun);
    this.fit = found && Math.round(100 * found.fit) / 100;
    this.zero = found?.time ?? this.clock.captured.find((time) => time > begun) ?? at;
    this.film = null;
  }

  piece(data) {
    if (!data.size) return;
    this.outbox.addChunk(data);
    if (!this.film) return;
    const at = performance.now();
    const film = this.film;
    this.reading = this.reading.then(async () => {
      film.add(new Uint8Array(await data.arrayBuffer()));
      if (film.times.length) this.handed.push([at, film.times.at(-1) - film.times[0]]);
    });
  }

  found(begun) {
    const film = this.film.times.map((time) => time - this.film.times[0]);
    return firstFrame({ begun, captured: this.clock.captured, film, handed: this.handed });
  }

  // Seconds on the film's own clock: from its first frame, without pauses.
  time(at = performance.now()) {
    if (this.zero === undefined) return 0;
    return Math.max(0, (this.pausedAt ?? at) - this.zero - this.pausedFor) / 1000;
  }

  log(kind, item = null, detail = {}, at = performance.now()) {
    const event = { number: this.number++, time_s: Math.round(1e4 * this.time(at)) / 1e4, kind, item, detail };
    this.outbox.addEvent(event);
    document.dispatchEvent(new CustomEvent("micromask:event", { detail: { ...event, at, recording: this.recording, part: this.part } }));
    return event;
  }

  get isPaused() {
    return this.pausedAt !== null;
  }

  pause(why) {
    if (this.isPaused || this.media.state !== "recording") return;
    this.media.pause();
    this.pausedAt = performance.now();
    this.log("pause", null, { why }, this.pausedAt);
  }

  resume() {
    if (!this.isPaused || this.media.state !== "paused") return;
    this.media.resume();
    const at = performance.now();
    this.pausedFor += at - this.pausedAt;
    this.pausedAt = null;
    this.log("resume", null, {}, at);
  }

  // Ends the film; resolves when all of it is on the server's disk.
  async stop(why) {
    this.log("stop", null, { why, fit_ms: this.fit ?? null });
    if (this.media.state !== "inactive") {
      this.media.stop();
      await this.stopped;
    }
    await this.outbox.close();
  }

  // What was recorded shall be deleted: end without sending the rest.
  discard() {
    this.outbox?.drop();
    if (this.media && this.media.state !== "inactive") this.media.stop();
  }

  // The page is being closed: what a last small request can carry.
  leaving() {
    if (!this.outbox) return { recording: null, events: [] };
    const last = { number: this.number++, time_s: this.time(), kind: "stop", item: null, detail: { why: "page closed" } };
    return { recording: this.recording, events: [...this.outbox.events, last] };
  }
}

function wait(ms) {
  return new Promise((done) => setTimeout(done, ms));
}
