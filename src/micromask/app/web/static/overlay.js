// What was measured, drawn over the film: box, landmarks and regions of every face, and the motion of a paused frame.
import { api } from "./api.js";

// Lines of the 68 landmarks: jaw, brows, nose, eyes, lips; the last number closes the ring.
const LINES = [[0, 16], [17, 21], [22, 26], [27, 30], [31, 35], [36, 41, true], [42, 47, true], [48, 59, true], [60, 67, true]];
const KEPT_CHUNKS = 12;
// What could not be had is asked for again when it is wanted after this long: the server may have been away.
const ASK_AGAIN = 5_000;
const COLUMNS = 11;

export class Overlay {
  // about: { told, address }; changed(): something that was asked for has come, or could not be had.
  constructor(canvas, video, { told, address }, changed) {
    Object.assign(this, { canvas, video, told, address, changed, near: null, shows: new Set(), chunks: new Map(), motions: new Map(), motion: null });
    new ResizeObserver(() => this.draw()).observe(video);
    video.addEventListener("loadedmetadata", () => this.draw());
  }

  toggle(name) {
    if (!this.shows.delete(name)) this.shows.add(name);
    this.draw();
    return this.shows.has(name);
  }

  get wantsMotion() {
    return this.shows.has("flow") || this.shows.has("strain");
  }

  // The frame that is shown now; motion: null, or { face, onset } for the motion from there to this frame.
  show(frame, motion) {
    this.frame = frame;
    this.motion = motion && this.wantsMotion && frame > motion.onset ? { ...motion, frame } : null;
    this.draw();
  }

  // Show the film larger around a face, as it is in this frame or in the next one in which it is seen; null shows all.
  closer(face) {
    this.near = face === null ? null : { face, box: null };
    this.draw();
  }

