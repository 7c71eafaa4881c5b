// The page of one recording: film and timeline in step, the list of intervals, what lies over the film.
//
// Others may listen to and use, on document:
//   "micromask:interval"  an interval was chosen; detail: it, as the server tells it (number, face, kind, onset, apex, offset
//                         ...); of kind masked it is a mark of the machine, numbered by itself
//   "micromask:frame"     another frame is shown; detail: { frame, seconds, playing }
//   "micromask:loop"      dispatch it to play frames again and again; detail: { face, onset, offset }
//   "micromask:show"      dispatch it to stop at a frame; detail: { frame }
//   "micromask:marks"     dispatch it to show intervals of people below the strength; detail: a list of
//                         { face, onset, offset, counts, layer: "expressions" or "masked" }
//
// An address that ends in #interval=7 opens the page at interval 7, one in #interval=M2 at mark M2. The address follows the
// choice, in place: going back leads to the page before and not to the interval before.
import { api, say } from "./api.js";
import { bytes, Overlay } from "./overlay.js";
import { Player, SPEED_WORDS, SPEEDS } from "./player.js";
import { onKeys } from "./player_keys.js";
import { Intervals, nameOf, numberOf, seconds } from "./recording_intervals.js";
import { Magnified } from "./recording_magnified.js";
import { Timeline } from "./timeline.js";

const byId = (id) => document.getElementById(id);
const main = byId("recording");
const address = `/api/recordings/${main.dataset.id}`;
const video = byId("film");
const failed = (error) => {
  say(error.message);
  throw error;
};
const [told, both] = await Promise.all([api.get(address), bytes(`${address}/clock`).catch(failed)]);
const all = new Float64Array(both);
const clock = { times: all.subarray(0, all.length / 2), frames: all.subarray(all.length / 2) };
const state = { chosen: null, closer: false };

const player = new Player(video, `${address}/film`, clock, { fps: told.fps, moved });
const overlay = new Overlay(byId("over"), video, { told, address }, drawMotionWords);
const timeline = new Timeline({ base: byId("timeline"), cursor: byId("cursor"), whole: byId("whole") }, told, clock, {
  seek, choose, loop, face: setFace, hover,
});
const intervals = new Intervals(told, { choose, show: seek });
const magnified = new Magnified(address, () => player.rate);

function moved() {
  const { frame, time, playing } = player;
  byId("where").textContent = `${seconds(time)} s · frame ${frame}`;
  byId("along").value = player.at;
  byId("along").setAttribute("aria-valuetext", `frame ${frame}, ${seconds(time)} s`);
  byId("play").querySelector("span").textContent = playing ? "Pause" : "Play";
  timeline.follow(time);
  overlay.show(frame, motionFrom(frame));
  drawMotionWords();
  document.dispatchEvent(new CustomEvent("micromask:frame", { detail: { frame, seconds: time, playing } }));
}

// The motion that can be shown at a frame: from the onset of the chosen interval, while the film stands still.
function motionFrom(frame) {
  const { chosen } = state;
  return chosen && !player.playing && frame > chosen.onset && frame <= chosen.offset ? { face: chosen.face, onset: chosen.onset } : null;
}

function drawMotionWords() {
  const place = byId("motion");
  place.hidden = !overlay.wantsMotion;
  if (place.hidden) return;
  const { chosen } = state;
  const motion = overlay.motionNow;
  const { frame, playing } = player;
  const words = () => {
    if (!chosen) return "Flow and strain are those of an interval: choose one.";
    if (playing) return "Flow and strain are shown where the film stands still: pause it, or go to the apex.";
    if (!overlay.motion) return `Flow and strain are shown after the onset of ${nameOf(chosen)}, up to its offset.`;
    if (!motion) return "Working out the motion …";
    if (motion.error) return motion.error;
    const parts = [];
    if (overlay.shows.has("flow")) parts.push(`flow: full colour is ${motion.about.flow.toFixed(2)} % of the distance between the eyes or more, arrows are ${motion.about.times === 1 ? "as long as the motion" : `${motion.about.times} times as long as the motion`}`);
    if (overlay.shows.has("strain")) parts.push(`strain: full colour is a stretch of ${motion.about.strain.toFixed(1)} % or more`);
    const meaning = parts.join("; ");
    return `From frame ${chosen.onset} (onset) to frame ${frame}. ${meaning[0].toUpperCase()}${meaning.slice(1)}.`;
  };
  byId("motion-words").textContent = words();
  byId("wheel").hidden = !overlay.shows.has("flow");
  byId("heat").hidden = !overlay.shows.has("strain");
  if (!byId("wheel").hidden && !byId("wheel").src) byId("wheel").src = `${address}/wheel`;
  place.dataset.ready = motion?.about && overlay.motion ? "yes" : "no";
}

function seek(frame) {
  setLoop(false);
  player.show(frame);
}

// Go to an interval and play it slowly, from its onset to its offset, again and again.
function choose(one) {
  state.chosen = one;
  timeline.chosen = one;
  if (timeline.face !== one.face) setFace(one.face);
  timeline.reveal(one);
  intervals.choose(one);
  magnified.choose(one);
  loop(one);
  history.replaceState(history.state, "", `#interval=${numberOf(one)}`);
  document.dispatchEvent(new CustomEvent("micromask:interval", { detail: one }));
}

// The interval that the address names is chosen, and its button holds the focus, so that keys go on from there.
function chooseNamed() {
  const number = /^#interval=(M?\d+)$/.exec(location.hash)?.[1];
  if (number === undefined) return;
  const one = [...told.intervals, ...told.masked].find((each) => numberOf(each) === number);
  if (!one) {
    say(`There is no interval ${number} in this recording any more: it was analysed again.`, "note");
    return;
  }
  choose(one);
  document.querySelector(`[data-interval="${number}"]`)?.focus({ preventScroll: true });
}

