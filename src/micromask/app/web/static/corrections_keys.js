// Which letter corrects what; docs/how-to/correct-and-export.md has the same table. The other keys are the film's.
import { el } from "./api.js";

const TEXT = (target) => target.matches?.('input:not([type="range"], [type="checkbox"], [type="radio"], [type="number"]), textarea, select');

export function onKeys(act) {
  const plain = { y: act.accept, x: act.reject, c: act.correct, m: act.missed, u: act.undo, r: act.redo, s: act.save, o: () => act.mark("onset"), a: () => act.mark("apex"), f: () => act.mark("offset") };
  const single = document.getElementById("single");
  const list = [["Y", "accept the chosen interval"], ["X", "reject it"], ["C", "correct it"], ["M", "add one that was missed"], ["O A F", "onset, apex, offset: the frame that is shown"], ["S", "save; Esc leaves it"], ["U R", "undo, redo"]];
  document.querySelector("#keys .keys")?.append(el("dl", {}, ...list.flatMap(([keys, does]) => [
    el("dt", {}, ...keys.split(" ").flatMap((key) => [el("kbd", {}, key), " "])), el("dd", {}, does)])));

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape") act.cancel();
    if (event.key.length !== 1 || TEXT(event.target) || (single && !single.checked)) return;
    const does = plain[event.key.toLowerCase()];
    if (!does) return;
    event.preventDefault();
    does();
  });
}
