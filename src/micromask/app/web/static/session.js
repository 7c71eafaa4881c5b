// A participant's session: camera check, then each part with its stimuli, then thanks.
import { api, base, say } from "./api.js";
import { CameraCheck, listCameras, openCamera } from "./camera.js";
import { FrameClock } from "./clock.js";
import { offerHandingOver } from "./hand_over.js";
import { persist } from "./outbox.js";
import { FilmRecorder } from "./recorder.js";
import { present, preload } from "./stimuli.js";

const HERE_EVERY = 5000; // ms; the server takes a page that is silent for half a minute for gone
const TELL_AFTER = 6; // seconds of film that wait before anybody is told
const SECTIONS = ["camera", "intro", "lead", "stage", "sending", "end"];

const $ = (id) => document.getElementById(id);
const session = Number($("session").dataset.session);
const clock = new FrameClock($("ticks"));

let stream = null;
let recorder = null; // of the part that is being filmed
let lastRecording = null;
let section = "camera";
let over = false;
let decide = () => {}; // ends what is being waited for: "begin", "keep", "delete" or { failed: line }

function show(name) {
  section = name;
  for (const one of SECTIONS) $(one).hidden = one !== name;
  ($(`${name}-title`) ?? $(name)).focus();
  window.scrollTo(0, 0);
}

const decision = () => new Promise((made) => (decide = made));

// ---- the camera

const check = new CameraCheck({ session, video: $("preview"), box: $("box"), list: $("checks"), clock, changed: checked });

function checked(good, line) {
  $("ready").setAttribute("aria-disabled", String(!good));
  const words = line || (good ? "Every line is in order." : "You can begin when every line is in order.");
  if ($("why").textContent !== words) $("why").textContent = words;
}

async function useCamera(device) {
  check.stop();
  checked(false, "");
  $("again").hidden = true;
  closeCamera();
  try {
    stream = await openCamera(device);
    for (const track of stream.getVideoTracks()) track.addEventListener("ended", lostCamera);
    for (const video of [$("preview"), $("ticks")]) {
      video.srcObject = stream;
      await video.play();
    }
  } catch (error) {
    $("again").hidden = false;
    return say(error.message);
  }
  say("");
  clock.restart();
  $("cameras").hidden = (await listCameras($("device"), stream)) < 2;
  check.start(stream);
}

function closeCamera() {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
}

function lostCamera() {
  if (section === "camera") {
    check.stop();
    checked(false, "");
    $("again").hidden = false;
    say("The camera was disconnected: connect it and try again.");
  } else if (!over) decide({ failed: "The camera was disconnected." });
}

$("device").addEventListener("change", () => useCamera($("device").value));
$("again").addEventListener("click", () => useCamera());
$("ready").addEventListener("click", () => $("ready").getAttribute("aria-disabled") === "false" && decide("begin"));

// ---- the researcher hands the browser over: this page goes on, and its way back is another one

if ($("hand")) {
  offerHandingOver($("hand"), () => {
    for (const one of document.querySelectorAll("[data-handed]")) one.hidden = one.dataset.handed === "no";
    $("camera-title").focus();
    say("This browser is the participant’s now.", "good");
  });
}

// ---- a part: its instructions, then its stimuli

function introduce(plan, number) {
  const part = plan.parts[number];
  const told = [number === 0 ? plan.instructions : "", part.instructions].filter(Boolean);
  $("intro-step").textContent = plan.parts.length > 1 ? `Part ${number + 1} of ${plan.parts.length}` : "";
  $("intro-text").textContent = told.join("\n\n");
  $("intro-text").hidden = told.length === 0;
  show("intro");
  return decision();
}

async function film(part) {
  const pictures = await preload(part.items);
  await stillOn();
  recorder = new FilmRecorder(stream, clock, { session, part: part.name, changed: kept, failed: (failed) => decide({ failed }) });
  const decided = decision();
  stopWanted = false;
  show("lead");
  const broke = await Promise.race([recorder.start().then(() => null), decided]);
  if (broke) return broke;
  lastRecording = recorder.recording;
  showPaused(false);
  show("stage");
  const run = { recorder, over: false };
  if (document.hidden) pause("page hidden");
  if (stopWanted) askStop();
  const how = await Promise.race([present(part.items, pictures, run, $), decided]);
  run.over = true;
  return how;
}