  // Where the recording's pixels lie on the screen: as a whole (object-fit: contain), or around one face.
  #where() {
    const { told, video, near } = this;
    const [width, height] = [video.clientWidth, video.clientHeight];
    const whole = Math.min(width / told.width, height / told.height);
    if (near && !near.box) near.box = this.face(near.face, this.frame)?.box ?? null;
    if (!near?.box) {
      video.style.transform = "";
      return { scale: whole, left: (width - told.width * whole) / 2, top: (height - told.height * whole) / 2 };
    }
    const [x0, y0, x1, y1] = near.box;
    const scale = Math.max(whole, Math.min(width, height) / (2 * Math.max(x1 - x0, y1 - y0)));
    const place = { scale, left: width / 2 - (scale * (x0 + x1)) / 2, top: height / 2 - scale * (0.56 * y0 + 0.44 * y1) };
    const larger = scale / whole;
    video.style.transformOrigin = "0 0";
    video.style.transform = `translate(${place.left - ((width - told.width * whole) / 2) * larger}px, ${place.top - ((height - told.height * whole) / 2) * larger}px) scale(${larger})`;
    return place;
  }

  // What is to be had of the motion that is shown: { about, flow, strain }, { error }, or null while it is worked out.
  get motionNow() {
    return this.motion ? this.#motionOf(this.motion) : null;
  }

  // Something from the server, asked for once; null until it is there.
  #have(kept, key, most, ask) {
    if (!kept.has(key)) {
      kept.set(key, null);
      ask().then(
        (value) => kept.set(key, value),
        (error) => {
          kept.set(key, { error: error.message });
          setTimeout(() => kept.get(key)?.error && kept.delete(key), ASK_AGAIN);
        },
      ).then(() => {
        this.draw();
        this.changed();
      });
      const old = [...kept.keys()].slice(0, -most);
      for (const one of old) kept.delete(one);
    }
    return kept.get(key);
  }

  #chunk(face, frame) {
    const number = Math.floor(frame / this.told.chunk);
    const key = `${face}/${number}`;
    return this.#have(this.chunks, key, KEPT_CHUNKS * this.told.faces.length, async () => {
      const [rows, outlines] = await Promise.all([floats(`${this.address}/tracks/${key}`), this.#outlines(key)]);
      return { rows, outlines };
    });
  }

  async #outlines(key) {
    const answer = await api.get(`${this.address}/regions/${key}`, { quiet: true }).catch(() => ({ regions: [] }));
    return answer.regions;
  }

  #motionOf({ face, onset, frame }) {
    const key = `${face}/${onset}/${frame}`;
    return this.#have(this.motions, key, 40, async () => {
      const address = `${this.address}/motion/${key}`;
      const about = await api.get(address, { quiet: true, timeout: 60_000 });
      const [flow, strain] = await Promise.all([picture(`${address}/flow`), picture(`${address}/strain`)]);
      return { about, flow, strain };
    });
  }

  // A face in a frame: { box, toPicture, points, outlines }, or null where it is not seen or not known yet.
  face(face, frame) {
    const chunk = this.#chunk(face, frame);
    if (!chunk?.rows) return null;
    const { rows } = chunk;
    const wide = COLUMNS + 2 * 68;
    let low = 0;
    let high = rows.length / wide - 1;
    while (low <= high) {
      const middle = (low + high) >> 1;
      const at = rows[middle * wide];
      if (at === frame) {
        const row = rows.subarray(middle * wide, (middle + 1) * wide);
        return { box: row.subarray(1, 5), toPicture: row.subarray(5, 11), points: row.subarray(11), outlines: chunk.outlines };
      }
      if (at < frame) low = middle + 1;
      else high = middle - 1;
    }
    return null;
  }

  draw() {
    cancelAnimationFrame(this.drawing);
    this.drawing = requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    const { canvas, video, told } = this;
    const dense = devicePixelRatio || 1;
    const [width, height] = [video.clientWidth, video.clientHeight];
    canvas.width = Math.round(width * dense);
    canvas.height = Math.round(height * dense);
    delete canvas.dataset.drawn;
    if (this.frame === undefined || !video.videoWidth) return;
    const { scale, left, top } = this.#where();
    if (!this.shows.size) return;
    const pen = canvas.getContext("2d");
    this.place = { scale: scale * dense, left: left * dense, top: top * dense };
    this.#drawMotion(pen);
    this.#toPicture(pen);
    for (const { face } of told.faces) {
      const found = this.face(face, this.frame);
      if (found) this.#drawFace(pen, face, found, dense / this.place.scale);
    }
    if (told.faces.every(({ face }) => this.#chunk(face, this.frame))) canvas.dataset.drawn = this.frame;
  }

  #toPicture(pen) {
    const { scale, left, top } = this.place;
    pen.setTransform(scale, 0, 0, scale, left, top);
  }

  #drawFace(pen, face, { box, toPicture, points, outlines }, pixel) {
    const { shows } = this;
    // Thinner on a face that is small on the screen.
    const fine = Math.max(0.3, Math.min(1, (box[2] - box[0]) / pixel / 170));
    // Every line twice, dark below light: it is seen on any film.
    const twice = (draw, wide = 1.6) => {
      for (const [colour, width] of [["rgb(0 0 0 / 62%)", wide + 1.8], ["#fff", wide]]) {
        Object.assign(pen, { strokeStyle: colour, fillStyle: colour, lineWidth: width * pixel * fine, lineJoin: "round" });
        draw(width * pixel * fine);
      }
    };
    if (shows.has("regions")) this.#drawRegions(pen, toPicture, outlines, twice);
    if (shows.has("landmarks")) {
      twice(() => LINES.forEach(([first, last, ring]) => {
        pen.beginPath();
        for (let i = first; i <= last; i++) pen.lineTo(points[2 * i], points[2 * i + 1]);
        if (ring) pen.closePath();
        pen.stroke();
      }), 0.9);
      twice((width) => {
        for (let i = 0; i < 68; i++) {
          pen.beginPath();
          pen.arc(points[2 * i], points[2 * i + 1], 0.9 * width + 0.4 * pixel * fine, 0, 2 * Math.PI);
          pen.fill();
        }
      });
    }
    if (shows.has("box")) {
      twice(() => pen.strokeRect(box[0], box[1], box[2] - box[0], box[3] - box[1]), 2);
      pen.font = `600 ${13 * pixel}px system-ui, sans-serif`;
      const words = `face ${face}`;
      const wide = pen.measureText(words).width + 10 * pixel;
      const top = Math.max(0, box[1] - 20 * pixel);
      pen.fillStyle = "rgb(0 0 0 / 72%)";
      pen.fillRect(box[0] - pixel, top, wide, 19 * pixel);
      pen.fillStyle = "#fff";
      pen.fillText(words, box[0] + 4 * pixel, top + 14 * pixel);
    }
  }

  #drawRegions(pen, [a, b, c, d, e, f], outlines, twice) {
    const at = ([x, y]) => [a * x + b * y + c, d * x + e * y + f];
    twice(() => outlines.forEach(({ line }) => {
      pen.beginPath();
      for (const point of line) pen.lineTo(...at(point));
      pen.closePath();
      pen.stroke();
    }), 1.1);
  }

  #drawMotion(pen) {
    const motion = this.motionNow;
    if (!motion?.about) return;
    const { size, to_picture: to, arrows } = motion.about;
    this.#toPicture(pen);
    pen.transform(to[0][0], to[1][0], to[0][1], to[1][1], to[0][2], to[1][2]);
    for (const name of ["flow", "strain"]) if (this.shows.has(name)) pen.drawImage(motion[name], 0, 0, size, size);
    if (!this.shows.has("flow")) return;
    for (const [colour, width] of [["rgb(0 0 0 / 70%)", 3], ["#fff", 1.4]]) {
      Object.assign(pen, { strokeStyle: colour, lineWidth: width, lineCap: "round" });
      pen.beginPath();
      for (const [x0, y0, x1, y1] of arrows) {
        const turn = Math.atan2(y1 - y0, x1 - x0);
        pen.moveTo(x0, y0);
        pen.lineTo(x1, y1);
        for (const side of [2.6, -2.6]) {
          pen.moveTo(x1, y1);
          pen.lineTo(x1 + 4.5 * Math.cos(turn + side), y1 + 4.5 * Math.sin(turn + side));
        }
      }
      pen.stroke();
    }
  }
}

export async function floats(address) {
  return new Float32Array(await bytes(address));
}

export async function bytes(address) {
  const response = await fetch(address, { cache: "no-store" }).catch(() => null);
  if (!response?.ok) throw new Error((await response?.json().catch(() => null))?.error ?? "The server does not answer.");
  return response.arrayBuffer();
}

async function picture(address) {
  return createImageBitmap(new Blob([await bytes(address)], { type: "image/png" }));
}
