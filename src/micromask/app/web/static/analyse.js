// The Analyse page: films in by drop, button or folder; the list kept up to date; what is done to a recording.
import { api, ApiError, el, say, sayAway } from "./api.js";
import { Chooser } from "./analyse_folder.js";
import { Heard } from "./analyse_heard.js";
import { List } from "./analyse_list.js";
import { Options } from "./analyse_options.js";
import { filesOf, Uploads } from "./analyse_upload.js";
import { many } from "./analyse_words.js";

const get = (id) => document.getElementById(id);
const ENDINGS = new Set(get("analyse").dataset.endings.split(" "));
const BUSY_EVERY = 1000;
const IDLE_EVERY = 4000;
const GROUPS = { all: () => true, busy: ({ state }) => state === "waiting" || state === "working", ready: ({ state }) => state === "ready", failed: ({ state }) => state === "failed" || state === "cancelled" };

const options = new Options(get("options"));
const heard = new Heard(get("heard"));
let recordings = [];
let shown = "all";
let timer = 0;
let gone = false;

// ---- the list

async function update() {
  clearTimeout(timer);
  try {
    const answer = await api.get("/api/analyse", { quiet: true });
    gone = false;
    draw(answer.recordings);
  } catch (error) {
    if (error instanceof ApiError) sayAway(error);
    else say(error.message);
    gone = true;
  }
  const busy = recordings.some(GROUPS.busy);
  clearTimeout(timer);
  timer = setTimeout(update, document.hidden ? 4 * IDLE_EVERY : busy && !gone ? BUSY_EVERY : IDLE_EVERY);
}

function draw(now) {
  recordings = now;
  list.update(recordings);
  heard.hear(recordings);
  for (const place of document.querySelectorAll("[data-count]")) {
    place.textContent = recordings.filter(GROUPS[place.dataset.count]).length;
  }
  get("reading").hidden = true;
  get("empty").hidden = recordings.length > 0;
  get("filter").hidden = recordings.length < 4;
  const waiting = recordings.filter(({ state }) => state === "waiting").length;
  get("cancel-all").hidden = waiting < 2;
  get("again-all").hidden = recordings.filter(({ state }) => state === "failed").length < 2;
  get("all").hidden = get("cancel-all").hidden && get("again-all").hidden;
  for (const name of ["participant", "group"]) known(`${name}s`, recordings.map((one) => one[name]));
  filter();
}

function known(id, names) {
  const words = [...new Set(names.filter(Boolean))].sort();
  const place = get(id);
  if ([...place.children].map(({ value }) => value).join("\n") === words.join("\n")) return;
  place.replaceChildren(...words.map((value) => el("option", { value })));
}

function filter() {
  const words = get("search").value.trim().toLowerCase();
  const fits = (one) => GROUPS[shown](one) && [one.title, one.participant, one.group].some((text) => text.toLowerCase().includes(words));
  const number = list.show(fits);
  get("none").hidden = number > 0 || recordings.length === 0;
}

for (const button of document.querySelectorAll("[data-show]")) {
  button.addEventListener("click", () => {
    shown = button.dataset.show;
    for (const one of document.querySelectorAll("[data-show]")) one.setAttribute("aria-pressed", one === button);
    filter();
  });
}
get("search").addEventListener("input", filter);
document.addEventListener("visibilitychange", () => document.hidden || update());

// ---- what is done to a recording

const sure = (title, words, yes, { made = [], exports = 0 } = {}) =>
  new Promise((resolve) => {
    const dialog = get("sure");
    get("sure-title").textContent = title;
    get("sure-words").textContent = words;
    get("sure-held-list").replaceChildren(...made.map(holds), ...(exports ? [el("li", {}, `${many(exports, "export")}: deleted`)] : []));
    get("sure-held").hidden = !made.length && !exports;
    get("sure-yes").textContent = yes;
    get("sure-yes").classList.toggle("bad", yes === "Remove");
    dialog.returnValue = "";
    dialog.showModal();
    get("sure-no").focus();
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });

// A cohort or an agreement that tells of a recording which is to be removed.
function holds({ kind, number, words, left }) {
  const name = `${kind === "agree" ? "Agreement" : "Cohort"} ${number}`;
  const then = left ? `made again from the other ${left === 1 ? "one" : left}` : "deleted, it has no other recording";
  return el("li", {}, words ? `${name} (${words}): ${then}` : `${name}: ${then}`);
}
get("sure-yes").addEventListener("click", () => get("sure").close("yes"));
get("sure-no").addEventListener("click", () => get("sure").close(""));

// Send something and bring the list up to date; what went wrong is said by `api`.
async function post(path, value) {
  say("");
  const answer = await api.post(path, value).catch(() => null);
  await update();
  return answer;
}

