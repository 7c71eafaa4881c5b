// A cohort or an agreement that is out of date, or not there yet: have it made again, and show it when it is ready.
import { api } from "./api.js";

const BUSY = ["queued", "running"];

for (const button of document.querySelectorAll("[data-again]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    const asked = await api.post(`/api/jobs/${button.dataset.again}/again`).catch(() => null);
    if (asked) location.reload();
    else button.disabled = false;
  });
}

const waits = document.querySelector("[data-wait]");
if (waits) setTimeout(look, 700);

async function look() {
  const job = await api.get(`/api/jobs/${waits.dataset.wait}`, { quiet: true }).catch(({ status }) => ({ state: status === 0 ? "queued" : "gone" }));
  if (BUSY.includes(job.state)) setTimeout(look, document.hidden ? 4000 : 1000);
  else location.reload();
}
