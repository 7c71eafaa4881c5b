// A form that exports recordings: short exports are there at once, long ones are a job whose progress is shown.
import { api } from "./api.js";

const LOOK_AGAIN = 700;
const pause = (time) => new Promise((done) => setTimeout(done, time));

// chosen(): the ids of the recordings. made(): called when an export is ready.
export function onExport(form, chosen, made = () => {}) {
  const told = form.querySelector(".told");
  const stop = form.querySelector("[data-stop]");
  const progress = form.querySelector("progress");
  const button = form.querySelector('[type="submit"]');
  const clips = form.querySelector('[value="clips"]');
  const cuts = form.querySelector(".cuts");
  clips.addEventListener("change", () => (cuts.disabled = !clips.checked));
  cuts.disabled = !clips.checked;
  let job = null;
  let line = "";
  stop.addEventListener("click", () => job && api.post(`/api/jobs/${job}/cancel`));

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const parts = [...form.querySelectorAll('[name="parts"]:checked')].map((one) => one.value);
    const recordings = chosen();
    if (!parts.length || !recordings.length) {
      told.textContent = recordings.length ? "Choose at least one thing to export." : "Choose at least one recording.";
      return;
    }
    const of = (name) => form.querySelector(`[name="${name}"]`).value;
    button.disabled = true;
    line = "";
    told.textContent = "Exporting …";
    try {
      const answer = await api.post("/api/exports", { recordings, parts, slower: Number(of("slower")), around: Number(of("around")), caption: of("caption") }, { quiet: true, timeout: 120_000 });
      job = answer.job;
      const ready = answer.export ?? (await waited());
      if (ready) fetchFile(ready);
      told.textContent = ready ? `${line || "Ready"}. Your browser saves it.` : line;
    } catch (error) {
      told.textContent = error.message;
    } finally {
      job = null;
      button.disabled = false;
      stop.hidden = progress.hidden = true;
      made();
    }
  });

  // The export that a job makes; null where it was cancelled or went wrong.
  async function waited() {
    stop.hidden = progress.hidden = false;
    for (;;) {
      const now = await api.get(`/api/jobs/${job}`, { quiet: true });
      line = now.state === "queued" ? "Waiting for its turn …" : now.line;
      told.textContent = line;
      if (now.total) progress.value = now.done / now.total;
      if (now.state === "done") {
        const { exports } = await api.get("/api/exports", { quiet: true });
        line = now.line.replace(/^ready/, "Ready");
        return exports.find((one) => one.job === job)?.id ?? null;
      }
      if (now.state === "cancelled") line = "Cancelled.";
      if (now.state === "cancelled" || now.state === "failed") return null;
      await pause(LOOK_AGAIN);
    }
  }
}

// Let the browser save a file of ours, without leaving the page.
export function fetchFile(number) {
  const link = document.createElement("a");
  link.href = `/api/exports/${number}/file`;
  link.download = "";
  document.body.append(link);
  link.click();
  link.remove();
}
