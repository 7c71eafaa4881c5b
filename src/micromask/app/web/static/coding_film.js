// Code one film: what is shown, what is labelled, and what each key does.
import { api, base, el } from "/static/api.js";
import { coverFace, coverFilm } from "/static/coding_covers.js";
import { onKeys } from "/static/coding_keys.js";
import { Labels } from "/static/coding_labels.js";
import { BLANK, isBlank, isPlain, Panel, words } from "/static/coding_panel.js";
import { Player } from "/static/coding_player.js";
import { flagWords, Strip } from "/static/coding_strip.js";

const byId = (id) => document.getElementById(id);
const { coder, recording } = byId("coding").dataset;
const mine = `${base}/api/coding/${encodeURIComponent(coder)}/films/${recording}`;
const film = await api.get(mine).catch((error) => {
  say(error.message, "bad");
  throw error;
});
const frames = film.frames;
const emotions = { micro: film.emotions, masked: film.masked };
// Masked coding looks at the eyes and brows alone unless the coder says otherwise.
const covers = { micro: new Set(), masked: new Set(["mouth"]) };
const state = { index: 0, kind: film.kinds[0], target: "frame", open: "new" };

const labels = new Labels(mine, film, draw, say);
const player = new Player(byId("film"), film, drawFilm);
const strip = new Strip(byId("strip"), frames, goTo);
const panel = new Panel({ chosen: (emotion) => alter({ emotion }), sure: (confidence) => alter({ confidence }), typed, left });

function say(line, kind) {
  byId("state").textContent = kind === "bad" ? `not saved: ${line}` : line;
  byId("state").className = `state ${kind}`;
}

// What the panel is about: a number of a kept frame, or an interval.
const target = () => (state.target === "frame" ? frames[state.index].number : state.open);
const valuesOf = (kind, about) => labels.draft(kind, about) ?? { ...BLANK, ...labels.saved(kind, about) };
const values = () => valuesOf(state.kind, target());
const ready = (told, about) => told.emotion !== null && (typeof about === "number" || (told.onset !== null && told.offset !== null));

// Change what is labelled and save it at once; what cannot be saved yet is kept.
function alter(changes) {
  return commit(panel.typed({ ...values(), ...changes }));
}

async function commit(told) {
  const { kind } = state;
  const about = target();
  if (!ready(told, about)) {
    labels.keep(kind, about, told);
    say(typeof about === "number" ? "kept here until you choose an emotion" : "kept here until there are an onset, an offset and an emotion", "");
    draw();
    return false;
  }
  const saving = labels.save(kind, about, told, [...covers[kind]]);
  draw();
  const answer = await saving;
  if (answer && about === "new" && state.open === "new") state.open = `i${answer.label.id}`;
  draw();
  return Boolean(answer);
}

function typed() {
  panel.fault(false);
  labels.keep(state.kind, target(), panel.typed(values()));
  drawCounts();
}

// A field was left: save what it holds, if there is an emotion to go with it.
function left() {
  if (labels.waits(state.kind, target())) commit(panel.typed(values()));
}

const inField = () => [panel.units, panel.note].includes(document.activeElement);

// Save what was typed, then on: to the next kept frame, or from a finished interval back to the frames. Only where it is
// doubtful whether the server takes it does this wait for the answer, so that no key is lost by whoever types fast.
async function goOn() {
  const field = inField() ? document.activeElement : null;
  const told = field ? panel.typed(values()) : labels.draft(state.kind, target());
  if (told && (field || labels.waits(state.kind, target()))) {
    if (!ready(told, target())) {
      if (!isBlank(told) || state.target === "interval") return commit(told);
      labels.keep(state.kind, target(), null);
    } else if (labels.draft(state.kind, target())) {
      const saving = commit(told);
      if ((state.target === "interval" || !isPlain(told.action_units)) && !(await saving)) return panel.fault(!isPlain(told.action_units));
    }
  }
  panel.fault(false);
  field?.blur();
  if (state.target === "interval") aim("frame");
  else goTo(state.index + 1);
}

function goTo(index) {
  if (inField()) document.activeElement.blur();
  state.index = Math.max(0, Math.min(frames.length - 1, index));
  state.target = "frame";
  draw();
  strip.choose(state.index);
  player.show(frames[state.index].frame);
  for (const near of [1, 2, -1]) if (frames[state.index + near]) new Image().src = frames[state.index + near].picture;
}

