// The page Live: a camera that is watched, from its start to its end.
import { api, say } from "./api.js";
import { listCameras, openCamera } from "./camera.js";
import { FrameClock } from "./clock.js";
import { LiveFilm } from "./live_film.js";
import { Frames } from "./live_frames.js";
import { Faces } from "./live_faces.js";
import { Expressions, FEW } from "./live_told.js";
import { Snapshots } from "./live_snaps.js";

const $ = (id) => document.getElementById(id);
const video = $("video");
const clock = new FrameClock(video);
const faces = new Faces({ canvas: $("boxes"), list: $("people"), nobody: $("nobody") });
const expressions = new Expressions({ rows: $("told-rows"), table: $("told"), none: $("none-told"), heard: $("heard") });
const snapshots = new Snapshots({ list: $("snaps"), section: $("snapping"), heard: $("snapped") });

let view = null; // { key, stream, frames, film }: while the camera is on
let begun = null; // a start that is under way, so that a stop in between is heard

// ---- on and off

async function start(device) {
  if (begun || view) return;
  const mine = (begun = Symbol("start"));
  const given = () => begun !== mine;
  let stream = null;
  let key = null;
  busy(true);
  say("");
  try {
    stream = await openCamera(device, { width: Number($("width").value), sound: false });
    if (given()) throw null;
    const told = await api.post("/api/live", { detector: $("detector").value, model: $("model").value }, { quiet: true });
    key = told.key;
    if (given()) throw null;
    video.srcObject = stream;
    await video.play();
    if (given()) throw null;
    begin(stream, told);
    $("cameras").hidden = (await listCameras($("device"), stream)) < 2;
  } catch (error) {
    if (view?.key === key && key) return stop(error?.message ?? "");
    for (const track of stream?.getTracks() ?? []) track.stop();
    if (key) farewell(key);
    if (error) say(error.message);
  } finally {
    if (begun === mine) begun = null;
    busy(false);
  }
}

function begin(stream, told) {
  for (const track of stream.getVideoTracks()) track.addEventListener("ended", () => stop("The camera was disconnected: connect it and start again."));
  clock.restart();
  faces.clear();
  const film = new LiveFilm({ key: told.key, stream, changed: filming });
  const frames = new Frames({ key: told.key, video, seen, failed: stop });
  view = { key: told.key, stream, frames, film };
  $("recognizer").textContent = `Emotions of expressions by ${told.recognizer}${told.model ? `; of single pictures by ${told.model}` : ""}.`;
  if (told.rescued) say(`${told.rescued === 1 ? "A film" : `${told.rescued} films`} that was cut off is now in the list under Analyse.`, "note");
  frames.start();
  $("view").focus();
}

// line: why, if not because somebody wanted to; kind as in say(). A page that is left cannot wait for its film's end:
// the server has all but its last second.
async function stop(line = "", kind = "bad", leaving = false) {
  begun = null;
  if (!view) return;
  const { key, stream, frames, film } = view;
  view = null;
  frames.stop();
  const kept = film.end();
  for (const track of stream.getTracks()) track.stop();
  video.srcObject = null;
  faces.clear();
  busy(false);
  if (line) say(line, kind);
  if (!leaving) await kept;
  farewell(key);
}

function farewell(key) {
  api.post(`/api/live/${key}/end`, {}, { quiet: true, keepalive: true }).catch(() => {});
}

function busy(on) {
  const watching = view !== null;
  $("start").hidden = watching;
  $("start").disabled = on;
  $("start").textContent = on ? "Starting …" : "Start the camera";
  $("stop").hidden = !watching;
  $("snap").disabled = $("record").disabled = !watching;
  $("idle").hidden = watching;
  if (!watching) {
    for (const id of ["rate", "latency", "camera-rate", "picture"]) $(id).textContent = "–";
    filming(null);
    slow(FEW);
  }
}

// ---- what came back

function seen(state) {
  faces.show(state, video);
  for (const told of state.told) expressions.add(told, view.frames.began);
}

setInterval(() => {
  if (!view) return;
  const { rate, latency } = view.frames.figures();
  $("rate").textContent = rate.toFixed(0);
  $("latency").textContent = latency === null ? "–" : latency.toFixed(0);
  $("camera-rate").textContent = clock.rate().toFixed(0);
  $("picture").textContent = `${video.videoWidth} × ${video.videoHeight}`;
  slow(rate);
  faces.draw();
  filming(view.film);
}, 500);

let few = 0; // half seconds in a row
function slow(rate) {
  few = rate < FEW ? few + 1 : 0;
  const line = few < 8 ? "" : `Fewer than ${FEW} frames/s: short expressions are missed, or look longer than they are. A smaller picture helps, and fewer open programs.`;
  if ($("slow").textContent !== line) $("slow").textContent = line;
  $("slow").hidden = !line;
}

// ---- snapshots and films

async function snap() {
  if (!view || $("snap").disabled) return;
  $("snap").disabled = true;
  try {
    await snapshots.take(view.key, video, $("model").value !== "");
  } catch (error) {
    if (view) say(error.message);
  } finally {
    $("snap").disabled = !view;
  }
}

async function record() {
  if (!view || $("record").disabled) return;
  $("record").disabled = true;
  try {
    if (view.film.on) await view.film.end();
    else await view.film.begin();
  } catch (error) {
    say(error.message);
  } finally {
    $("record").disabled = !view;
  }
}

// film: what is being recorded, null for nothing.
function filming(film) {
  const on = film?.on ?? false;
  $("on-air").hidden = !on;
  $("record").setAttribute("aria-pressed", String(on));
  $("record-words").textContent = on ? "Stop recording" : "Record";
  if (on) $("recorded").textContent = film.length();
}

// ---- people's wishes

$("start").addEventListener("click", () => start($("device").value || undefined));
$("stop").addEventListener("click", () => stop().then(() => $("start").focus()));
$("snap").addEventListener("click", snap);
$("record").addEventListener("click", record);
$("mirrored").addEventListener("change", mirror);
for (const id of ["device", "width", "detector", "model"]) {
  $(id).addEventListener("change", async () => {
    if (!view) return;
    await stop();
    await start($("device").value || undefined);
    $(id).focus();
  });
}

function mirror() {
  $("view").classList.toggle("mirrored", $("mirrored").checked);
  faces.mirrored = $("mirrored").checked;
}

document.addEventListener("keydown", (event) => {
  if (!view || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
  const takes = event.target.closest("button, select, input, textarea, summary, a");
  if (event.key === "Escape" && !event.target.closest("select")) stop().then(() => $("start").focus());
  else if (takes) return;
  else if (event.key === " ") snap();
  else if (event.key === "r" || event.key === "R") record();
  else return;
  event.preventDefault();
});

// Who looks elsewhere is not watched; a film that is wanted goes on.
document.addEventListener("visibilitychange", () => {
  if (document.hidden && !view?.film.on) stop("The camera was stopped because this page was out of sight.", "note");
});
window.addEventListener("pagehide", () => stop("", "note", true));

mirror();
