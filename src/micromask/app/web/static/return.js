// The page on which a researcher takes the browser back.
import { api, base, say } from "./api.js";

const code = document.getElementById("code");

document.getElementById("return").addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    await api.post(`${base}/api/return`, { code: code.value }, { quiet: true });
    location.replace(`${base}/`);
  } catch (error) {
    say(error.message);
    code.value = "";
    code.focus();
  }
});
code.focus();
