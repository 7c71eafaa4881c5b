// The start page: begin or end a session, make links.
import { api, base, say } from "./api.js";

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

for (const button of document.querySelectorAll("[data-end]")) {
  button.addEventListener("click", async () => {
    await api.post(`${base}/api/sessions/${button.dataset.end}/end`, { state: "interrupted" });
    location.reload();
  });
}

document.getElementById("link").addEventListener("click", async () => {
  const { link } = await api.post("/api/links");
  const address = document.getElementById("address");
  document.getElementById("made").hidden = false;
  address.value = link;
  address.focus();
  address.select();
});

document.getElementById("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(document.getElementById("address").value).then(
    () => say("Copied.", "good"),
    () => say("This browser does not let a page copy: mark the link and copy it yourself.", "note"),
  );
});
