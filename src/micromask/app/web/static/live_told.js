// The expressions that were found, the latest first.
import { el } from "./api.js";

const MOST = 200;
export const FEW = 20; // frames/s below which a short expression is missed, or looks longer than it is

function warned(cell, words) {
  if (words) cell.append(el("small", {}, words));
  return cell;
}

export class Expressions {
  constructor({ rows, table, none, heard }) {
    Object.assign(this, { rows, table, none, heard });
  }

  // told: from the server; began: performance.now() at the view's zero.
  add(told, began) {
    const [emotion, chance] = told.emotions[0] ?? ["not recognised", null];
    const when = new Date(performance.timeOrigin + began + 1000 * told.onset).toLocaleTimeString();
    const lasted = `${(told.offset - told.onset).toFixed(2)} s`;
    const named = chance === null ? emotion : `${emotion} ${Math.round(100 * chance)} %`;
    const cell = (content, kind = "") => el("td", { class: kind }, content);
    const kind = el("span", { class: told.kind === "micro" ? "tag good" : "tag" }, told.kind);
    const row = el(
      "tr",
      { "data-face": told.face, "data-kind": told.kind, "data-emotion": emotion },
      cell(when, "nowrap"),
      cell(String(told.face)),
      cell(kind),
      warned(cell(named, "nowrap"), told.narrow && "small face"),
      warned(cell(lasted, "number nowrap"), told.fps < FEW && `at ${told.fps.toFixed(0)} frames/s`),
      cell(`${told.strength.toFixed(1)} %`, "number nowrap"),
      cell(told.regions, "moved"),
    );
    this.rows.prepend(row);
    while (this.rows.children.length > MOST) this.rows.lastChild.remove();
    this.table.hidden = false;
    this.none.hidden = true;
    this.heard.textContent = `Face ${told.face}: ${told.kind}-expression, ${named}, ${lasted}`;
  }
}
