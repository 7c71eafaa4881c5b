// The Images page: pictures on their way in, the list of batches, and what is asked of them.
import { api, el, say, sayAway } from "./api.js";
import { many } from "./analyse_words.js";
import { filesOf } from "./analyse_upload.js";
import { FolderChooser } from "./images_folder.js";
import { Models } from "./images_models.js";

const AT_ONCE = 2;
const TEN_MINUTES = 600_000;
const MOST_BYTES = 64 * 2 ** 20;
const get = (id) => document.getElementById(id);
const unseen = (text) => el("span", { class: "unseen" }, text);
const STATES = { new: ["not read yet", ""], queued: ["waits", ""], running: ["reading", "warn"], done: ["read", "good"], failed: ["failed", "bad"], cancelled: ["stopped", ""] };

const asked = () => ({ model: get("model").value, enhanced: get("enhanced").checked });
const chooser = new FolderChooser(get("chooser"));
const models = new Models(chooser, sure, listModels);

// One question before something goes for good; resolves with yes or no.
function sure(words) {
  const dialog = get("sure");
  get("sure-words").textContent = words;
  dialog.showModal();
  get("sure-no").focus();
  return new Promise((resolve) => {
    const ends = (yes) => () => { dialog.close(); resolve(yes); };
    get("sure-yes").onclick = ends(true);
    get("sure-no").onclick = ends(false);
    dialog.oncancel = () => resolve(false);
  });
}

/* pictures on their way */

let stopped = false;

async function upload(files) {
  if (!files.length || !get("coming").hidden) return;
  say("");
  stopped = false;
  const faults = get("coming-faults");
  faults.replaceChildren();
  const title = files.length === 1 ? files[0].name : `Pictures of ${new Date().toLocaleString([], { dateStyle: "medium", timeStyle: "short" })}`;
  const { batch } = await api.post("/api/images", { title, ...asked() });
  get("coming").hidden = false;
  const bar = get("coming-bar");
  [bar.max, bar.value] = [files.length, 0];
  let next = 0;
  let there = 0;
  const told = () => (get("coming-words").textContent = `${bar.value} of ${many(files.length, "picture")} sent`);
  told();
  const sender = async () => {
    while (next < files.length && !stopped) {
      const file = files[next++];
      try {
        if (file.size > MOST_BYTES) throw new Error("is larger than 64 MB: choose its folder instead, or make it smaller");
        await api.send(`/api/images/${batch}/pictures?name=${encodeURIComponent(file.webkitRelativePath || file.name)}`, file, { quiet: true, timeout: TEN_MINUTES });
        there += 1;
      } catch (error) {
        faults.append(el("li", {}, `${file.name}: ${error.line ?? error.message}`));
        if (error.status === 0 || error.status === 401) stopped = true;
      }
      bar.value += 1;
      told();
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sender));
  get("coming").hidden = !faults.children.length;
  get("coming-stop").hidden = true;
  if (there) await api.post(`/api/images/${batch}/begin`).catch(() => {});
  else await api.post(`/api/images/${batch}/remove`).catch(() => {});
  await list();
}

get("choose").addEventListener("click", () => get("files").click());
get("files").addEventListener("change", async ({ target }) => {
  const files = [...target.files];
  target.value = "";
  await begin(files);
});
get("coming-stop").addEventListener("click", () => (stopped = true));
get("browse").addEventListener("click", () => chooser.show("Take this folder", async (path) => {
  await api.post("/api/images/folder", { path, ...asked() }, { timeout: TEN_MINUTES });
  await list();
}));

async function begin(files) {
  if (!get("coming").hidden && !get("coming-stop").hidden) return say("Wait until the pictures before are here.", "note");
  get("coming").hidden = true;
  get("coming-stop").hidden = false;
  await upload(files).catch(() => {});
}

document.addEventListener("dragover", (event) => {
  if (![...event.dataTransfer.types].includes("Files")) return;
  event.preventDefault();
  get("images").classList.add("dropping");
});
document.addEventListener("dragleave", (event) => event.relatedTarget || get("images").classList.remove("dropping"));
document.addEventListener("drop", async (event) => {
  event.preventDefault();
  get("images").classList.remove("dropping");
  await begin(await filesOf(event.dataTransfer));
});

