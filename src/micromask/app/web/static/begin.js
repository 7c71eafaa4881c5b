// Buttons that begin a session of the participant whom they name.
import { api, base } from "./api.js";

for (const button of document.querySelectorAll("[data-begin]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const { session } = await api.post(`${base}/api/sessions`, { participant: button.dataset.begin });
      location.href = `${base}/sessions/${session}`;
    } catch {
      button.disabled = false;
    }
  });
}
