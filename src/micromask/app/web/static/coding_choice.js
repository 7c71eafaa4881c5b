// Choose or add a coder on this browser, and see how far each film is.
import { api, base, el } from "/static/api.js";

const choice = document.getElementById("choice");
const fault = document.getElementById("name-fault");
const field = document.getElementById("name");

for (const button of document.querySelectorAll("[data-choose]")) {
  button.onclick = async () => {
    await api.post(`${base}/api/coding/me`, { name: button.dataset.choose });
    location.reload();
  };
}

document.getElementById("add").onsubmit = async (event) => {
  event.preventDefault();
  try {
    await api.post(`${base}/api/coding/coders`, { name: field.value }, { quiet: true });
    location.reload();
  } catch (error) {
    fault.textContent = error.message;
    fault.hidden = false;
    field.setAttribute("aria-invalid", "true");
    field.focus();
  }
};

function share(done, all, name) {
  const words = `${done} of ${all}`;
  return el("td", {}, el("div", { class: "share" }, el("progress", { max: all || 1, value: done, "aria-label": name }), el("span", {}, words)));
}

async function list(coder) {
  const { films } = await api.get(`${base}/api/coding/${encodeURIComponent(coder)}/films`);
  const rows = films.map((film) => {
    const name = `${film.participant} · ${film.part}`;
    const go = film.frames
      ? el("a", { class: "button small main", href: `${base}/coding/${encodeURIComponent(coder)}/${film.recording}` }, "Code", el("span", { class: "unseen" }, ` ${name}`))
      : el("span", { class: "muted" }, "no frames yet: micromask study frames");
    return el("tr", {},
      el("th", { scope: "row" }, name),
      el("td", { class: "number" }, String(film.frames)),
      ...Object.entries(film.coded).map(([kind, done]) => share(done, film.frames, `${name}, ${kind}`)),
      el("td", { class: "number" }, String(film.intervals)),
      el("td", {}, go));
  });
  const place = document.getElementById("list");
  const columns = place.closest("table").tHead.rows[0].cells.length;
  place.replaceChildren(...(rows.length ? rows : [el("tr", {}, el("td", { colSpan: columns, class: "muted" }, "No films yet: record a session or import films first."))]));
}

if (choice.dataset.coder) list(choice.dataset.coder).catch(() => {});
