// Corrections of one recording: accept, reject, correct, add, undo; what others say appears by itself.
import { api, el, sayAway } from "./api.js";
import { Form } from "./corrections_form.js";
import { onKeys } from "./corrections_keys.js";
import { drawTable, nameOf, numberOf, wordsOf } from "./corrections_table.js";
import { onExport } from "./exports.js";

const byId = (id) => document.getElementById(id);
const address = `/api/corrections/${byId("recording").dataset.id}`;
const LOOK_AGAIN = 5_000;
const REMEMBERED = "micromask-author";

let told = null; // as the server said it last
let chosen = null; // the key of the interval that the buttons are about
let at = 0; // the frame that the film shows
let busy = false;

const mine = (one) => one?.opinions.find((opinion) => opinion.author === told.me);
const chosenOne = () => told?.intervals.find((one) => one.key === chosen);
const play = ({ face, onset, offset }) => document.dispatchEvent(new CustomEvent("micromask:loop", { detail: { face, onset, offset } }));
const show = (frame) => document.dispatchEvent(new CustomEvent("micromask:show", { detail: { frame } }));

function state(line, bad = false) {
  const place = byId("corrections-state");
  place.textContent = line;
  place.classList.toggle("bad", bad);
}

const form = new Form(`/api/recordings/${byId("recording").dataset.id}/clock`, {
  save: (does, about, values) => tell({ does, about, ...values }),
  play, show, here: () => at, closed: draw,
});

function take(answer) {
  told = answer;
  if (chosen && !chosenOne()) chosen = null;
  form.offer(told);
  draw();
}

// Ask the server; what went wrong is one line in the bar, and what was typed stays.
async function ask(asked, done) {
  if (busy) return false;
  busy = true;
  try {
    take(await asked());
    state(done ? `${done} · saved ${new Date().toLocaleTimeString("en-GB")}` : "");
    return true;
  } catch (error) {
    state(error.message, true);
    if (error.status === 403) await look(true);
    return false;
  } finally {
    busy = false;
  }
}

const DONE = { accept: "Accepted", reject: "Rejected", correct: "Corrected", add: "Added", withdraw: "Your word is taken back" };
const tell = (value) => ask(() => api.post(address, value, { quiet: true }), DONE[value.does]);

// The whole interval as it is on the page goes along: the server refuses to accept what is another one by now.
const seen = ({ face, onset, apex, offset, kind, emotion, shown_emotion, felt_emotion }) => ({ face, onset, apex, offset, kind, emotion, shown_emotion, felt_emotion });
const act = {
  accept() {
    const one = chosenOne();
    if (!one || byId("accept").disabled) return;
    if (mine(one)?.verdict === "accepted") tell({ does: "withdraw", about: one.key });
    else tell({ does: "accept", about: one.key, ...seen(one.machine ?? one.stands) });
  },
  reject() {
    const one = chosenOne();
    if (!one || byId("reject").disabled) return;
    const again = mine(one)?.verdict === "rejected" || isOwn(one);
    tell({ does: again ? "withdraw" : "reject", about: one.key });
  },
  correct() {
    if (!chosenOne() || byId("correct").disabled) return;
    state("");
    form.open("correct", chosenOne(), mine(chosenOne()));
  },
  missed() {
    if (byId("bar").hidden || form.isOpen) return;
    state("");
    form.open("add", null, null);
  },
  undo: () => told?.undo && ask(() => api.post(`${address}/undo`, {}, { quiet: true }), "Undone"),
  redo: () => told?.redo && ask(() => api.post(`${address}/redo`, {}, { quiet: true }), "Redone"),
  mark: (name) => form.isOpen && form.mark(name),
  save: () => form.isOpen && form.save(),
  cancel: () => form.isOpen && form.close(),
  same(one, opinion) {
    chosen = one.key;
    if (opinion.interval) tell({ does: "correct", about: one.key, ...seen(opinion.interval) });
    else tell({ does: "reject", about: one.key });
  },
};

