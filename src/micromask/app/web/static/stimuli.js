// Stimuli one after the other, each logged at the moment at which it is on the screen.

// Load all pictures beforehand, so that they appear at once: a Map from item id to its image element.
export async function preload(items) {
  const pictures = new Map();
  for (const item of items.filter(({ image }) => image)) {
    const picture = new Image();
    picture.src = item.image;
    picture.alt = item.text ? "" : "A picture to look at";
    await picture.decode().catch(() => {
      throw new Error(`The picture of ${item.id} cannot be shown; please tell the researcher.`);
    });
    pictures.set(item.id, picture);
  }
  return pictures;
}

// Resolves to "shown" after the last item; never once run.over is set.
export async function present(items, pictures, run, $) {
  let before = null;
  for (const [i, item] of [...items, null].entries()) {
    draw(item, pictures.get(item?.id), $);
    if (item) $("count").textContent = `${i + 1} of ${items.length}`;
    const at = await visible(run);
    if (before) run.recorder.log("stimulus-off", before.id, {}, at);
    if (!item) return "shown";
    await lasts(item, run.recorder.log("stimulus-on", item.id, {}, at).time_s, run, $);
    before = item;
  }
}

function draw(item, picture, $) {
  $("text").textContent = item?.text ?? "";
  $("image").replaceChildren(...(picture ? [picture] : []));
  $("left").value = 0;
}

// The time at which what was just drawn is on the screen: after the next painting, and not in a pause.
async function visible(run) {
  do await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  while (!run.over && run.recorder.isPaused);
  if (run.over) await new Promise(() => {});
  return performance.now();
}

// Wait until an item has been there for its seconds on the recording's own clock, which stands still in a pause.
async function lasts(item, from, run, $) {
  for (;;) {
    const rest = from + item.seconds - run.recorder.time();
    $("left").value = Math.min(1, 1 - rest / item.seconds);
    if (rest <= 0 || run.over) return;
    await new Promise((done) => setTimeout(done, Math.min(100, Math.max(4, 1000 * rest - 16))));
  }
}
