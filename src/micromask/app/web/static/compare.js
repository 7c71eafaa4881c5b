// Two recordings in step: one moment for both films, one axis for both timelines, intervals of either to jump to.
import { api, el, say } from "./api.js";
import { CompareFilms } from "./compare_films.js";
import { ComparePlot } from "./compare_plot.js";

const byId = (id) => document.getElementById(id);
const main = byId("compare");
const SIDES = ["left", "right"];
const sides = await Promise.all(SIDES.map((name) => load(name, main.dataset[name])));
const chosen = { left: null, right: null };

const films = new CompareFilms(sides, { moved });
const plot = new ComparePlot({ base: byId("plot"), cursor: byId("cursor") }, sides, films, (seconds) => films.show(seconds));

async function load(name, id) {
  const address = `/api/recordings/${id}`;
  const raw = async (path) => {
    const answer = await fetch(path, { cache: "no-store" });
    if (!answer.ok) {
      say("The film or its curves cannot be read: analyse it again.");
      throw new Error(path);
    }
    return answer.arrayBuffer();
  };
  const [told, both] = await Promise.all([api.get(address), raw(`${address}/clock`)]);
  const all = new Float64Array(both);
  const clock = { times: all.subarray(0, all.length / 2), frames: all.subarray(all.length / 2) };
  const face = [...told.faces].sort((one, other) => other.share - one.share)[0]?.face;
  const figure = main.querySelector(`[data-side="${name}"]`);
  const side = { name, told, clock, face, figure, film: `${address}/film`, intervals: told.intervals.filter((one) => one.face === face), curve: null };
  if (face !== undefined) {
    const about = told.curves[face];
    const values = new Float32Array(await raw(`${address}/curves/${face}`));
    const column = (number) => values.subarray(number * about.rows, (number + 1) * about.rows);
    side.curve = { frames: column(0), strength: column(about.names.indexOf("strength")), threshold: about.threshold };
  }
  return side;
}

for (const side of sides) {
  const body = main.querySelector(`[data-intervals="${side.name}"]`);
  for (const one of side.intervals) {
    const button = el("button", { type: "button", class: "small link", "aria-label": `Show interval ${one.number} of ${side.told.title}` }, String(one.number));
    button.addEventListener("click", () => choose(side, one));
    body.append(
      el("tr", { "data-number": one.number }, el("td", {}, button), el("td", {}, el("span", { class: `key ${one.kind}` }, one.kind), ` ${one.emotion_words}`),
        el("td", { class: "number" }, `${one.onset_s.toFixed(3)} s`), el("td", { class: "number" }, `${one.lasts_s.toFixed(3)} s`),
        el("td", { class: "number" }, one.strength === null ? "–" : `${one.strength.toFixed(2)} %`),
        el("td", {}, el("a", { href: `/recordings/${side.told.id}#interval=${one.number}`, "aria-label": `Open interval ${one.number} in ${side.told.title}` }, "open"))),
    );
  }
  if (!side.intervals.length) body.append(el("tr", {}, el("td", { colSpan: 6, class: "muted" }, side.face === undefined ? "No face was found." : "No expression stood out.")));
}

// Go to an interval of one film; the other shows the same moment of the common axis.
function choose(side, one) {
  chosen[side.name] = one;
  for (const row of main.querySelectorAll(`[data-intervals="${side.name}"] tr`)) row.classList.toggle("here", Number(row.dataset.number) === one.number);
  films.show(one.onset_s + films.shiftOf(side));
  plot.choose(chosen);
  const both = chosen.left && chosen.right;
  byId("align").disabled = !both;
  byId("chosen-line").textContent = SIDES.filter((name) => chosen[name])
    .map((name) => `${name === "left" ? "First" : "Second"}: interval ${chosen[name].number}, ${chosen[name].kind}, ${chosen[name].emotion_words}`)
    .join(" · ");
}

function shift(seconds) {
  films.shift = seconds;
  byId("shift").value = String(Math.round(1000 * seconds) / 1000);
  byId("apart").disabled = seconds === 0;
  range();
  plot.draw();
}

function range() {
  const along = byId("along");
  [along.min, along.max] = films.span.map(String);
  along.step = "0.01";
}

function moved({ now, playing }) {
  const along = byId("along");
  along.value = String(now);
  along.setAttribute("aria-valuetext", `${now.toFixed(2)} seconds`);
  byId("play").textContent = playing ? "Pause" : "Play";
  for (const side of sides) {
    const own = now - films.shiftOf(side);
    side.figure.querySelector(".clock").textContent = `${own.toFixed(3)} s`;
    side.figure.classList.toggle("over", !films.holds(side, own));
  }
  plot.point(now);
}

byId("play").addEventListener("click", () => films.toggle());
byId("along").addEventListener("input", () => films.show(Number(byId("along").value)));
for (const button of main.querySelectorAll("[data-step]")) button.addEventListener("click", () => films.show(films.now + Number(button.dataset.step)));
for (const button of main.querySelectorAll("[data-speed]")) {
  button.addEventListener("click", () => {
    films.speed(Number(button.dataset.speed));
    for (const each of main.querySelectorAll("[data-speed]")) each.setAttribute("aria-pressed", String(each === button));
  });
}
byId("shift").addEventListener("change", () => {
  const seconds = byId("shift").valueAsNumber;
  shift(Number.isFinite(seconds) ? seconds : 0);
  films.show(films.now);
});
byId("align").addEventListener("click", () => {
  shift(chosen.left.onset_s - chosen.right.onset_s);
  films.show(chosen.left.onset_s);
  plot.choose(chosen);
});
byId("apart").addEventListener("click", () => {
  shift(0);
  films.show(films.now);
});
range();
films.show(0);
main.dataset.ready = "yes";
