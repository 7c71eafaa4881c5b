// The page Export: many recordings at once, and what was exported before.
import { api, el, sayAway } from "./api.js";
import { fetchFile, onExport } from "./exports.js";

const LOOK_AGAIN = 3_000;
const list = document.getElementById("list");
const form = document.getElementById("export");
const boxes = [...form.querySelectorAll('[name="recordings"]')];
const chosen = () => boxes.filter((one) => one.checked).map((one) => Number(one.value));

function sum() {
  const place = document.getElementById("chosen-sum");
  if (place) place.textContent = `${chosen().length} of ${boxes.length} chosen`;
}

function size(bytes) {
  const mega = bytes / 2 ** 20;
  return mega < 0.1 ? `${Math.ceil(bytes / 1024)} KiB` : `${mega.toFixed(1)} MiB`;
}

const when = (made) => new Date(made).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
const cell = (...inside) => el("td", { class: "number" }, ...inside);

function draw({ exports, jobs }) {
  const under = jobs.map((job) => el("tr", { "data-job": job.id }, el("td", {}, el("span", { class: `tag ${job.state === "failed" ? "bad" : ""}` }, job.state === "failed" ? "failed" : "at work")),
    el("td", {}, job.line || "waiting for its turn"), cell(String(job.recordings)), cell(job.total ? `${Math.round((100 * job.done) / job.total)} %` : ""), el("td", {}, again(job))));
  const kept = exports.map((one) => el("tr", { "data-export": one.id }, el("td", {}, when(one.made)), el("td", {}, one.name), cell(String(one.recordings)), cell(size(one.bytes)),
    el("td", {}, el("div", { class: "row" }, el("button", { type: "button", class: "small", "aria-label": `Fetch ${one.name}`, onclick: () => fetchFile(one.id) }, "Fetch"),
      el("button", { type: "button", class: "small bad", "aria-label": `Remove ${one.name}`, onclick: () => remove(one) }, "Remove")))));
  const rows = [...under, ...kept];
  list.replaceChildren(...(rows.length ? rows : [el("tr", {}, el("td", { colSpan: 5, class: "muted" }, "None yet."))]));
}

function again(job) {
  if (job.state === "failed") return el("button", { type: "button", class: "small", onclick: () => api.post(`/api/jobs/${job.id}/again`).then(look) }, "Try again");
  return el("button", { type: "button", class: "small", onclick: () => api.post(`/api/jobs/${job.id}/cancel`).then(look) }, "Cancel");
}

async function remove(one) {
  draw(await api.post(`/api/exports/${one.id}/remove`));
  document.getElementById("kept").focus?.();
}

let before = "";
async function look() {
  if (document.hidden) return;
  const told = await api.get("/api/exports", { quiet: true }).catch(sayAway);
  if (!told || JSON.stringify(told) === before) return;
  before = JSON.stringify(told);
  draw(told);
}

for (const button of form.querySelectorAll("[data-choose]")) {
  const { choose, group } = button.dataset;
  button.addEventListener("click", () => {
    for (const one of boxes) one.checked = choose === "all" || (choose === "group" && one.dataset.group === group);
    sum();
  });
}
form.addEventListener("change", sum);
onExport(form, chosen, look);
sum();
await look();
setInterval(look, LOOK_AGAIN);
document.getElementById("exports").dataset.ready = "yes";