function aim(what, open = "new") {
  state.target = what;
  state.open = open;
  draw();
}

function setKind(kind) {
  state.kind = kind;
  state.open = "new";
  draw();
}

function mark(name) {
  if (player.playing) player.toggle();
  if (state.target !== "interval") state.target = "interval";
  alter({ [name]: player.at });
}

function clear() {
  if (state.open === "new") labels.keep(state.kind, "new", null);
  aim("interval");
}

function toggleCover(name) {
  const now = covers[state.kind];
  if (!now.delete(name)) now.add(name);
  draw();
}

// Undo and redo show the label that they changed.
async function step(verb) {
  const done = await labels.step(verb);
  if (!done?.label) return;
  const { kind, number, id } = done.label;
  state.kind = kind;
  if (number === null) aim("interval", labels.intervals.has(id) ? `i${id}` : "new");
  else goTo(frames.findIndex((frame) => frame.number === number));
}

async function remove() {
  const label = labels.saved(state.kind, target());
  if (!label) return;
  await labels.remove(label, state.kind, target());
  if (state.target === "interval") state.open = "new";
  draw();
}

function nextCandidate() {
  const next = film.candidates.find(([onset]) => onset > player.at) ?? film.candidates[0];
  if (next) player.show(next[0]);
}

function saveAll() {
  for (const [kind, about, told] of labels.failed(ready)) labels.save(kind, about, told, [...covers[kind]]);
}

function draw() {
  const frame = frames[state.index];
  const { kind } = state;
  for (const button of byId("kinds").children) button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
  for (const button of document.querySelectorAll("[data-target]")) button.setAttribute("aria-pressed", String(button.dataset.target === state.target));
  for (const button of document.querySelectorAll("[data-cover]")) button.setAttribute("aria-pressed", String(covers[kind].has(button.dataset.cover)));
  for (const name of ["mouth", "eyes"]) byId("coding").classList.toggle(`covers-${name}`, covers[kind].has(name));
  panel.offer(emotions[kind]);
  const now = values();
  panel.draw(now, labels.saved(kind, target()));
  for (const button of document.querySelectorAll("[data-mark]")) {
    button.querySelector("output").textContent = state.target === "interval" ? (now[button.dataset.mark] ?? "–") : "–";
  }
  byId("undo").disabled = !labels.undoable;
  byId("redo").disabled = !labels.redoable;
  drawFrame(frame, now);
  drawIntervals();
  drawCounts();
  drawVeil();
}

function drawFrame(frame, now) {
  const picture = byId("picture");
  if (picture.getAttribute("src") !== frame.picture) picture.src = frame.picture;
  picture.alt = `Kept frame ${frame.number}`;
  coverFace(byId("cut"), frame);
  byId("number").textContent = `Frame ${frame.number} · ${frame.time.toFixed(2)} s`;
  const shown = frame.item ? [`on the screen: ${frame.item}${frame.intended ? ` (${frame.intended})` : ""}`] : [];
  byId("about").textContent = [...flagWords(frame), ...shown].join(" · ");
  byId("cue").textContent = state.target === "frame" ? `${state.kind} label of kept frame ${frame.number}`
    : state.open === "new" ? `new ${state.kind} interval: mark onset and offset on the film` : `${state.kind} interval ${now.onset}–${now.offset}`;
}

function drawIntervals() {
  const mine = [...labels.intervals.values()].filter((label) => label.kind === state.kind);
  byId("intervals").replaceChildren(...mine.map((label) => el("li", {},
    el("button", { type: "button", class: "small", "aria-pressed": String(state.target === "interval" && state.open === `i${label.id}`),
      onclick: () => { aim("interval", `i${label.id}`); player.show(label.onset); } },
      `${label.onset}–${label.apex === null ? "" : `${label.apex}–`}${label.offset} ${words(label.emotion)}`))));
  const span = (onset, offset, kind) => {
    const bar = el("span", { class: kind });
    const share = 100 / film.times.length;
    Object.assign(bar.style, { left: `${onset * share}%`, width: `${Math.max(0.3, (offset - onset + 1) * share)}%` });
    return bar;
  };
  byId("marks").replaceChildren(
    ...film.candidates.map(([onset, , offset]) => span(onset, offset, "candidate")),
    ...mine.map((label) => span(label.onset, label.offset, "interval")),
    ...frames.slice(state.index, state.index + 1).map((frame) => span(frame.frame, frame.frame, "here")));
}

