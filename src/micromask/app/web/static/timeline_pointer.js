// The pointer on a timeline: a click on an interval chooses it, elsewhere it goes to that frame; dragging runs along.
// Ctrl and the wheel show less or more, Shift and the wheel go along; a double click shows all.
import { placeAt } from "./player.js";
import { REGION } from "./timeline.js";

export function onPointer(timeline) {
  const { base, whole, does } = timeline;
  const place = (canvas, event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  let from = null;
  base.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    from = { at: place(base, event)[0], moved: false };
    base.setPointerCapture(event.pointerId);
  });
  base.addEventListener("pointermove", (event) => {
    const [at, down] = place(base, event);
    if (from && Math.abs(at - from.at) > 3) from.moved = true;
    if (from?.moved) does.seek(timeline.frameAt(timeline.secondsAt(at)));
    does.hover(at < timeline.layout.left ? null : under(timeline, at, down));
  });
  base.addEventListener("pointerleave", () => does.hover(null));
  base.addEventListener("pointerup", (event) => {
    if (from && !from.moved) click(timeline, ...place(base, event));
    from = null;
  });
  base.addEventListener("pointercancel", () => (from = null));
  base.addEventListener("dblclick", () => timeline.all());
  base.addEventListener("wheel", (event) => wheel(timeline, event, place(base, event)[0]), { passive: false });

  const drag = (event) => {
    const seconds = ((place(whole, event)[0] - timeline.layout.left) / timeline.layout.width) * timeline.end;
    const long = timeline.view[1] - timeline.view[0];
    if (long >= timeline.end - 1e-9) does.seek(timeline.frameAt(seconds));
    else timeline.look(seconds - long / 2, long);
  };
  whole.addEventListener("pointerdown", (event) => {
    whole.setPointerCapture(event.pointerId);
    drag(event);
  });
  whole.addEventListener("pointermove", (event) => event.buttons && drag(event));
}

function wheel(timeline, event, at) {
  if (event.ctrlKey || event.metaKey) timeline.zoom(event.deltaY < 0 ? 1.25 : 0.8, timeline.secondsAt(at));
  else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) timeline.pan((event.deltaX || event.deltaY) / 600);
  else return;
  event.preventDefault();
}

const within = (frame) => (one) => frame >= one.onset && frame <= one.offset;

// What lies there: second, frame, row, interval, and what was measured.
function under(timeline, at, down) {
  const { told, layout, curves } = timeline;
  const seconds = Math.max(0, Math.min(timeline.end, timeline.secondsAt(at)));
  const row = layout.rows.find((one) => down >= one.top && down <= one.top + one.height);
  const face = row?.kind === "strength" ? row.face : timeline.face;
  const frame = timeline.frameAt(seconds);
  const known = curves.get(face);
  const number = known?.times.length ? placeAt(known.frame, frame) : -1;
  const seen = number >= 0 && known.frame[number] === frame;
  const listed = row?.kind === "masked" ? told.masked : told.intervals;
  const interval = listed.filter((one) => one.face === face).find(within(frame)) ?? null;
  let region = null;
  if (row?.kind === "regions" && seen) {
    const which = Math.min(known.regions.length - 1, Math.floor((down - row.top) / REGION));
    region = { words: known.regionWords[which], value: known.regions[which][number] };
  }
  return { seconds, frame, row, interval, region, strength: seen ? known.strength[number] : NaN };
}

function click(timeline, at, down) {
  const { does } = timeline;
  const row = timeline.layout.rows.find((one) => down >= one.top && down <= one.top + one.height);
  if (row?.kind === "strength" && row.face !== timeline.face) does.face(row.face);
  if (at < timeline.layout.left) return;
  const { frame, interval } = under(timeline, at, down);
  const mark = row?.kind === "people" ? timeline.said(row.layer).find(within(frame)) : null;
  if (mark) does.loop(mark);
  else if (interval && ["strength", "regions", "masked"].includes(row?.kind)) does.choose(interval);
  else does.seek(frame);
}