// A server that was started anew takes the session for interrupted; this page says that it is not.
async function stillOn() {
  if (lastRecording !== null) await persist(() => api.post(`${base}/api/recordings/${lastRecording}/go-on`, {}, { quiet: true }), waiting);
}

function pause(why) {
  if (over || section !== "stage" || recorder.isPaused) return;
  recorder.pause(why);
  $("paused-why").textContent = why === "page hidden" ? "This page was not in view. Nothing was recorded meanwhile." : "Nothing is recorded now.";
  showPaused(true);
  $("resume").focus();
}

function resume() {
  if (section !== "stage" || !recorder.isPaused || document.hidden) return;
  showPaused(false);
  $("stage").focus();
  recorder.resume();
}

function showPaused(paused) {
  $("paused").hidden = !paused;
  $("shown").hidden = paused;
  $("pause").hidden = paused;
  $("recording").textContent = paused ? "Paused" : "Recording";
  $("recording").classList.toggle("off", paused);
}

function kept({ unsent, problem, line }) {
  const late = unsent > TELL_AFTER ? `${unsent.toFixed(0)} s not kept yet. ` : "";
  const words = {
    away: "The server does not answer; this page goes on trying.",
    "sign-in": "This browser is not signed in for this session (was the server started anew?): open a new link of it in another tab of this browser. This page then goes on.",
    refused: line,
  };
  const told = problem && (late || problem !== "away") ? late + words[problem] : "";
  $("kept").textContent = told;
  if (section === "sending") $("sending-text").textContent = told || "The last seconds are being kept. Please leave this page open.";
}

const waiting = (error) => kept({ unsent: 0, problem: error.status === 401 ? "sign-in" : "refused", line: error.message });

$("begin").addEventListener("click", () => decide("begin"));
$("pause").addEventListener("click", () => pause("asked"));
$("resume").addEventListener("click", resume);
document.addEventListener("visibilitychange", () => document.hidden && pause("page hidden"));

// ---- stopping

let pausedForStop = false;
let stopWanted = false; // asked for in the moment before the first stimulus

function askStop() {
  stopWanted = true;
  if (over || $("stopping").open || !["camera", "intro", "stage"].includes(section)) return;
  pausedForStop = section === "stage" && !recorder.isPaused;
  pause("stop asked");
  const something = lastRecording !== null;
  $("delete").hidden = !something;
  $("keep").textContent = something ? "Stop and keep what was recorded" : "Stop";
  $("stopping-words").textContent = something
    ? "You need not say why. What was recorded can be kept for the study, or deleted now."
    : "You need not say why. Nothing was recorded so far.";
  sure(false);
  $("stopping").showModal();
  $("go-on").focus();
}

function sure(asked) {
  $("stopping-first").hidden = asked;
  $("stopping-second").hidden = !asked;
}

function stopWith(how) {
  pausedForStop = false;
  $("stopping").close();
  decide(how);
}

$("stopping").addEventListener("close", () => pausedForStop && resume());
$("go-on").addEventListener("click", () => $("stopping").close());
$("keep").addEventListener("click", () => stopWith("keep"));
$("delete").addEventListener("click", () => {
  sure(true);
  $("not-delete").focus();
});
$("not-delete").addEventListener("click", () => {
  sure(false);
  $("delete").focus();
});
$("really-delete").addEventListener("click", () => stopWith("delete"));
for (const id of ["quit", "stop", "leave"]) $(id).addEventListener("click", askStop);

// ---- keys

