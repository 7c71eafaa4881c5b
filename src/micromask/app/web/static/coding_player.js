// The film frame by frame, along the true times of its frames as the server read them from the file.

import { SPEED_WORDS, placeAt } from "./player.js";

const SPEEDS = [0.125, 0.25, 0.5, 1];
// A busy machine may take seconds to draw the first frame; a browser that never tells of it goes by the file's clock.
const FIRST_FRAME_MS = 8000;

export class Player {
  // times: seconds of each frame from the first one; lead: seconds of the first one from the file's beginning.
  constructor(video, { film, times, lead }, moved) {
    Object.assign(this, { video, times, lead, moved, at: 0, wanted: 0, speed: 3, measuring: true });
    video.addEventListener("seeked", () => this.#settle());
    video.addEventListener("pause", () => this.#stopped());
    video.addEventListener("ended", () => this.#stopped());
    video.requestVideoFrameCallback?.((_, { mediaTime }) => this.#measure(mediaTime));
    video.addEventListener("loadeddata", () => setTimeout(() => this.#measure(lead), video.requestVideoFrameCallback ? FIRST_FRAME_MS : 0), { once: true });
    video.src = film;
  }

  // Browsers differ in where a film's clock begins when its first frame comes late: the first frame that this one shows
  // tells. And a film that was recorded in a browser does not say how long it is: going to its end finds out.
  #measure(lead) {
    if (this.measured) return;
    this.measured = true;
    this.lead = lead;
    this.measuring = this.video.duration === Infinity;
    if (this.measuring) this.video.currentTime = 1e9;
    else this.#seek();
  }

  #middle(index) {
    const next = this.times[index + 1] ?? this.times[index] + 0.01;
    return this.lead + (this.times[index] + next) / 2;
  }

  #seek() {
    if (this.video.readyState === 0 || this.measuring) return;
    this.sought = this.wanted;
    this.video.currentTime = this.#middle(this.wanted);
  }

  #settle() {
    if (!this.measured) return;
    if (this.measuring) {
      this.measuring = false;
      this.#seek();
    } else if (!this.video.paused) return;
    else if (this.sought !== this.wanted) this.#seek();
    else this.video.dataset.frame = this.at;
  }

  show(index) {
    if (!this.video.paused) {
      this.halted = true;
      this.video.pause();
    }
    this.at = this.wanted = Math.max(0, Math.min(this.times.length - 1, index));
    delete this.video.dataset.frame;
    if (!this.video.seeking) this.#seek();
    this.moved(this.at);
  }

  step(by) {
    this.show(this.at + by);
  }

  get playing() {
    return !this.video.paused;
  }

  toggle() {
    if (this.playing) {
      this.video.pause();
      return;
    }
    if (this.at >= this.times.length - 1) this.at = 0;
    delete this.video.dataset.frame;
    this.video.currentTime = this.lead + this.times[this.at] + 1e-4;
    this.video.playbackRate = SPEEDS[this.speed];
    const watch = (_, { mediaTime }) => {
      if (!this.playing) return;
      this.at = placeAt(this.times, mediaTime - this.lead + 1e-3);
      this.moved(this.at);
      this.video.requestVideoFrameCallback?.(watch);
    };
    this.video.requestVideoFrameCallback?.(watch);
    this.video.play().then(() => this.moved(this.at), () => {});
  }

  // The last frame that was drawn is the one that was seen; the player's own time may lie a frame beside it.
  #stopped() {
    if (!this.halted && !this.video.requestVideoFrameCallback) this.at = placeAt(this.times, this.video.currentTime - this.lead + 1e-3);
    this.halted = false;
    this.show(this.at);
  }

  faster(by) {
    this.speed = Math.max(0, Math.min(SPEEDS.length - 1, this.speed + by));
    this.video.playbackRate = SPEEDS[this.speed];
    return SPEED_WORDS[SPEEDS[this.speed]];
  }
}
