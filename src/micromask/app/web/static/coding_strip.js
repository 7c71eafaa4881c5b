// The filmstrip: every kept frame small, with its flags and what this coder said of it.
import { el } from "/static/api.js";
import { coverFace } from "/static/coding_covers.js";

const FLAGS = { "no-face": "no face", blurred: "blurred", "eyes-closed": "eyes closed" };

export const flagWords = (frame) => frame.flags.map((flag) => FLAGS[flag] ?? flag);

export class Strip {
  constructor(place, frames, chosen) {
    this.frames = frames;
    this.buttons = frames.map((frame, index) => {
      const picture = el("span", { class: "thumb" }, el("img", { src: `${frame.picture}/small`, loading: "lazy", alt: "", width: 96, height: 96 }));
      coverFace(picture, frame);
      const button = el("button", { type: "button", tabIndex: -1, onclick: () => chosen(index) }, picture,
        el("span", { class: "of" }, String(frame.number)), el("span", { class: "said" }), el("span", { class: "flags", "aria-hidden": "true" }, frame.flags.length ? "!" : ""));
      button.title = [`${frame.time.toFixed(2)} s`, ...flagWords(frame)].join(", ");
      place.append(el("li", {}, button));
      return button;
    });
  }

  choose(index) {
    for (const button of this.buttons.slice()) {
      if (button.tabIndex === 0) {
        button.tabIndex = -1;
        button.removeAttribute("aria-current");
      }
    }
    const button = this.buttons[index];
    if (!button) return;
    button.tabIndex = 0;
    button.setAttribute("aria-current", "true");
    const strip = button.closest(".strip");
    const at = button.getBoundingClientRect();
    const seen = strip.getBoundingClientRect();
    strip.scrollLeft += at.left - seen.left - (seen.width - at.width) / 2;
  }

  // label(frame): [words, class] of what is said of a frame; words are empty where nothing is.
  mark(label) {
    this.frames.forEach((frame, index) => {
      const [words, kind] = label(frame);
      const said = this.buttons[index].querySelector(".said");
      if (said.textContent === words && said.className === `said ${kind}`) return;
      said.textContent = words;
      said.className = `said ${kind}`;
      this.buttons[index].setAttribute("aria-label", [`Kept frame ${frame.number}`, words || "not coded", ...flagWords(frame)].join(", "));
    });
  }
}
