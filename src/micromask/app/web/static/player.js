// A film frame by frame on the recording's own clock: what is shown has a number, and a loop stays between two numbers.
// Slower than its own speed a loop walks: it asks for each frame by itself, so that no other one is ever shown, however
// busy the machine is. Else the browser plays it, and is stopped in time.

export const SPEEDS = [0.125, 0.25, 0.5, 1, 2];
export const SPEED_WORDS = { 0.125: "⅛×", 0.25: "¼×", 0.5: "½×", 1: "1×", 2: "2×" };
// A frame that is shown for less than this may be over before anybody can stop at it (two pictures of a 60 Hz screen).
const REACTION_MS = 34;
// A frame that the browser has but does not report as shown, since it was on the screen already, counts after this long.
const UNSEEN_MS = 150;

// The last place in ascending times at or before a time; 0 where all are later.
export function placeAt(times, time) {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (times[middle] <= time) low = middle;
    else high = middle - 1;
  }
  return low;
}

export class Player {
  // clock: { times, frames }, seconds and numbers of the frames that the film holds; the film begins with the first.
  // moved(player): another frame is shown, or the film began or stopped to play.
  constructor(video, film, clock, { fps, moved }) {
    Object.assign(this, { video, times: clock.times, frames: clock.frames, fps, moved });
    Object.assign(this, { at: 0, wanted: 0, sought: -1, rate: 1, playing: false, walking: false, range: null, seen: -1 });
    video.addEventListener("seeked", () => this.#settle());
    video.addEventListener("ended", () => this.#ended());
    video.addEventListener("loadeddata", () => this.show(this.frame), { once: true });
    this.#watch();
    video.src = film;
  }

  // The number of the frame that is shown, and its second on the recording's clock.
  get frame() {
    return this.frames[this.at];
  }

  get time() {
    return this.times[this.at];
  }

  get #walks() {
    return this.playing && this.range !== null && this.rate < 1;
  }

  #shownAt(place) {
    return this.times[place] - this.times[0];
  }

  #lasts(place) {
    return place + 1 < this.times.length ? this.times[place + 1] - this.times[place] : 1 / this.fps;
  }

  placeOf(frame) {
    return placeAt(this.frames, frame);
  }

  // Each picture that the browser shows tells which one it is.
  #watch() {
    const { video } = this;
    const next = (call) => (video.requestVideoFrameCallback ? video.requestVideoFrameCallback(call) : requestAnimationFrame((now) => call(now, { mediaTime: video.currentTime })));
    const seen = (now, { mediaTime, expectedDisplayTime = now }) => {
      next(seen);
      if (video.readyState < 2) return;
      const place = placeAt(this.times, mediaTime + this.times[0] + 2e-4);
      if (this.#walks) return void (this.arrived && place === this.sought && !video.seeking && this.#walked());
      if (this.playing && !video.seeking) this.#played(place, expectedDisplayTime);
      else if (!this.playing && place !== this.seen && !video.seeking && this.sought === this.wanted) this.#is(place);
      this.seen = place;
    };
    next(seen);
  }

  #is(place) {
    this.at = place;
    this.video.dataset.frame = this.frame;
    this.moved(this);
  }

  #played(place, displayed) {
    const { range } = this;
    if (!range) return this.#is(place);
    if (place < range.first) return undefined;
    const lasts = (1000 * this.#lasts(place)) / this.rate;
    const soon = Math.ceil(REACTION_MS / lasts) - 1;
    if (place <= range.last) this.#is(place);
    if (place >= range.last - soon) this.#turn(place, lasts - (performance.now() - displayed));
    return undefined;
  }

  // The loop's last frame stays for as long as it would have been shown, then the first one comes.
  #turn(place, left) {
    this.video.pause();
    if (place !== this.range.last) this.#seek(this.range.last);
    clearTimeout(this.turning);
    this.turning = setTimeout(() => this.playing && this.range && this.#begin(this.range.first), Math.max(0, left));
  }

  #seek(place, into = 0.5) {
    this.sought = this.wanted = place;
    this.video.currentTime = this.#shownAt(place) + into * this.#lasts(place);
  }

  // Play from the beginning of a frame on.
  #begin(place) {
    clearTimeout(this.turning);
    this.video.pause();
    this.due = performance.now();
    this.starting = !this.#walks;
    if (this.starting) this.#seek(place, 0.02);
    else this.#walk(place);
  }

  #walk(place) {
    this.walking = true;
    this.arrived = false;
    this.#seek(place);
  }

  // The frame is on the screen and stays for as long as it lasts; the next ones are left out where there was no time for
  // them, the last never.
  #walked() {
    const { range, sought } = this;
    this.arrived = false;
    clearTimeout(this.turning);
    const lasts = (place) => (1000 * this.#lasts(place)) / this.rate;
    const now = performance.now();
    this.#is(sought);
    this.due += lasts(sought);
    let next = sought >= range.last ? range.first : sought + 1;
    for (; next > sought && next < range.last && this.due + lasts(next) < now; next += 1) this.due += lasts(next);
    if (this.due < now) this.due = now;
    this.turning = setTimeout(() => this.playing && (this.#walks ? this.#walk(next) : this.#begin(next)), this.due - now);
  }

  #settle() {
    if (this.walking) {
      this.walking = false;
      if (this.#walks) {
        this.arrived = true;
        this.turning = setTimeout(() => this.#walks && this.arrived && this.#walked(), UNSEEN_MS);
        return undefined;
      }
      if (this.playing) return this.#begin(this.sought);
    }
    if (this.starting) {
      this.starting = false;
      if (!this.playing) return this.#settle();
      this.#is(this.sought);
      this.video.playbackRate = this.rate;
      this.video.play().catch(() => {});
    } else if (!this.playing) {
      if (this.sought !== this.wanted) this.#seek(this.wanted);
      else this.#is(this.sought);
    }
    return undefined;
  }

  #halt() {
    this.playing = this.starting = false;
    clearTimeout(this.turning);
    this.video.pause();
  }

  // Stop at a frame of the recording; where the film does not hold it, at the one before.
  show(frame) {
    this.#halt();
    this.wanted = Math.max(0, Math.min(this.frames.length - 1, this.placeOf(frame)));
    delete this.video.dataset.frame;
    if (!this.video.seeking && this.video.readyState > 0) this.#seek(this.wanted);
    this.at = this.wanted;
    this.moved(this);
  }

  step(by) {
    const place = Math.max(0, Math.min(this.frames.length - 1, (this.playing ? this.at : this.wanted) + by));
    this.show(this.frames[place]);
  }

  play() {
    const { range } = this;
    let place = this.at;
    if (range && (place < range.first || place >= range.last)) place = range.first;
    if (!range && place >= this.frames.length - 1) place = 0;
    this.playing = true;
    delete this.video.dataset.frame;
    this.#begin(place);
    this.moved(this);
  }

  pause() {
    this.show(this.frame);
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  // Play from one frame of the recording to another, both included, again and again.
  loop(onset, offset) {
    this.#halt();
    this.range = { first: this.placeOf(onset), last: this.placeOf(offset) };
    this.at = this.range.first;
    this.play();
  }

  unloop() {
    const walked = this.#walks;
    this.range = null;
    if (walked) this.#begin(this.at);
  }

  speed(rate) {
    const walked = this.#walks;
    this.rate = rate;
    this.video.playbackRate = rate;
    if (this.playing && walked !== this.#walks) this.#begin(this.at);
    this.moved(this);
  }

  #ended() {
    if (this.range && this.playing) this.#turn(this.range.last, 0);
    else this.show(this.frames[this.frames.length - 1]);
  }
}
