// Snapshots: one picture looked at closely, its faces enhanced, with what the model reads in them. Kept by this page only.
import { api, el } from "./api.js";
import { chances } from "./live_faces.js";

const MOST = 6;
const ALL = 16; // emotions

export class Snapshots {
  constructor({ list, section, heard }) {
    Object.assign(this, { list, section, heard });
  }

  async take(key, video, withModel) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width: video.videoWidth, height: video.videoHeight });
    canvas.getContext("2d", { alpha: false }).drawImage(video, 0, 0);
    const picture = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.95));
    const { faces } = await api.send(`/api/live/${key}/snapshots`, picture, { quiet: true });
    this.show(picture, faces, withModel);
  }

  show(picture, faces, withModel) {
    const taken = new Date();
    const whole = URL.createObjectURL(picture);
    const name = `snapshot ${taken.toISOString().slice(0, 19).replaceAll(":", ".")}.jpg`;
    const count = faces.length === 1 ? "1 face" : `${faces.length} faces`;
    const head = el("div", { class: "between" }, el("strong", {}, `${taken.toLocaleTimeString()}, ${count}`), el("a", { href: whole, download: name }, "Save picture"));
    const shown = el("div", { class: "faces" }, ...faces.map(face));
    if (!faces.length) shown.append(el("p", { class: "muted" }, "No face was found in it."));
    const card = el("li", { class: "panel snap" }, head, shown);
    if (faces.length && !withModel) card.append(el("p", { class: "hint" }, "No emotion is read: no model for single pictures is chosen in the options. One can be trained under ", el("a", { href: "/images" }, "Images"), "."));
    this.list.prepend(card);
    while (this.list.children.length > MOST) this.forget(this.list.lastChild);
    this.section.hidden = false;
    this.heard.textContent = `Snapshot: ${count}${faces.map(({ emotions }) => (emotions.length ? `, ${emotions[0][0]}` : "")).join("")}`;
  }

  forget(card) {
    for (const one of card.querySelectorAll("img, a")) URL.revokeObjectURL(one.src ?? one.href);
    card.remove();
  }
}

function face(one) {
  const bytes = Uint8Array.from(atob(one.picture), (sign) => sign.charCodeAt(0));
  const named = one.face === null ? "A face" : `Face ${one.face}`;
  const picture = el("img", { src: URL.createObjectURL(new Blob([bytes], { type: "image/jpeg" })), alt: `${named}, enhanced`, width: 112, height: 112 });
  const told = el("div", {}, el("p", {}, el("strong", {}, named), ` ${one.width.toFixed(0)} px wide`));
  if (one.steps.length) told.append(el("p", { class: "hint" }, one.steps.join(", ")));
  const bars = el("div", { class: "chances" });
  chances(bars, one.emotions, ALL);
  if (one.emotions.length) {
    const [word, chance] = one.as_it_is[0];
    told.append(bars, el("p", { class: "hint" }, `Read in the enhanced face. In the picture as it is: ${word} ${Math.round(100 * chance)} %.`));
  }
  return el("div", { class: "face" }, picture, told);
}
