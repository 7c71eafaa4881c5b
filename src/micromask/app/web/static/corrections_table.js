// Every interval in a row: what the machine measured, what each person says, what stands.
import { el } from "./api.js";

const seconds = (value) => value.toFixed(3);

// One interval in a line: kind, emotion, onset to offset.
export function wordsOf(one) {
  return `${one.kind}, ${one.words}, ${seconds(one.onset_s)} – ${seconds(one.offset_s)} s`;
}

// The machine's expressions and its masked marks are numbered each by themselves.
export const numberOf = (one) => (one.layer === "masked" ? `M${one.number}` : String(one.number));

export function nameOf(one) {
  if (one.machine) return `${one.layer === "masked" ? "Mark" : "Expression"} ${numberOf(one)}`;
  return one.gone ? "No longer found" : "Added by a person";
}

// does: { choose(interval), same(interval, opinion) }
export function drawTable(told, chosen, does) {
  const of = (layer) => {
    const all = told.intervals.filter((one) => one.layer === layer);
    return `${all.filter((one) => one.counts).length} of ${all.length}`;
  };
  const marks = told.intervals.some((one) => one.layer === "masked");
  const sum = marks ? `${of("expressions")} expressions and ${of("masked")} masked count` : `${of("expressions")} count`;
  const people = new Set(told.intervals.flatMap((one) => one.opinions.map((opinion) => opinion.author)));
  document.getElementById("said-sum").textContent = `${sum} · ${people.size === 0 ? "nobody has said anything yet" : [...people].sort().join(", ")}`;
  const place = document.getElementById("said");
  const focused = document.activeElement?.dataset?.said;
  place.replaceChildren(...(told.intervals.length ? told.intervals.map((one) => row(told, one, one.key === chosen, does)) : [nothing()]));
  if (focused) [...place.querySelectorAll("[data-said]")].find((button) => button.dataset.said === focused)?.focus({ preventScroll: true });
}

function nothing() {
  return el("tr", {}, el("td", { colSpan: 4, class: "muted" }, "The machine found nothing. If you see an expression, add it."));
}

function row(told, one, here, does) {
  const made = el("tr", { class: `${here ? "chosen" : ""}${one.counts ? "" : " out"}`, "data-key": one.key });
  const name = el("button", { type: "button", class: "small", "data-said": one.key, "aria-pressed": here, "aria-label": `${nameOf(one)}: play it slowly`, onclick: () => does.choose(one) }, one.machine ? numberOf(one) : one.gone ? "gone" : "added");
  const first = el("td", {}, name);
  if (told.faces.length > 1) first.append(el("p", {}, el("small", {}, `face ${one.face}`)));
  const people = one.opinions.map((opinion) => said(told, one, opinion, does));
  made.append(first, el("td", { class: "words" }, ...machine(one)), el("td", { class: "words" }, ...(people.length ? people : [el("span", { class: "muted" }, "–")])), el("td", { class: "words" }, ...stands(one)));
  return made;
}

function interval(one) {
  return [el("p", {}, `${one.kind}, ${one.words}`), el("p", {}, el("small", {}, `${seconds(one.onset_s)} – ${seconds(one.apex_s)} – ${seconds(one.offset_s)} s, frames ${one.onset} – ${one.apex} – ${one.offset}`))];
}

function machine(one) {
  if (one.machine) return interval(one.machine);
  if (!one.gone) return [el("span", { class: "muted" }, "nothing here")];
  return [el("p", {}, "Its interval is not found any more. Before:"), ...interval(one.seen)];
}

function stands(one) {
  const words = interval(one.stands);
  words[0].classList.add("stands");
  const tags = [];
  if (!one.counts) tags.push(el("span", { class: "tag warn" }, "does not count"));
  if (one.disputed) tags.push(el("span", { class: "tag" }, "disputed"));
  if (tags.length) words.push(el("p", {}, ...tags));
  if (one.stands.says) words.push(el("p", {}, el("small", {}, one.stands.says)));
  return words;
}

const KIND = { accepted: "good", rejected: "bad", corrected: "", added: "" };

function said(told, one, opinion, does) {
  const own = opinion.author === told.me;
  const line = el("p", {}, el("b", {}, own ? "You" : opinion.author), " ", el("span", { class: `tag ${KIND[opinion.verdict]}` }, opinion.verdict));
  if (opinion.interval && opinion.verdict !== "accepted") line.append(" ", wordsOf(opinion.interval));
  if (opinion.note) line.append(el("br"), el("small", {}, opinion.note));
  const my = one.opinions.find(({ author }) => author === told.me);
  if (told.me && !own && !alike(my, opinion)) line.append(" ", el("button", { type: "button", class: "link", "aria-label": `Say the same as ${opinion.author}`, onclick: () => does.same(one, opinion) }, "I say the same"));
  return line;
}

function alike(mine, other) {
  if (!mine) return false;
  if (!mine.interval || !other.interval) return mine.interval === other.interval;
  return ["onset", "apex", "offset", "kind", "emotion", "shown_emotion", "felt_emotion"].every((name) => mine.interval[name] === other.interval[name]);
}