function loop({ onset, offset }) {
  setSpeed(0.125);
  player.loop(onset, offset);
  byId("loop").setAttribute("aria-pressed", true);
}

function setLoop(on) {
  const { chosen } = state;
  if (on && !chosen) return told.intervals.length ? next(1) : say("No interval is there to be played again and again.", "note");
  byId("loop").setAttribute("aria-pressed", on && Boolean(chosen));
  if (!on || !chosen) return player.unloop();
  const { rate } = player;
  player.loop(chosen.onset, chosen.offset);
  return setSpeed(rate);
}

function setSpeed(rate) {
  player.speed(rate);
  magnified.speed(rate);
  for (const button of byId("speeds").children) button.setAttribute("aria-pressed", Number(button.dataset.speed) === rate);
}

function setFace(face) {
  timeline.face = face;
  for (const button of byId("faces").querySelectorAll("button")) button.setAttribute("aria-pressed", Number(button.dataset.face) === face);
  timeline.draw();
  if (state.closer) overlay.closer(face);
}

const next = (by) => {
  const found = [...told.intervals, ...told.masked];
  if (!found.length) return;
  const at = state.chosen ? found.indexOf(state.chosen) : by > 0 ? -1 : 0;
  choose(found[(at + by + found.length) % found.length]);
};
const toEnd = (name) => state.chosen && seek(state.chosen[name]);

function hover(under) {
  const parts = [];
  if (under) {
    parts.push(`${seconds(under.seconds)} s`, `frame ${under.frame}`);
    if (!Number.isNaN(under.strength)) parts.push(`strength ${under.strength.toFixed(2)} %`);
    if (under.region && !Number.isNaN(under.region.value)) parts.push(`${under.region.words} ${under.region.value.toFixed(2)} %`);
    if (under.interval) parts.push(`${nameOf(under.interval)}, ${under.interval.kind}, ${under.interval.emotion_words ?? under.interval.words}`);
  }
  byId("under").textContent = parts.join(" · ");
}

byId("along").max = clock.frames.length - 1;
byId("along").addEventListener("input", (event) => seek(clock.frames[event.target.value]));
byId("play").addEventListener("click", () => player.toggle());
byId("loop").addEventListener("click", () => setLoop(byId("loop").getAttribute("aria-pressed") !== "true"));
for (const button of document.querySelectorAll("[data-step]")) {
  button.addEventListener("click", () => {
    setLoop(false);
    player.step(Number(button.dataset.step));
  });
}
for (const rate of SPEEDS) {
  const button = byId("speeds").querySelector(`[data-speed="${rate}"]`);
  button.textContent = SPEED_WORDS[rate];
  button.addEventListener("click", () => setSpeed(rate));
}
byId("closer").addEventListener("click", () => {
  state.closer = !state.closer;
  byId("closer").setAttribute("aria-pressed", state.closer);
  overlay.closer(state.closer ? timeline.face : null);
});
for (const button of document.querySelectorAll("[data-over]")) {
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", overlay.toggle(button.dataset.over));
    moved();
  });
}
for (const button of byId("faces").querySelectorAll("button")) button.addEventListener("click", () => setFace(Number(button.dataset.face)));
const zooms = { in: () => timeline.zoom(1.6), out: () => timeline.zoom(1 / 1.6), all: () => timeline.all(), interval: () => (state.chosen ? timeline.near(state.chosen) : next(1)), back: () => timeline.pan(-0.5), on: () => timeline.pan(0.5) };
for (const button of document.querySelectorAll("[data-zoom]")) button.addEventListener("click", zooms[button.dataset.zoom]);
byId("with-regions").addEventListener("change", (event) => {
  timeline.withRegions = event.target.checked;
  timeline.draw();
});
document.addEventListener("visibilitychange", () => document.hidden && player.playing && player.pause());
document.addEventListener("micromask:loop", ({ detail }) => {
  if (detail.face !== undefined && detail.face !== timeline.face) setFace(detail.face);
  timeline.reveal(detail);
  loop(detail);
});
document.addEventListener("micromask:show", ({ detail }) => seek(detail.frame));
document.addEventListener("micromask:marks", ({ detail }) => {
  timeline.marks = detail;
  timeline.draw();
});
video.addEventListener("error", () => api.get(address).then(() => say("The browser cannot play this film. Analyse the recording again."), () => {}));
byId("wheel").addEventListener("error", ({ target }) => {
  target.hidden = true;
  target.removeAttribute("src"); // asked for again with the next frame
});

const over = (name) => () => document.querySelector(`[data-over="${name}"]`).click();
onKeys({
  play: () => player.toggle(),
  step: (by) => {
    setLoop(false);
    player.step(by);
  },
  next, onset: () => toEnd("onset"), apex: () => toEnd("apex"), offset: () => toEnd("offset"),
  loop: () => byId("loop").click(),
  speed: (by) => setSpeed(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, SPEEDS.indexOf(player.rate) + by))]),
  zoom: (name) => zooms[name](),
  over: [over("box"), over("landmarks"), over("regions"), over("flow"), over("strain"), () => byId("closer").click()],
});

setSpeed(1);
setFace(told.intervals[0]?.face ?? told.faces[0]?.face ?? 0);
await Promise.all(Object.keys(told.curves).map(async (face) => timeline.add(Number(face), await bytes(`${address}/curves/${face}`).catch(failed))));
addEventListener("hashchange", chooseNamed);
if (video.readyState >= 2) chooseNamed();
else video.addEventListener("loadeddata", chooseNamed, { once: true });
main.dataset.ready = "yes";
