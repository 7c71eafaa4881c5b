// One moment in two films. It is told in seconds of the first film; the second one may begin later or earlier.

const DRIFT = 0.06;
// A film that is farther off than this (s) while both play is put right.

export class CompareFilms {
  // sides: { clock, figure, film, told }; moved({ now, playing }): another moment is shown.
  constructor(sides, { moved }) {
    Object.assign(this, { sides, moved, now: 0, shift: 0, rate: 1, playing: false });
    for (const side of sides) {
      side.video = side.figure.querySelector("video");
      side.video.src = side.film;
      side.video.addEventListener("seeked", () => this.#settle(side));
      side.video.addEventListener("loadeddata", () => this.#place(side), { once: true });
    }
  }

  shiftOf(side) {
    return side === this.sides[1] ? this.shift : 0;
  }

  #end(side) {
    const { times } = side.clock;
    return times[times.length - 1] + 1 / side.told.fps;
  }

  // Whether a film holds a second of its own clock.
  holds(side, own) {
    return own >= side.clock.times[0] - 1e-6 && own < this.#end(side) + 1e-6;
  }

  // The first and the last moment of either film.
  get span() {
    const from = Math.min(...this.sides.map((side) => side.clock.times[0] + this.shiftOf(side)));
    const to = Math.max(...this.sides.map((side) => this.#end(side) + this.shiftOf(side)));
    return [Math.floor(from * 100) / 100, Math.ceil(to * 100) / 100];
  }

  // Stop at a moment; a film that is over or has not begun shows its nearest frame.
  show(now) {
    this.#halt();
    this.#is(now);
    for (const side of this.sides) this.#place(side);
  }

  #is(now) {
    const [from, to] = this.span;
    this.now = Math.min(Math.max(now, from), to);
    this.moved(this);
  }

  // Where a film has to be now, in its own seconds from its first frame, and no farther than its last one.
  #wanted(side) {
    const first = side.clock.times[0];
    const last = this.#end(side) - first;
    return Math.min(Math.max(this.now - this.shiftOf(side) - first, 0), Math.max(0, last - 0.5 / side.told.fps));
  }

  #place(side) {
    if (side.video.readyState === 0) return;
    if (side.video.seeking) side.late = true;
    else side.video.currentTime = this.#wanted(side) + 1e-4;
  }

  #settle(side) {
    if (!side.late) return;
    side.late = false;
    this.#place(side);
  }

  toggle() {
    if (this.playing) this.show(this.now);
    else this.play();
  }

  play() {
    const [from, to] = this.span;
    if (this.now >= to - 0.02) this.#is(from);
    this.playing = true;
    for (const side of this.sides) {
      side.video.playbackRate = this.rate;
      this.#place(side);
    }
    this.before = performance.now();
    this.moved(this);
    this.turning = requestAnimationFrame((at) => this.#turn(at));
  }

  // The clock of both goes on only while every film that is to be seen can follow.
  #turn(at) {
    if (!this.playing) return;
    const [, to] = this.span;
    const seen = this.sides.filter((side) => this.holds(side, this.now - this.shiftOf(side)));
    const held = seen.some((side) => side.video.readyState < 3 || side.video.seeking);
    if (!held) this.#is(this.now + (Math.max(0, at - this.before) / 1000) * this.rate);
    this.before = at;
    for (const side of this.sides) {
      const runs = !held && seen.includes(side) && !side.video.ended;
      if (runs && side.video.paused) side.video.play().catch(() => {});
      if (!runs && !side.video.paused) side.video.pause();
      if (runs && Math.abs(side.video.currentTime - this.#wanted(side)) > Math.max(DRIFT, 2 * DRIFT * this.rate)) this.#place(side);
    }
    if (this.now >= to - 1e-3) this.show(to);
    else this.turning = requestAnimationFrame((next) => this.#turn(next));
  }

  #halt() {
    this.playing = false;
    cancelAnimationFrame(this.turning);
    for (const side of this.sides) side.video.pause();
  }

  speed(rate) {
    this.rate = rate;
    for (const side of this.sides) side.video.playbackRate = rate;
  }
}
