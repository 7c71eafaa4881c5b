// The dialog in which a researcher hands this browser to a participant.
import { api, base } from "./api.js";
import { tellOtherTabs } from "./handed.js";

const $ = (id) => document.getElementById(`handing${id}`);
const LEAST = 6;

// handed({ participant, agreed, running }) is called when the server has narrowed this browser.
export function offerHandingOver(button, handed) {
  const dialog = $("");
  button.addEventListener("click", () => {
    dialog.showModal();
    ($("-who") ?? $("-code")).focus();
  });
  $("-no").addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    $("-form").reset();
    fault("");
  });
  $("-form").addEventListener("submit", async (event) => {
    event.preventDefault();
    const code = $("-code").value;
    if (code.length < LEAST) return fault(`Please choose a code of at least ${LEAST} signs.`, $("-code"));
    if (code !== $("-again").value) return fault("The two codes are not the same.", $("-again"));
    const participant = dialog.dataset.participant ?? $("-who").value;
    let told;
    try {
      told = await api.post(`${base}/api/hand-over`, { code, participant }, { quiet: true });
    } catch (error) {
      return fault(error.message, $("-code"));
    }
    tellOtherTabs();
    dialog.close();
    handed(told);
  });
}

function fault(line, input = null) {
  for (const one of [$("-code"), $("-again")]) one.setAttribute("aria-invalid", String(one === input));
  $("-fault").textContent = line;
  $("-fault").hidden = !line;
  input?.focus();
}
