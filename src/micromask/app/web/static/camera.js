// The camera and microphone, and whether their pictures are good enough.
import { api, base, el } from "./api.js";

const EVERY = 500; // ms between two pictures that the server looks at
const LEAST_RATE = 20;
const STEADY = 2; // so many good pictures in a row

const TITLES = { face: "Face", size: "Size of the face", light: "Light", focus: "Focus", rate: "Frame rate", microphone: "Microphone" };

// width: what to ask the camera for, px; without sound the microphone is left alone.
export async function openCamera(device, { width = 1280, sound = true } = {}) {
  if (!navigator.mediaDevices?.getUserMedia) throw new Error("This browser gives pages no camera; use Chromium or Firefox.");
  const video = { width: { ideal: width }, height: { ideal: (width * 9) / 16 }, frameRate: { ideal: 30 }, ...(device && { deviceId: { exact: device } }) };
  const audio = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  try {
    return await navigator.mediaDevices.getUserMedia(sound ? { video, audio } : { video });
  } catch (error) {
    if (!sound) throw new Error(why(error));
    if (error.name !== "NotFoundError" && error.name !== "NotReadableError") throw new Error(why(error));
    try {
      return await navigator.mediaDevices.getUserMedia({ video });
    } catch (again) {
      throw new Error(why(again));
    }
  }
}

function why(error) {
  const known = {
    NotAllowedError: "The browser was not allowed to use the camera: allow it beside the address, then try again.",
    NotFoundError: "No camera was found: connect one, then try again.",
    NotReadableError: "The camera is in use by another program: close that, then try again.",
    OverconstrainedError: "That camera is gone: choose another.",
  };
  return known[error.name] ?? `The camera cannot be used: ${error.message}`;
}

export async function listCameras(select, stream) {
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter(({ kind }) => kind === "videoinput");
  const current = stream.getVideoTracks()[0]?.getSettings().deviceId;
  select.replaceChildren(
    ...cameras.map((one, i) => el("option", { value: one.deviceId, selected: one.deviceId === current }, one.label || `Camera ${i + 1}`)),
  );
  return cameras.length;
}

export class CameraCheck {
  // changed(good): called after each picture with whether every line is in order.
  constructor({ session, video, box, list, clock, changed }) {
    Object.assign(this, { session, video, box, list, clock, changed });
    this.canvas = document.createElement("canvas");
    this.lines = new Map();
    this.steady = 0;
    for (const name of Object.keys(TITLES)) this.line(name, "", "being looked at");
  }

  start(stream) {
    this.stream = stream;
    this.steady = 0;
    this.timer = setTimeout(() => this.look(), EVERY);
  }

  stop() {
    clearTimeout(this.timer);
    this.stream = null;
  }

  async look() {
    const stream = this.stream;
    const picture = stream && (await this.picture());
    if (picture) {
      try {
        const seen = await api.send(`${base}/api/sessions/${this.session}/camera`, picture, { quiet: true });
        if (this.stream === stream) this.show(seen);
      } catch (error) {
        if (error.status !== 503) this.refused(error);
      }
    }
    if (this.stream === stream && stream) this.timer = setTimeout(() => this.look(), EVERY);
  }

  async picture() {
    const { videoWidth: width, videoHeight: height } = this.video;
    if (!width) return null;
    Object.assign(this.canvas, { width, height });
    this.canvas.getContext("2d", { alpha: false }).drawImage(this.video, 0, 0);
    return new Promise((done) => this.canvas.toBlob(done, "image/jpeg", 0.92));
  }

  show({ checks, box, size }) {
    for (const { name, good, words } of checks) this.line(name, good ? "good" : "bad", words);
    const rate = this.clock.rate();
    const fast = rate >= LEAST_RATE;
    const told = `${rate.toFixed(0)} frames/s, ${size[1]} × ${size[0]} px`;
    this.line("rate", fast ? "good" : "bad", fast ? told : `${told}: at least ${LEAST_RATE} are needed; more light helps, and fewer open programs`);
    const heard = this.stream.getAudioTracks().length > 0;
    this.line("microphone", heard ? "good" : "note", heard ? "connected" : "none: the film will have no sound");
    this.draw(box, size, checks.every(({ good }) => good));
    this.steady = fast && checks.every(({ good }) => good) ? this.steady + 1 : 0;
    this.changed(this.steady >= STEADY, "");
  }

  refused(error) {
    this.steady = 0;
    for (const name of ["face", "size", "light", "focus"]) this.line(name, "bad", "could not be looked at");
    this.changed(false, error.message);
  }

  line(name, kind, words) {
    if (!this.lines.has(name)) {
      const line = { state: el("span", { class: "unseen" }), words: el("span") };
      line.row = el("li", { "data-check": name }, el("b", {}, TITLES[name], line.state), line.words);
      this.lines.set(name, line);
      this.list.append(line.row);
    }
    const line = this.lines.get(name);
    line.row.className = kind;
    line.state.textContent = { good: ": in order", bad: ": not in order", note: ": please note" }[kind] ?? "";
    if (line.words.textContent !== words) line.words.textContent = words;
  }

  draw(box, [height, width], good) {
    Object.assign(this.box, { width, height });
    if (!box) return;
    const pen = this.box.getContext("2d");
    pen.strokeStyle = good ? "#7fd3a0" : "#ff9d9d";
    pen.lineWidth = Math.max(2, width / 320);
    pen.strokeRect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
  }
}
