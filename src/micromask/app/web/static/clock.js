// When the camera took its frames, in performance.now() milliseconds, and with which of them a recording began.

const KEPT = 600;

export class FrameClock {
  constructor(video) {
    this.video = video;
    this.exact = "requestVideoFrameCallback" in video;
    this.restart();
  }

  // Forget what was seen: another camera was chosen.
  restart() {
    this.captured = [];
    this.counts = [];
    const run = (this.run = Symbol("run"));
    if (this.exact) {
      const seen = (now, about) => {
        if (run !== this.run) return;
        this.captured = [...this.captured, captureTime(now, about)].slice(-KEPT);
        this.counts = [...this.counts, [now, about.presentedFrames]].slice(-KEPT);
        this.video.requestVideoFrameCallback(seen);
      };
      this.video.requestVideoFrameCallback(seen);
    } else {
      const count = () => {
        if (run !== this.run) return;
        const total = this.video.getVideoPlaybackQuality?.().totalVideoFrames ?? 0;
        this.counts = [...this.counts, [performance.now(), total]].slice(-KEPT);
        setTimeout(count, 100);
      };
      count();
    }
  }

  // Wait until a frame has just been taken, so that the next one is some time off.
  async betweenFrames() {
    for (let tries = 0; this.exact && tries < 60; tries++) {
      const late = await new Promise((seen) => {
        this.video.requestVideoFrameCallback((now, about) => seen(performance.now() - captureTime(now, about)));
        setTimeout(seen, 500, null);
      });
      if (late !== null && late < 0.6 * usualGap(this.captured)) return;
    }
  }

  // Frames per second lately; 0 where none come.
  rate() {
    const last = this.counts.filter(([at]) => at > performance.now() - 2000);
    if (last.length < 2) return 0;
    const [[from, first], [to, count]] = [last[0], last.at(-1)];
    return to > from ? (1000 * (count - first)) / (to - from) : 0;
  }
}

// Chromium tells when the camera took a frame; where that is missing or absurd, when it was handed to the page.
export function captureTime(now, { captureTime: captured, presentationTime: presented }) {
  if (captured !== undefined && Math.abs(captured - now) < 2000) return captured;
  return presented ?? now;
}

const BEFORE = 70; // ms: a frame that was taken just before may still get into the recording
const QUICKEST = 3; // ms from taking a frame to handing its bytes to the page
const FAR = 10; // ms: farther off, a frame is another one, or the preview skipped it
const PER_FRAME = 0.25; // ms of fit that a frame's distance from the expected one weighs,
const MOST = 1; // and at most so many

// With which frame a recording began: the time at which that frame was taken, and how well it fits (ms).
//
// A browser does not tell. It is expected to be the first that was taken after the recorder was set going, but a busy
// browser may be early or late. Recorded frames are stamped by when they were taken, so the film's times are the
// preview's capture times, counted from the right one: of the frames that come into question the one that fits best is
// taken, and the expected one where others fit no better. Each piece of film is a bound: its last frame was taken before
// the piece was handed over.
//
// begun: when the recorder was set going; captured: capture times; film: times of the film's frames, from its first;
// handed: [when, the time of the last frame in it] of each piece. All in ms. null where nothing fits.
export function firstFrame({ begun, captured, film, handed }) {
  if (!film.length || !handed.length) return null;
  const latest = Math.min(...handed.map(([at, last]) => at - last)) - QUICKEST;
  const gap = usualGap(captured);
  const times = [...withSkipped(captured, gap)].filter((time) => time >= begun - BEFORE && time <= latest);
  const expected = times.find((time) => time > begun) ?? times.at(-1);
  const found = times.map((time) => {
    const off = film.map((after) => Math.min(FAR, nearest(captured, time + after)));
    const fit = off.reduce((sum, one) => sum + one, 0) / off.length;
    return { time, fit, score: fit + Math.min(MOST, (PER_FRAME * Math.abs(time - expected)) / gap) };
  });
  return found.reduce((best, one) => (best && best.score <= one.score ? best : one), null);
}

function usualGap(captured) {
  const gaps = captured.slice(1).map((time, i) => time - captured[i]).filter((gap) => gap > 1);
  gaps.sort((a, b) => a - b);
  return gaps[Math.floor(gaps.length / 2)] ?? 33;
}

// The capture times, and those of frames that the preview skipped and the recorder may not have: frames come evenly.
function* withSkipped(captured, gap) {
  for (const [i, time] of captured.entries()) {
    yield time;
    const next = captured[i + 1] ?? time;
    const frames = Math.round((next - time) / gap);
    for (let k = 1; k < frames && frames < 30; k++) yield time + (k * (next - time)) / frames;
  }
}

function nearest(sorted, time) {
  let [low, high] = [0, sorted.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < time) low = middle + 1;
    else high = middle;
  }
  return Math.min(Math.abs(sorted[low] - time), Math.abs((sorted[low - 1] ?? Infinity) - time));
}
