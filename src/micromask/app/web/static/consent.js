// Consent first, then the form, then a session begins.
import { api, base, say, sentence } from "./api.js";

const page = document.getElementById("consent");
const known = page.dataset.participant;
const answers = document.getElementById("answers");
let ticket = null;

function show(id) {
  for (const section of page.querySelectorAll("section")) section.hidden = section.id !== id;
  say("");
  page.querySelector(`#${id} h1`).focus();
  window.scrollTo(0, 0);
}

async function begin(participant) {
  const { session } = await api.post(`${base}/api/sessions`, { participant });
  location.replace(`${base}/sessions/${session}`);
}

document.getElementById("agree").addEventListener("submit", async (event) => {
  event.preventDefault();
  const box = document.getElementById("read");
  document.getElementById("read-fault").hidden = box.checked;
  box.setAttribute("aria-invalid", String(!box.checked));
  if (!box.checked) return box.focus();
  const text_sha256 = page.dataset.text;
  if (known) {
    await api.post(`${base}/api/participants/${known}/consent`, { text_sha256 });
    return begin(known);
  }
  ({ ticket } = await api.post(`${base}/api/consent`, { text_sha256 }));
  if (answers.querySelector(".field")) show("form");
  else send();
});

document.getElementById("no").addEventListener("click", () => show("declined"));

answers.addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});

async function send() {
  const fields = Object.fromEntries(new FormData(answers));
  try {
    const { participant } = await api.post(`${base}/api/participants`, { ticket, fields }, { quiet: true });
    await begin(participant);
  } catch (error) {
    const faults = error.answer?.fields;
    mark(faults ?? {});
    say(faults ? "Please look at the answers that are marked." : error.message);
  }
}

function mark(faults) {
  let first = null;
  for (const field of answers.querySelectorAll(".field")) {
    const name = field.id.slice("field-".length);
    const line = field.querySelector(".fault");
    line.hidden = !(name in faults);
    line.textContent = sentence(faults[name] ?? "");
    for (const input of field.querySelectorAll("input, select")) {
      input.setAttribute("aria-invalid", String(name in faults));
      if (name in faults) first ??= input;
    }
  }
  first?.focus();
}
