// Which key does what on the coding page; docs/how-to/studies-coding.md has the same table.

const TEXT = (target) => target.matches?.('input[type="text"], textarea, select');
const PRESSED = (target) => target.closest?.("button, a, summary");

export function onKeys(act) {
  const dialog = document.getElementById("keys");
  const single = document.getElementById("single");
  document.getElementById("help").onclick = () => dialog.showModal();
  document.getElementById("keys-close").onclick = () => dialog.close();

  const plain = {
    ArrowUp: () => act.kept(-1), ArrowDown: () => act.kept(1), " ": act.play, ",": act.slower, ".": act.faster, j: act.candidate,
    m: () => act.cover("mouth"), e: () => act.cover("eyes"), k: act.kind, i: act.aim,
    n: () => act.emotion("N"), 0: () => act.emotion("N"), t: () => act.emotion("T"),
    x: () => act.field("units"), w: () => act.field("note"),
    o: () => act.mark("onset"), a: () => act.mark("apex"), f: () => act.mark("offset"),
    u: act.undo, r: act.redo, Delete: act.remove, Backspace: act.remove, Enter: act.go, Escape: act.escape, "?": () => dialog.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || dialog.open || event.isComposing) return;
    const inText = TEXT(event.target);
    if (inText && !["Enter", "Escape"].includes(event.key)) return;
    if (PRESSED(event.target) && ["Enter", " "].includes(event.key)) return;
    const does = action(event);
    if (!does || (!single.checked && event.key.length === 1)) return;
    event.preventDefault();
    does();
  });

  function action(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "ArrowLeft" || key === "ArrowRight") return () => act.step((key === "ArrowLeft" ? -1 : 1) * (event.shiftKey ? 10 : 1));
    if (/^[1-9]$/.test(key)) return () => act.emotion(key);
    // The sign above a digit, whichever it is on this keyboard.
    if (/^Digit[1-5]$/.test(event.code) && key !== "0") return () => act.sure(Number(event.code.slice(5)));
    return Object.hasOwn(plain, key) ? plain[key] : null;
  }

  // Whoever clicks with the mouse goes on with the keys: Enter is then not the button again.
  document.addEventListener("click", (event) => {
    if (event.detail > 0 && PRESSED(event.target)) document.activeElement?.blur();
  });
}
