// The way from a page to its server: adds the page's mark, and turns what went wrong into one line on the page.

// "no such film" -> "No such film"; a line that begins with a path or a name stays as it is: /tmp is not /Tmp.
export const sentence = (line) => line.replace(/^[a-z]+(?=[ ,;])/, (word) => word[0].toUpperCase() + word.slice(1));

export class ApiError extends Error {
  // status 0: the server did not answer. 401: it does not know this browser (it was started anew, say).
  constructor(line, status, answer) {
    super(sentence(line));
    this.line = line; // as it is, to stand behind other words
    this.status = status;
    this.answer = answer;
  }
}

const GONE = "The server does not answer. Nothing is lost that it has acknowledged; is it still running?";
// What stands before a study's own addresses: /studies/KEY; nothing on the other pages.
export const base = document.querySelector('meta[name="base"]')?.content ?? "";
let mark = document.querySelector('meta[name="csrf"]')?.content ?? "";

async function ask(method, path, { body, type, keepalive = false, timeout = 30_000 } = {}, again = true) {
  const headers = {};
  if (method !== "GET") headers["X-Micromask-CSRF"] = mark;
  if (type) headers["Content-Type"] = type;
  let response;
  try {
    const signal = keepalive ? undefined : AbortSignal.timeout(timeout);
    response = await fetch(path, { method, headers, body, keepalive, signal, cache: "no-store", credentials: "same-origin" });
  } catch {
    throw new ApiError(GONE, 0, null);
  }
  if (response.status === 403 && again && method !== "GET" && (await newMark())) {
    return ask(method, path, { body, type, keepalive, timeout }, false);
  }
  const answer = await response.json().catch(() => null);
  if (!response.ok) throw new ApiError(answer?.error ?? `The server answered ${response.status}.`, response.status, answer);
  return answer;
}

// After a new sign-in in another tab the old page's mark is wrong: fetch the one that fits.
async function newMark() {
  const before = mark;
  const response = await fetch("/api/mark", { cache: "no-store" }).catch(() => null);
  if (response?.ok) mark = (await response.json()).mark;
  return mark !== before;
}

// The line that the server does not answer, or does not know this browser: taken back as soon as it answers again.
const LOOK_AGAIN = 4_000;
let away = "";
let looking = 0;
const isAway = ({ status }) => status === 0 || status === 401;

function answered() {
  clearTimeout(looking);
  if (away && document.getElementById("says").textContent === away) say("");
  away = "";
}

// For pages that ask again and again, quietly: they say once that nobody answers. What is no such error is left alone.
export function sayAway(error) {
  if (!isAway(error)) return;
  if (error.message !== away) say(error.message);
  away = error.message;
  clearTimeout(looking);
  looking = setTimeout(() => api.get("/api/mark", { quiet: true }).catch(sayAway), LOOK_AGAIN);
}

// Each throws ApiError and says it on the page, unless called with { quiet: true }.
async function told(quiet, asked) {
  try {
    const answer = await asked;
    answered();
    return answer;
  } catch (error) {
    if (!isAway(error)) answered();
    if (!quiet) {
      say(error.message);
      sayAway(error);
      document.getElementById("says").scrollIntoView({ block: "nearest" }); // whoever pressed a button far below it sees why not
    }
    throw error;
  }
}

export const api = {
  get: (path, { quiet = false, ...rest } = {}) => told(quiet, ask("GET", path, rest)),
  post: (path, value = {}, { quiet = false, ...rest } = {}) =>
    told(quiet, ask("POST", path, { body: JSON.stringify(value), type: "application/json", ...rest })),
  send: (path, blob, { quiet = false, ...rest } = {}) =>
    told(quiet, ask("POST", path, { body: blob, type: blob.type || "application/octet-stream", ...rest })),
};

// One line at the top of the page, read out by screen readers. kind: "bad", "note" or "good"; an empty line hides it.
export function say(line, kind = "bad") {
  const place = document.getElementById("says");
  place.className = `says ${kind}`;
  place.textContent = line;
  place.hidden = !line;
}

// An element with properties and children: el("button", { type: "button", onclick: go }, "Go").
export function el(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key.startsWith("aria-") || key.startsWith("data-") || key === "for" || key === "role") made.setAttribute(key, value);
    else if (key === "class") made.className = value;
    else made[key] = value;
  }
  made.append(...children);
  return made;
}
