// Which key does what on the page of a recording; docs/how-to/look-at-a-recording.md has the same table. Other letters are for corrections.

const TEXT = (target) => target.matches?.('input:not([type="range"], [type="checkbox"], [type="radio"]), textarea, select');
const PRESSED = (target) => target.closest?.("button, a, summary, input, select");

export function onKeys(act) {
  const dialog = document.getElementById("keys");
  const single = document.getElementById("single");
  document.getElementById("help").onclick = () => dialog.showModal();
  document.getElementById("keys-close").onclick = () => dialog.close();
  const plain = {
    " ": act.play, ",": () => act.speed(-1), ".": () => act.speed(1),
    ArrowLeft: () => act.step(-1), ArrowRight: () => act.step(1), "Shift+ArrowLeft": () => act.step(-10), "Shift+ArrowRight": () => act.step(10),
    PageDown: () => act.next(1), PageUp: () => act.next(-1), "]": () => act.next(1), "[": () => act.next(-1),
    Home: act.onset, End: act.offset, Enter: act.apex, l: act.loop,
    "+": () => act.zoom("in"), "=": () => act.zoom("in"), "-": () => act.zoom("out"), 0: () => act.zoom("all"), 9: () => act.zoom("interval"),
    "?": () => dialog.showModal(),
  };
  act.over.forEach((toggle, number) => (plain[number + 1] = toggle));

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
    if (document.querySelector("dialog[open]") || TEXT(event.target)) return;
    if (PRESSED(event.target) && ["Enter", " "].includes(event.key)) return;
    if (event.target.type === "range" && event.key.startsWith("Arrow") && !event.shiftKey) return;
    if (!single.checked && event.key.length === 1) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const does = plain[event.shiftKey && key.startsWith("Arrow") ? `Shift+${key}` : key];
    if (!does) return;
    event.preventDefault();
    does();
  });

  // Whoever clicks with the mouse goes on with the keys: the space bar is then not the button again.
  document.addEventListener("click", (event) => {
    if (event.detail > 0 && event.target.closest?.("#recording button")) document.activeElement?.blur();
  });
}
