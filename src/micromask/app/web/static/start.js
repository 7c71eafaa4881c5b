// The start page: begin or end a session, make links, hand the browser over.
import { api, base, say } from "./api.js";
import "./begin.js";
import { offerHandingOver } from "./hand_over.js";

for (const button of document.querySelectorAll("[data-end]")) {
  button.addEventListener("click", async () => {
    await api.post(`${base}/api/sessions/${button.dataset.end}/end`, { state: "interrupted" });
    location.reload();
  });
}

const FOR = { "link": "A new link: open it in the other person's browser", "participant-link": "A new link for a participant's browser" };

function offerLink(id, path) {
  document.getElementById(id).addEventListener("click", async () => {
    const { link } = await api.post(path);
    const address = document.getElementById("address");
    document.getElementById("address-label").textContent = FOR[id];
    document.getElementById("made").hidden = false;
    address.value = link;
    address.focus();
    address.select();
  });
}

offerLink("link", "/api/links");
offerLink("participant-link", `${base}/api/participant-link`);

document.getElementById("copy").addEventListener("click", async () => {
  await navigator.clipboard.writeText(document.getElementById("address").value).then(
    () => say("Copied.", "good"),
    () => say("This browser does not let a page copy: mark the link and copy it yourself.", "note"),
  );
});

// Always away from this page, and without a way back to it: it shows the other participants' numbers.
offerHandingOver(document.getElementById("hand"), async ({ participant, agreed, running }) => {
  let to = participant ? `/participants/${participant}/consent` : "/participants/new";
  if (running) to = "/return"; // their session goes on in the tab where it is
  else if (agreed) {
    const begun = await api.post(`${base}/api/sessions`, { participant }, { quiet: true }).catch(() => null);
    to = begun ? `/sessions/${begun.session}` : "/participant";
  }
  location.replace(base + to);
});
