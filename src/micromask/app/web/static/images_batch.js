// One batch of pictures: a card a face, with where the network looked, as they are read.
import { api, el, sayAway } from "./api.js";
import { many } from "./analyse_words.js";

const get = (id) => document.getElementById(id);
const number = get("batch").dataset.batch;
const WORDS = { new: "not read yet", queued: "waits for its turn", running: "being read", done: "read", failed: "not read to the end", cancelled: "stopped" };
const STOPS = ["queued", "running"];

let emotion = null;
let shown = [];
let seen = null;
let next = null;
let timer = 0;

const address = (after) => `/api/images/${number}?after=${after}${emotion === null ? "" : `&emotion=${encodeURIComponent(emotion)}`}`;

function bars(row, classes) {
  const list = el("dl", { class: "bars" });
  for (const name of classes) {
    const share = row.probabilities[name];
    const fill = el("i", {});
    fill.style.width = `${100 * share}%`;
    const most = name === row.emotion ? "most" : "";
    list.append(el("dt", {}, el("span", { class: most }, name)), el("dd", {}, el("span", { class: "share", "aria-hidden": "true" }, fill), el("span", { class: most }, `${Math.round(100 * share)} %`)));
  }
  return list;
}

function card(row, classes) {
  const whole = row.face === null && row.emotion;
  const item = el("li", { class: "face" }, el("h2", {}, el("span", {}, row.picture), el("span", {}, row.face === null ? "" : `face ${row.face}`)));
  if (row.why) return item.append(el("p", { class: "why" }, row.why)), item;
  if (row.face !== null || whole) {
    const base = `/api/images/${number}/${row.id}/${row.row}`;
    const figure = (which, alt, words) => el("figure", {}, el("img", { src: `${base}/${which}?${seen}`, alt, loading: "lazy", width: 256, height: 256, onerror: ({ target }) => target.closest("figure").remove() }), el("figcaption", {}, words));
    const both = el("div", { class: "both" }, figure("face", `${row.face === null ? "The picture" : `Face ${row.face}`} of ${row.picture}`, row.steps.length ? "enhanced" : "as it is"));
    if (row.emotion) both.append(figure("heat", `Where the network looked for ${row.emotion}`, `for ${row.emotion}`));
    item.append(both);
  }
  if (row.emotion) item.append(bars(row, classes));
  if (row.steps.length) item.append(el("p", { class: "small" }, row.steps.join("; ")));
  if (row.cautions.length) item.append(el("p", { class: "caution" }, row.cautions.join("; ")));
  return item;
}

function filter(told) {
  const total = Object.values(told.counts).reduce((sum, one) => sum + one, 0);
  const choices = [[null, "All", total], ...told.classes.filter((name) => told.counts[name]).map((name) => [name, name, told.counts[name]])];
  if (told.classes.length && told.counts[""]) choices.push(["", "no answer", told.counts[""]]);
  get("show").hidden = choices.length < 3;
  const held = get("show").contains(document.activeElement) ? [...get("show").children].indexOf(document.activeElement) : -1;
  get("show").replaceChildren(...choices.map(([value, words, count]) => el("button", { type: "button", class: "small", "aria-pressed": emotion === value, onclick: () => {
    emotion = value;
    load();
  } }, `${words} ${count}`)));
  get("show").children[held]?.focus();
}

function about(told) {
  const busy = STOPS.includes(told.state);
  get("state").textContent = `${many(told.total, "picture")}: ${told.state === "running" ? `${told.read} read so far` : WORDS[told.state]}${told.read === told.total || busy ? "" : `, ${told.read} of them read`}`;
  get("stop").hidden = !busy;
  get("bar").hidden = told.state !== "running";
  [get("bar").max, get("bar").value] = [told.total || 1, told.read];
  get("line").hidden = told.state !== "failed";
  get("line").textContent = told.line;
  get("described").textContent = told.model ? told.described || `Model: ${told.model}` : "No model was asked: faces are found and shown, and nothing is said of what they express. No model of seven emotions comes with micromask; fit one of your own on the page Images.";
  get("report").hidden = told.read === 0;
  get("heat-words").hidden = !told.classes.length;
}

function draw(told, rows) {
  about(told);
  filter(told);
  get("rows").replaceChildren(...rows.map((row) => card(row, told.classes)));
  get("more").hidden = next === null;
}

// The rows from the start, as many as are on the page.
async function load() {
  clearTimeout(timer);
  let told;
  try {
    told = await api.get(`${address(0)}`, { quiet: seen !== null });
    let rows = told.rows;
    next = told.next;
    while (next !== null && rows.length < shown.length) {
      const more = await api.get(address(next), { quiet: true });
      [rows, next] = [[...rows, ...more.rows], more.next];
    }
    [shown, seen] = [rows, told.read];
    draw(told, rows);
  } catch (error) {
    sayAway(error); // it may be back soon
  }
  wait(told);
}

async function look() {
  const told = await api.get(`${address(0)}&seen=${seen}`, { quiet: true }).catch(sayAway);
  if (told && told.rows !== null) return load();
  if (told) about(told);
  wait(told);
}

function wait(told) {
  clearTimeout(timer);
  timer = setTimeout(seen === null ? load : look, !told || STOPS.includes(told.state) ? 1500 : 10_000);
}

get("more").addEventListener("click", async () => {
  const told = await api.get(address(next)).catch(() => null);
  if (!told) return;
  [shown, next] = [[...shown, ...told.rows], told.next];
  get("rows").append(...told.rows.map((row) => card(row, told.classes)));
  get("more").hidden = next === null;
});
get("stop").addEventListener("click", async () => {
  await api.post(`/api/images/${number}/cancel`).catch(() => {});
  await load();
});
get("again").addEventListener("submit", async (event) => {
  event.preventDefault();
  await api.post(`/api/images/${number}/again`, { model: get("model").value, enhanced: get("enhanced").checked }).catch(() => {});
  [emotion, seen, shown] = [null, null, []];
  await load();
});

load();