// Added by oneself and kept by nobody else: it is removed and not rejected.
const isOwn = (one) => !one.machine && !one.gone && one.opinions.length === 1 && one.opinions[0].author === told.me;

// A row of the table: the machine's own goes the way of the page, which knows how to show it.
function choose(one) {
  const button = one.machine && document.querySelector(`[data-interval="${numberOf(one)}"]`);
  if (button) button.click();
  else play(one.stands);
  pick(one.key);
}

function pick(key) {
  if (form.isOpen && form.about !== key) form.close();
  chosen = key;
  draw();
}

function draw() {
  if (!told) return;
  byId("who").hidden = Boolean(told.me);
  byId("bar").hidden = !told.me;
  byId("me").textContent = told.me;
  byId("authors").replaceChildren(...told.authors.map((name) => el("option", { value: name })));
  byId("undo").disabled = !told.undo;
  byId("redo").disabled = !told.redo;
  const one = chosenOne();
  const said = mine(one);
  for (const id of ["accept", "reject", "correct"]) byId(id).disabled = !one || !told.me;
  byId("accept").setAttribute("aria-pressed", said?.verdict === "accepted");
  byId("reject").setAttribute("aria-pressed", said?.verdict === "rejected");
  if (one && isOwn(one)) byId("accept").disabled = true;
  byId("reject").firstChild.textContent = one && isOwn(one) ? "Remove " : "Reject ";
  byId("correct").setAttribute("aria-expanded", form.isOpen && form.does === "correct");
  byId("missed").setAttribute("aria-expanded", form.isOpen && form.does === "add");
  byId("dock-title").textContent = one ? nameOf(one) : "No interval chosen";
  byId("dock-words").textContent = one ? [wordsOf(one.machine ?? one.stands), said && `you ${said.verdict} it`].filter(Boolean).join(" · ") : "Choose one in the list or the timeline.";
  drawTable(told, chosen, { choose, same: act.same });
  const marks = told.intervals.filter((each) => each.opinions.length).map(({ stands, counts, layer }) => ({ face: stands.face, onset: stands.onset, offset: stands.offset, counts, layer }));
  document.dispatchEvent(new CustomEvent("micromask:marks", { detail: marks }));
}

async function look(always = false) {
  if (document.hidden && !always) return;
  try {
    const answer = await api.get(`${address}${always || !told ? "" : `?after=${told.version}`}`, { quiet: true });
    if (answer.intervals) take(answer);
  } catch (error) {
    if (!told || error.status !== 0) state(error.message, true);
    else sayAway(error);
  }
}

document.addEventListener("micromask:frame", ({ detail }) => (at = detail.frame));
document.addEventListener("micromask:interval", ({ detail }) => {
  const masked = detail.kind === "masked";
  const key = `${masked ? "mm" : "m"}${detail.face}-${detail.onset}-${detail.apex}-${detail.offset}`;
  if (!told) chosen = key;
  else if (told.intervals.some((one) => one.key === key)) pick(key);
  else state("The recording was analysed again: load the page anew.", true);
});
for (const id of ["accept", "reject", "correct", "missed", "undo", "redo"]) byId(id).addEventListener("click", act[id]);
byId("change").addEventListener("click", () => {
  byId("bar").hidden = true;
  byId("who").hidden = false;
  byId("author").value = "";
  byId("author").focus();
});
byId("who").addEventListener("submit", async (event) => {
  event.preventDefault();
  const name = byId("author").value;
  try {
    const { me } = await api.post("/api/corrections/me", { name }, { quiet: true });
    localStorage.setItem(REMEMBERED, me);
    state("");
    await look(true);
    byId(chosen ? "accept" : "missed").focus();
  } catch (error) {
    state(error.message, true);
    byId("author").focus();
  }
});
byId("author").value = localStorage.getItem(REMEMBERED) ?? "";
onKeys(act);
for (const one of document.querySelectorAll(".exporting")) onExport(one, () => one.dataset.recordings.split(" ").map(Number));
await look(true);
setInterval(() => !busy && look(), LOOK_AGAIN);
byId("dock").dataset.ready = "yes";
