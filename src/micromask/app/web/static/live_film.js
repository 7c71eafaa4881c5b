// A film of what the camera sees, only when somebody wants it: it goes to the server piece by piece.
import { api, el, say } from "./api.js";

const SLICE = 1000; // ms
const TYPES = ["video/webm;codecs=vp8", "video/webm;codecs=vp9", "video/webm", "video/mp4"];

export class LiveFilm {
  constructor({ key, stream, changed }) {
    Object.assign(this, { key, stream, changed });
    this.on = false;
  }

  async begin() {
    const mime = TYPES.find((type) => window.MediaRecorder?.isTypeSupported(type));
    if (!mime) throw new Error("This browser records no film that can be kept; use Chromium or Firefox.");
    await api.post(`/api/live/${this.key}/film`, { mime }, { quiet: true });
    const { height = 480 } = this.stream.getVideoTracks()[0].getSettings();
    this.media = new MediaRecorder(this.stream, { mimeType: mime, videoBitsPerSecond: height > 600 ? 6_000_000 : 3_000_000 });
    this.stopped = new Promise((done) => this.media.addEventListener("stop", done, { once: true }));
    this.media.addEventListener("dataavailable", ({ data }) => data.size && this.piece(data));
    this.number = 0;
    this.sending = Promise.resolve();
    this.broken = null;
    this.media.start(SLICE);
    this.begun = performance.now();
    this.on = true;
    this.changed(this);
  }

  // Pieces go one after another; the first that the server does not take ends the film.
  piece(data) {
    const number = this.number++;
    this.sending = this.sending.then(async () => {
      if (this.broken) return;
      try {
        await this.try(`/api/live/${this.key}/film/${number}`, data);
      } catch (error) {
        this.broken = error;
        this.end();
      }
    });
  }

  async try(path, data) {
    for (let left = 3; ; left--) {
      try {
        return await api.send(path, data, { quiet: true });
      } catch (error) {
        if (error.status !== 0 || left === 1) throw error;
        await new Promise((done) => setTimeout(done, 500));
      }
    }
  }

  // Resolves when all of it is in the list of recordings, or it is said why not.
  async end() {
    if (!this.on) return;
    this.on = false;
    this.changed(null);
    if (this.media.state !== "inactive") {
      this.media.stop();
      await this.stopped;
    }
    await this.sending.catch(() => {});
    const line = this.broken ? `The recording broke off (${this.broken.message}). ` : "";
    try {
      const { recording } = await api.post(`/api/live/${this.key}/film/end`, {}, { quiet: true });
      if (recording !== null) this.kept(line);
      else say(`${line}Nothing was recorded: it was too short.`, "note");
    } catch (error) {
      say(`${line}What was recorded is on the disk and comes into the list under Analyse when a camera is started again: ${error.line ?? error.message}`);
    }
  }

  kept(line) {
    say(`${line}The film is in the list and is being analysed: `, line ? "note" : "good");
    document.getElementById("says").append(el("a", { href: "/analyse" }, "open Analyse"));
  }

  // How long it is: minutes:seconds.
  length() {
    const seconds = Math.floor((performance.now() - this.begun) / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  }
}