const list = new List(get("list"), {
  cancel: ({ one }) => post(`/api/analyse/${one.id}/cancel`),
  again: ({ one }) => post(`/api/analyse/${one.id}/again`),
  async anew({ one }) {
    if (!options.good()) return;
    const words = options.words();
    const how = words ? `with these options: ${words}` : "with the usual options";
    if (await sure("Analyse again?", `${one.title} is analysed ${how}. The new results take the place of the old ones.`, "Analyse again")) {
      await post(`/api/analyse/${one.id}/anew`, options.values());
    }
  },
  async remove({ one, item }) {
    const film = one.outside ? "Its results and corrections are deleted; the film itself stays where it is." : "The app’s copy of the film, its results and corrections are deleted.";
    const held = await api.get(`/api/analyse/${one.id}/held`).catch(() => null);
    if (held === null) return;
    if (!(await sure("Remove this recording?", `${one.title}: ${film} This cannot be undone.`, "Remove", held))) return;
    const next = item.nextElementSibling ?? item.previousElementSibling;
    if ((await post(`/api/analyse/${one.id}/remove`)) === null) return;
    (next?.querySelector(".does button, .does a") ?? get("choose")).focus();
  },
  describe: ({ one }, told) => api.post(`/api/analyse/${one.id}`, told),
});

get("cancel-all").addEventListener("click", () => post("/api/analyse/cancel-waiting"));
get("again-all").addEventListener("click", () => post("/api/analyse/again-failed"));

// ---- films in

const uploads = new Uploads(get("uploads"), {
  changed(number) {
    get("coming").hidden = number === 0;
    get("stop-all").hidden = number < 2;
  },
  arrived: () => update(),
  failed: (name, why) => say(`${name}: ${why}`),
});
get("stop-all").addEventListener("click", () => uploads.stopAll());

function add(files) {
  say("");
  if (!options.good()) return;
  const films = [];
  const left = [];
  for (const file of files) {
    const ending = file.name.slice(file.name.lastIndexOf(".")).toLowerCase();
    (ENDINGS.has(ending) ? films : left).push(file);
  }
  if (left.length) {
    const names = left.slice(0, 3).map(({ name }) => name).join(", ") + (left.length > 3 ? ` and ${left.length - 3} more` : "");
    say(`Left out, by their names no films: ${names}. A recording in single pictures is added as a folder of this machine.`, "note");
  }
  const asked = { ...options.values(), ...options.person() };
  if (films.length) heard.say(`${many(films.length, "film")} on the way.`);
  uploads.add(films, (name) => `/api/uploads?${new URLSearchParams({ name, ...asked })}`);
}

get("choose").addEventListener("click", () => get("files").click());
get("files").addEventListener("change", () => {
  add([...get("files").files]);
  get("files").value = "";
});

const dragsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
let depth = 0;
const dropping = (now) => document.body.classList.toggle("dropping", now);
addEventListener("dragenter", (event) => {
  if (!dragsFiles(event)) return;
  depth += 1;
  dropping(true);
});
addEventListener("dragleave", (event) => {
  if (!dragsFiles(event)) return;
  depth = Math.max(0, depth - 1);
  dropping(depth > 0);
});
addEventListener("dragover", (event) => dragsFiles(event) && event.preventDefault());
addEventListener("drop", async (event) => {
  if (!dragsFiles(event)) return;
  event.preventDefault();
  depth = 0;
  dropping(false);
  const files = await filesOf(event.dataTransfer).catch(() => null);
  if (files === null) say("What was dropped cannot be read: try the button instead.");
  else add(files);
});

// Films of a folder, some at a time; where the queue is full the rest waits for room.
const SOME = 50;
let held = 0;
addEventListener("beforeunload", (event) => held && event.preventDefault());

async function take(path, names) {
  say("");
  const asked = { path, options: options.values(), ...options.person() };
  let rest = names;
  try {
    while (rest.length) {
      held = rest.length;
      const { failed, left } = await api.post("/api/analyse/folder", { ...asked, names: rest.slice(0, SOME) });
      rest = [...left, ...rest.slice(SOME)];
      for (const { name, why } of failed) say(`${name}: ${why}`);
      if (left.length) say(`The queue is full: ${many(rest.length, "film")} of the folder still to come. Leave this page open.`, "note");
      else if (!failed.length) say("");
      await update();
      if (left.length) await new Promise((resolve) => setTimeout(resolve, 5000));
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  } finally {
    held = 0;
  }
}

const chooser = new Chooser(get("chooser"), take);
get("browse").addEventListener("click", () => options.good() && chooser.show());

update();