function drawCounts() {
  const { kind } = state;
  strip.mark((frame) => {
    const label = labels.saved(kind, frame.number);
    if (labels.waits(kind, frame.number)) return ["not saved", "draft"];
    return label ? [words(label.emotion), label.emotion === "" || label.emotion === "cannot tell" ? "none" : "coded"] : ["", ""];
  });
  const done = frames.filter((frame) => labels.saved(kind, frame.number)).length;
  byId("done").textContent = `${done} of ${frames.length} coded`;
  const waiting = labels.failed(ready);
  byId("unsaved").hidden = !waiting.length;
  byId("unsaved").textContent = `Save ${waiting.length} again`;
}

function drawFilm(index) {
  byId("along").value = index;
  byId("clock").textContent = `frame ${index} of ${film.times.length - 1} · ${film.times[index].toFixed(3)} s`;
  byId("play").firstElementChild.textContent = player?.playing ? "Pause" : "Play";
  drawVeil();
}

function drawVeil() {
  coverFilm(byId("veil"), byId("film"), frames, player.at, covers[state.kind]);
}

function begin() {
  for (const kind of film.kinds) {
    byId("kinds").append(el("button", { type: "button", class: "small", "data-kind": kind, onclick: () => setKind(kind) }, kind === "micro" ? "Micro" : "Masked", ...(kind === film.kinds[0] && film.kinds[1] ? [] : [" ", el("kbd", {}, "K")])));
  }
  byId("along").max = film.times.length - 1;
  byId("along").oninput = () => player.show(Number(byId("along").value));
  byId("film").addEventListener("loadedmetadata", drawVeil);
  for (const button of document.querySelectorAll("[data-cover]")) button.onclick = () => toggleCover(button.dataset.cover);
  for (const button of document.querySelectorAll("[data-step]")) button.onclick = () => player.step(Number(button.dataset.step));
  for (const button of document.querySelectorAll("[data-mark]")) button.onclick = () => mark(button.dataset.mark);
  for (const button of document.querySelectorAll("[data-target]")) button.onclick = () => aim(button.dataset.target);
  const speed = (by) => { byId("speed").textContent = player.faster(by); };
  byId("candidate").hidden = !film.candidates.length;
  const does = {
    play: () => player.toggle(), slower: () => speed(-1), faster: () => speed(1), candidate: nextCandidate, clear,
    undo: () => step("undo"), redo: () => step("redo"), go: goOn, remove, unsaved: saveAll,
  };
  for (const [id, act] of Object.entries(does)) if (byId(id)) byId(id).onclick = act;
  onKeys({
    ...does, step: (by) => player.step(by), kept: (by) => goTo(state.index + by), mark, cover: toggleCover,
    kind: () => setKind(film.kinds[(film.kinds.indexOf(state.kind) + 1) % film.kinds.length]),
    aim: () => aim(state.target === "frame" ? "interval" : "frame"),
    escape: () => (inField() ? document.activeElement.blur() : aim("frame")),
    field: (name) => byId(name).focus(),
    emotion: (key) => { const emotion = panel.keyed(key); if (emotion !== undefined) alter({ emotion }); },
    sure: (confidence) => alter({ confidence }),
  });
  addEventListener("beforeunload", (event) => {
    if (labels.running || labels.drafts.size) event.preventDefault();
  });
  // An address may name a frame (#micro-31); else it begins with the first one that is not coded.
  const [, kind, number] = location.hash.match(/^#(micro|masked)-(\d+)$/) ?? [];
  if (film.kinds.includes(kind)) state.kind = kind;
  const asked = frames.findIndex((frame) => frame.number === Number(number));
  const first = asked >= 0 ? asked : frames.findIndex((frame) => !labels.saved(state.kind, frame.number));
  say(frames.length ? "all is saved" : "this film has no kept frames yet: micromask study frames", "");
  if (frames.length) goTo(Math.max(0, first));
  byId("coding").dataset.ready = "yes";
}

begin();