/* the list */

const items = new Map();
let timer = 0;

class Item {
  constructor() {
    this.link = el("a", {});
    this.about = el("p", { class: "about" });
    this.tag = el("span", { class: "tag" });
    this.does = el("div", { class: "does" });
    this.bar = el("progress", { "aria-label": "Pictures read" });
    this.line = el("p", {});
    this.node = el("li", { class: "item" }, el("h3", {}, this.link), this.about, el("div", { class: "state" }, this.tag), this.does, el("div", { class: "under" }, this.bar, this.line));
    this.buttons = "";
  }

  show(one) {
    const [word, kind] = STATES[one.state];
    const busy = one.state === "queued" || one.state === "running";
    this.link.href = `/images/${one.id}`;
    this.link.textContent = one.title;
    this.about.textContent = `${many(one.total, "picture")}${one.outside ? " in a folder of this machine" : ""} · ${one.model || "faces only"}${one.enhanced && one.model ? ", enhanced" : ""}`;
    this.tag.textContent = one.state === "running" ? `${one.read} of ${one.total}` : word;
    this.tag.className = `tag ${kind}`;
    this.bar.hidden = one.state !== "running";
    [this.bar.max, this.bar.value] = [one.total || 1, one.read];
    this.bar.setAttribute("aria-label", `Pictures read of ${one.title}`);
    this.line.textContent = one.state === "running" ? "" : one.line;
    this.line.className = one.state === "failed" ? "why" : "muted";
    const wanted = busy ? "stop" : one.total > one.read ? "go remove" : "remove";
    if (wanted !== this.buttons) this.#buttons((this.buttons = wanted), one);
  }

  #buttons(wanted, one) {
    const does = (word, path, ask) => el("button", { type: "button", class: "small", onclick: async () => {
      if (ask && !(await sure(`${one.title}: ${many(one.total, "picture")} and what was read of them.${one.outside ? " The pictures themselves stay in their folder." : ""}`))) return;
      await api.post(`/api/images/${one.id}/${path}`).catch(() => {});
      await list();
    } }, word, unseen(` ${one.title}`));
    const made = { stop: () => does("Stop", "cancel"), go: () => does(one.read ? "Go on" : "Read", "begin"), remove: () => does("Remove", "remove", true) };
    this.does.replaceChildren(...wanted.split(" ").map((name) => made[name]()));
  }
}

async function list() {
  clearTimeout(timer);
  let busy = true;
  try {
    const { batches } = await api.get("/api/images", { quiet: true });
    const there = new Set(batches.map(({ id }) => id));
    for (const [id, item] of items) if (!there.has(id)) { item.node.remove(); items.delete(id); }
    batches.forEach((one, place) => {
      const item = items.get(one.id) ?? new Item();
      const before = item.state;
      items.set(one.id, item);
      item.show(one);
      item.state = one.state;
      if (before === "running" && one.state === "done") get("heard").textContent = `${one.title}: ${one.line}`;
      const at = get("batches").children[place];
      if (at !== item.node) get("batches").insertBefore(item.node, at ?? null);
    });
    get("empty").hidden = batches.length > 0;
    get("reading").hidden = true;
    busy = batches.some(({ state }) => state === "queued" || state === "running");
  } catch (error) {
    sayAway(error); // it may be back soon
  }
  timer = setTimeout(list, busy ? 1000 : 10_000);
}

// A model that came or went can be chosen at once.
async function listModels() {
  const { models: known } = await api.get("/api/images", { quiet: true }).catch(() => ({ models: [] }));
  const chosen = get("model").value;
  const options = known.map((one) => el("option", { value: one.name }, `${one.name}: ${one.classes.join(", ")}`));
  get("model").replaceChildren(el("option", { value: "" }, "no model: faces only"), ...options);
  get("model").value = known.some(({ name }) => name === chosen) ? chosen : "";
}

list();
models.begin();
