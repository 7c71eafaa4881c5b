// How well the coders agree, where they do not, and settling it.
import { api, base, el, say } from "/static/api.js";
import { counts, figures, intervals, units, words } from "/static/agreement_tables.js";

const byId = (id) => document.getElementById(id);
const PAGE = 20;
let told;
let settled = new Map();
const shown = { open: new Set(), many: {} };

const key = ({ recording, number, kind }) => `${recording}/${number}/${kind}`;

async function load() {
  told = await api.get(`${base}/api/agreement`, { timeout: 120_000 });
  settled = new Map(told.settled.map((row) => [key(row), row]));
  byId("wait").textContent = told.kinds.length ? "" : "Nobody has coded anything yet.";
  byId("settling").hidden = !told.kinds.length;
  byId("kinds").replaceChildren(...told.kinds.map(section));
  drawWays();
  byId("agreement").dataset.ready = "yes";
}

function section(kind) {
  const title = kind.kind === "micro" ? "Micro-expressions" : "Masked expressions";
  return el("section", { class: "stack", "aria-label": title },
    el("h2", {}, title), el("p", { class: "muted" }, counts(kind)),
    figures(kind), intervals(kind), units(kind),
    ...(kind.figures.length ? [el("div", { class: "stack", id: `list-${kind.kind}` }, ...list(kind))] : []));
}

function list(kind) {
  const open = kind.disagreements.filter((one) => shown.open.has(kind.kind) || !settled.has(key(one)));
  const many = shown.many[kind.kind] ?? PAGE;
  const all = el("input", { type: "checkbox", checked: shown.open.has(kind.kind), onchange: () => { shown.open[all.checked ? "add" : "delete"](kind.kind); redraw(kind); } });
  const count = kind.disagreements.length;
  return [
    el("div", { class: "between" }, el("h3", {}, `Frames on which they differ: ${count}`), ...(count ? [el("label", { class: "check" }, all, " show settled ones too")] : [])),
    ...open.slice(0, many).map((one) => card(kind, one)),
    ...(open.length > many ? [el("button", { type: "button", onclick: () => { shown.many[kind.kind] = many + PAGE; redraw(kind); } }, `Show more of ${open.length}`)] : []),
    ...(count && !open.length ? [el("p", { class: "muted" }, "All of them are settled.")] : []),
  ];
}

const redraw = (kind) => byId(`list-${kind.kind}`).replaceChildren(...list(kind));

function card(kind, one) {
  const row = settled.get(key(one));
  const name = `${one.participant} · ${one.part} · frame ${one.number}`;
  const options = [...told.choices[kind.kind], ""];
  const option = (value, text) => el("option", { value }, text);
  const emotion = el("select", { "aria-label": `Settled label of ${name}` }, option("-", "settle as …"), ...options.map((each) => option(each, words(each))));
  const how = el("select", { "aria-label": `How ${name} is settled` }, option("discussion", "by discussion"), option("third coder", "as a third coder"));
  const named = el("input", { type: "text", placeholder: "action units", maxLength: 500, "aria-label": `Action units of ${name}` });
  if (row) [emotion.value, named.value] = [row.emotion, row.action_units];
  const form = el("form", { class: "row" }, emotion, how, named, el("button", { type: "submit", class: "small" }, "Settle"));
  form.onsubmit = async (event) => {
    event.preventDefault();
    if (emotion.value === "-") return say(`Choose the label of ${name} first`);
    const { recording, number } = one;
    const by = byId("by").value;
    const made = await api.post(`${base}/api/agreement/settle`, { recording, number, kind: kind.kind, emotion: emotion.value, how: how.value, by, action_units: named.value }).catch(() => null);
    if (!made) return;
    say("");
    settled.set(key(made), made);
    byId("settled").textContent = `${name} is settled as ${words(made.emotion)}`;
    redraw(kind);
    drawWays();
  };
  const link = told.me ? `${base}/coding/${encodeURIComponent(told.me)}/${one.recording}#${kind.kind}-${one.number}` : `${base}/api/films/${one.recording}/frames/${one.number}`;
  return el("article", { class: "panel differ", "aria-label": name },
    el("a", { href: link, "aria-label": `Look at ${name}` }, el("img", { src: `${base}/api/films/${one.recording}/frames/${one.number}/small`, width: 96, height: 96, alt: "", loading: "lazy" })),
    el("div", { class: "who" }, el("h4", {}, name, el("span", { class: "muted" }, ` ${one.time_s.toFixed(2)} s`)),
      el("dl", {}, ...Object.entries(one.labels).map(([coder, said]) => el("div", {}, el("dt", {}, coder), el("dd", {}, words(said)))))),
    el("div", { class: "end" }, el("p", { class: "muted" }, row ? `settled: ${words(row.emotion)}, ${row.how} (${row.by})` : "not settled"), form));
}

function drawWays() {
  const ways = new Map();
  for (const row of settled.values()) {
    const name = `${row.kind}: ${row.how}`;
    ways.set(name, (ways.get(name) ?? 0) + 1);
  }
  byId("ways").replaceChildren(...(ways.size ? [...ways].sort().map(([name, frames]) => el("span", { class: "tag" }, `${name} ${frames}`)) : [el("span", { class: "tag warn" }, "no frame is settled yet")]));
}

async function change(path, value, line) {
  const answer = await api.post(path, value, { timeout: 120_000 }).catch(() => null);
  if (!answer) return;
  say("");
  byId("settled").textContent = line(answer);
  await load();
}

byId("rule").onsubmit = (event) => {
  event.preventDefault();
  const value = { by: byId("by").value, majority: byId("majority").checked, one_coder: byId("one").checked };
  change(`${base}/api/agreement/rule`, value, (done) => `${done.changed} changed. Settled: ${done.agreed} agreed, ${done.majority} by majority, ${done.one_coder} by one coder; ${done.left} left.`);
};
byId("back").onclick = () => change(`${base}/api/agreement/undo`, { by: byId("by").value }, (done) => `${done.frames} frames are as they were before.`);
load().catch(() => { byId("wait").textContent = ""; });
