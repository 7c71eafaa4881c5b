// On the researcher's pages: once this browser is handed over, a tab that was left open shows no more than a new one would.
const tabs = new BroadcastChannel("micromask-handed");

// To the other tabs: this browser is the participant's now.
export const tellOtherTabs = () => tabs.postMessage("handed");

tabs.addEventListener("message", () => {
  // A participant's page goes on as it is.
  if (!document.getElementById("session") && !document.getElementById("consent")) location.reload();
});
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