document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  const button = event.target.closest?.("button, select, a");
  if (event.key === "Escape") askStop();
  else if (event.key === "Enter" && section === "intro" && !button) decide("begin");
  else if (event.key === " " && section === "stage" && (!button || ["pause", "resume"].includes(button.id))) {
    if (recorder.isPaused) resume();
    else pause("asked");
  } else return;
  event.preventDefault();
});
document.addEventListener("keyup", (event) => event.key === " " && section === "stage" && event.target.id !== "stop" && event.preventDefault());

// ---- the end

const THANKS = {
  done: "That was all. What was recorded is kept for the study.",
  keep: "The session was stopped. What was recorded until then is kept for the study.",
  nothing: "The session was stopped. Nothing was recorded.",
  delete: "The session was stopped, and what was recorded was deleted.",
};

async function endPart(why) {
  show("sending");
  const ending = recorder;
  await ending.stop(why);
  await stillOn();
  await persist(() => api.post(`${base}/api/recordings/${ending.recording}/end`, {}, { quiet: true }), waiting);
  recorder = null;
}

async function finish(how) {
  over = true;
  let words = THANKS[how] ?? `The session had to end. ${how.failed} What was recorded until then is kept.`;
  if (how === "delete") {
    recorder?.discard();
    show("sending");
    $("sending-text").textContent = "What was recorded is being deleted.";
    await persist(() => api.post(`${base}/api/sessions/${session}/delete`, {}, { quiet: true }), waiting);
  } else if (how.failed) {
    // The server may have ended it already, as when consent was withdrawn meanwhile.
    if (recorder) await endPart(how.failed).catch(() => {});
    await end("interrupted").catch(() => {});
  } else {
    if (recorder) await endPart("stopped");
    if (how === "keep" && lastRecording === null) words = THANKS.nothing;
    await stillOn();
    await end(how === "done" ? "done" : "stopped");
  }
  recorder = null;
  closeCamera();
  $("end-text").textContent = words;
  show("end");
}

const end = (state) => persist(() => api.post(`${base}/api/sessions/${session}/end`, { state }, { quiet: true }), waiting);

function left() {
  if (section === "end") return;
  over = true; // no event may come after the last one
  const last = recorder ? recorder.leaving() : { recording: null, events: [] };
  api.post(`${base}/api/sessions/${session}/leave`, last, { quiet: true, keepalive: true }).catch(() => {});
}

window.addEventListener("pagehide", left);
window.addEventListener("beforeunload", (event) => recorder && event.preventDefault());
setInterval(() => over || api.post(`${base}/api/sessions/${session}/here`, {}, { quiet: true }).catch(() => {}), HERE_EVERY);

// A page that is loaded anew may come before the last word of the one that was left, which ends the session, and that
// word may be lost: so it says it again. Nothing was filmed yet, else this script is not there.
async function wasLeft() {
  if (performance.getEntriesByType("navigation")[0]?.type === "navigate") return false;
  const nothing = { recording: null, events: [] };
  return api.post(`${base}/api/sessions/${session}/leave`, nothing, { quiet: true }).then(
    () => true,
    ({ status }) => status === 422, // it has ended already
  );
}

async function sitting() {
  if (await wasLeft()) return location.replace(location.href); // the server tells that it has ended
  const plan = await api.get(`${base}/api/sessions/${session}`);
  const cameraIsGood = decision();
  await useCamera();
  let how = await cameraIsGood;
  check.stop();
  say("");
  for (let number = 0; number < plan.parts.length && how === "begin"; ) {
    how = await introduce(plan, number);
    if (how !== "begin") break;
    $("begin").disabled = true;
    try {
      how = await film(plan.parts[number]);
    } catch (error) {
      if (recorder?.recording) how = { failed: error.message };
      else {
        recorder = null; // nothing has begun: the instructions are there again, and the reason
        say(error.message);
      }
    } finally {
      $("begin").disabled = false;
    }
    if (how === "shown") {
      await endPart("all shown");
      number += 1;
      how = "begin";
    }
  }
  await finish(how === "begin" ? "done" : how);
}

sitting().catch((error) => {
  over = true;
  closeCamera();
  show("end");
  $("end-text").textContent = `The session had to end: ${error.line ?? error.message}`;
});
