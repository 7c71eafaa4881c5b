// Folders in which runs are looked for: add one by its path, take one off the list.
import { api } from "./api.js";

const folder = document.getElementById("folder");
const fault = document.getElementById("folder-fault");

document.getElementById("add").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await api.post("/api/runs/folders", { path: folder.value }, { quiet: true });
    location.reload();
  } catch (error) {
    fault.textContent = error.message;
    fault.hidden = false;
    folder.setAttribute("aria-invalid", "true");
    folder.focus();
  }
});

for (const button of document.querySelectorAll("[data-leave]")) {
  button.addEventListener("click", async () => {
    await api.post(`/api/runs/folders/${button.dataset.leave}/leave`);
    location.reload();
  });
}
