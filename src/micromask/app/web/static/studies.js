// The list of studies: begin one, add one by its folder, read a plan again, take one off the list.
import { api } from "./api.js";

const byId = (id) => document.getElementById(id);

// Sends a form; what is wrong is said at its field. After it the study is open, and the page goes there.
function sends(form, field, fault, path, value) {
  byId(form).addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = byId(form).querySelector("[type=submit]");
    button.disabled = true;
    try {
      const { key } = await api.post(path, value(), { quiet: true });
      location.href = `/studies/${key}/`;
    } catch (error) {
      button.disabled = false;
      byId(fault).textContent = error.message;
      byId(fault).hidden = false;
      byId(field).setAttribute("aria-invalid", "true");
      byId(field).focus();
    }
  });
}

sends("begin", "title", "title-fault", "/api/studies", () => ({
  title: byId("title").value,
  template: document.querySelector("[name=template]:checked").value,
}));
sends("add", "folder", "folder-fault", "/api/studies/add", () => ({ folder: byId("folder").value }));

for (const [what, selector] of [["read", "[data-read]"], ["remove", "[data-remove]"]]) {
  for (const button of document.querySelectorAll(selector)) {
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        await api.post(`/api/studies/${button.dataset[what]}/${what}`);
        location.reload();
      } catch {
        button.disabled = false;
      }
    });
  }
}
