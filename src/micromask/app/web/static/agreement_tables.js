// The figures of one kind of label as tables; what has no figure is said in words.
import { el } from "/static/api.js";

export const words = (emotion) => (emotion === "" ? "no expression" : emotion.replaceAll("_", " "));
const two = (value) => value.toFixed(2).replace("-", "−");
const plural = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;

export function table(name, heads, rows) {
  return el("div", { class: "table", role: "region", "aria-label": name, tabIndex: 0 },
    el("table", {},
      el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
      el("tbody", {}, ...rows.map(([head, ...cells]) => el("tr", {}, el("th", { scope: "row" }, head), ...cells.map((cell) => el("td", {}, cell)))))));
}

function cell(chance) {
  const about = chance.raw === null ? "" : `raw ${two(chance.raw)} · ${plural(chance.frames, "frame")} of ${plural(chance.people, "person").replace("persons", "people")}`;
  const value = chance.value === null ? el("span", { class: "why" }, chance.why)
    : el("strong", {}, two(chance.value), chance.interval ? el("span", { class: "between-them" }, ` ${chance.interval.map(two).join(" to ")}`) : "");
  const why = chance.value !== null && chance.why ? el("small", {}, chance.why) : "";
  return el("div", { class: "figure" }, value, el("small", {}, about), why);
}

// One row for all labels together, one for each emotion against everything else.
export function figures(kind) {
  if (!kind.figures.length) return el("p", { class: "muted" }, kind.why || "no kept frame has a label");
  const overall = kind.figures.filter((figure) => figure.emotion === null);
  const same = (one, other) => one.chance.measure === other.chance.measure && one.coders.join() === other.coders.join();
  const heads = overall.map(({ chance, coders }) => (chance.measure === "Cohen's kappa" ? `Cohen’s kappa: ${coders.join(" and ")}` : `${chance.measure.replace("'", "’")}: all`));
  const emotions = [...new Set(kind.figures.map((figure) => figure.emotion))];
  const rows = emotions.map((emotion) => [
    emotion === null ? "All labels" : words(emotion),
    ...overall.map((figure) => cell(kind.figures.find((each) => each.emotion === emotion && same(each, figure)).chance)),
  ]);
  return table(`Agreement on ${kind.kind} labels`, ["Label", ...heads], rows);
}

const mark = (told) => (told === null ? "–" : `${two(told.mean_size)} (median ${told.median > 0 ? "+" : ""}${String(told.median).replace("-", "−")}, largest ${told.largest}; ${told.count})`);

export function intervals(kind) {
  const rows = kind.intervals.filter(({ marked }) => marked[0] || marked[1]).map((told) => [
    told.coders.join(" and "), told.marked.join(" and "), told.why || `${told.matched}, ${told.same_emotion} with the same emotion`,
    mark(told.onset), mark(told.apex), mark(told.offset)]);
  return rows.length ? table(`${kind.kind} intervals`, ["Intervals of", "Marked", "Match", "Onset apart, frames", "Apex apart", "Offset apart"], rows) : "";
}

export function units(kind) {
  const rows = kind.units.filter(({ why }) => !why).map((told) => [
    told.coders.join(" and "), two(told.value),
    told.by_number.map(([number, both, first, second]) => `AU ${number}: ${both} of ${first} and ${second}`).join(" · ")]);
  return rows.length ? table(`${kind.kind} action units`, ["Action units of", "2 × both / all named", "Frames on which both named it, of those of each"], rows) : "";
}

export const counts = (kind) => Object.entries(kind.labelled).map(([coder, frames]) => {
  const unsure = kind.cannot_tell[coder];
  return `${coder}: ${plural(frames, "frame")}${unsure ? `, ${unsure} of them ‘cannot tell’` : ""}`;
}).join(" · ");
