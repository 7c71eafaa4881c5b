// Forms that have something worked out of recordings or runs, and the list of what was: kept up while something is at work.
import { api, el, say, sayAway } from "./api.js";

const list = document.getElementById("made");
const heard = document.getElementById("heard");
const { kind, page } = list.dataset;
const BUSY = ["queued", "running"];
const STATES = { queued: "waits", running: "at work", failed: "failed", cancelled: "cancelled" };
const removed = (number) => (number === 1 ? "without one that was removed" : `without ${number} that were removed`);
const NEW = { cohort: "A new cohort", agree: "A new question", "compare-runs": "A new comparison" };
const when = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const states = new Map();
let timer = 0;

for (const form of document.querySelectorAll("form[data-make]")) begin(form);
show();

function begin(form) {
  const boxes = () => [...form.querySelectorAll("input[type=checkbox][name=recordings], input[type=checkbox][name=runs]")];
  const chosen = form.querySelector("[data-chosen]");
  const count = () => {
    const number = boxes().filter((box) => box.checked).length;
    if (chosen) chosen.textContent = `${number} of ${boxes().length} chosen`;
  };
  form.addEventListener("change", count);
  for (const button of form.querySelectorAll("[data-choose]")) {
    button.addEventListener("click", () => {
      for (const box of boxes()) box.checked = button.dataset.choose === "all";
      count();
    });
  }
  count();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("[type=submit]");
    button.disabled = true;
    try {
      await api.post(`/api/made/${form.dataset.make}`, values(form));
      say("");
      heard.textContent = "It is in the queue.";
      await show();
      list.scrollIntoView({ block: "nearest" });
    } catch {
      document.getElementById("says").scrollIntoView({ block: "center" });
    } finally {
      button.disabled = false;
    }
  });
}

// What a form says: numbers that are chosen, the one that is chosen, words, and yes or no.
function values(form) {
  const told = {};
  for (const field of form.elements) {
    if (!field.name) continue;
    if (["recordings", "runs"].includes(field.name)) {
      told[field.name] ??= [];
      if (field.checked) told[field.name].push(Number(field.value));
    } else if (field.type === "checkbox") told[field.name] = field.checked;
    else if (field.type !== "radio" || field.checked) told[field.name] = field.value;
  }
  return told;
}

async function show() {
  clearTimeout(timer);
  const answer = await api.get(`/api/made/${kind}`, { quiet: true }).catch(sayAway);
  if (answer) draw(answer.made);
  if (!answer || answer.made.some((one) => BUSY.includes(one.state))) timer = setTimeout(show, 1000);
}

function draw(made) {
  for (const one of made) {
    const before = states.get(one.number);
    if (before && before !== one.state && !BUSY.includes(one.state)) heard.textContent = one.words || `${STATES[one.state]}: ${one.line}`;
    states.set(one.number, one.state);
  }
  const focused = document.activeElement?.dataset?.does;
  list.replaceChildren(...made.map(row));
  if (focused) list.querySelector(`[data-does="${focused}"]`)?.focus();
  document.getElementById("nothing").hidden = made.length > 0;
}

function row(one) {
  const of = `${one.of} ${kind === "compare-runs" ? "runs" : `recording${one.of === 1 ? "" : "s"}`}`;
  const about = [when.format(new Date(one.made)), of, ...(one.removed ? [removed(one.removed)] : [])].join(" · ");
  const own = page.includes("/comparisons/") ? { target: "_blank", rel: "noopener" } : {};
  const link = (words) => el("a", { href: `${page}${one.number}`, ...own }, words);
  const title = one.state === "done" ? link(one.words || "Ready") : one.there ? link(`${one.words} (as it was)`) : el("span", {}, one.line || (one.removed ? "Made again from the others" : NEW[kind]));
  const tone = one.state === "failed" ? " bad" : one.state === "cancelled" ? " warn" : "";
  const tag = (words, kind = "") => [el("span", { class: `tag${kind}` }, words), " "];
  const state = one.state !== "done" ? tag(STATES[one.state], tone) : one.outdated.length ? tag("out of date", " warn") : [];
  const changed = one.outdated.map((line) => el("p", { class: "hint" }, `Since then: ${line}.`));
  const made = el("li", { class: "panel made", "data-number": one.number }, el("div", {}, el("h3", {}, ...state, title), el("p", { class: "hint" }, about), ...changed), does(one));
  if (one.state === "running") made.append(el("progress", { max: one.total || 1, ...(one.total ? { value: one.done } : {}), "aria-label": one.line || "at work" }));
  return made;
}

function does(one) {
  const make = (words, name, path) => {
    const button = el("button", { type: "button", class: "small", "data-does": `${name} ${one.number}` }, words, el("span", { class: "unseen" }, ` ${one.words || one.line}`));
    button.addEventListener("click", async () => {
      button.disabled = true;
      await api.post(path).catch(() => {});
      await show();
    });
    return button;
  };
  const found = [];
  if (BUSY.includes(one.state)) found.push(make("Cancel", "cancel", `/api/jobs/${one.number}/cancel`));
  else {
    const again = `/api/jobs/${one.number}/again`;
    if (one.state !== "done") found.push(make("Try again", "again", again));
    else if (one.outdated.length || !one.there) found.push(make("Make it again", "again", again));
    found.push(make("Remove", "remove", `/api/made/${kind}/${one.number}/remove`));
  }
  return el("div", { class: "row" }, ...found);
}
