// The options for what is added: read, checked, and remembered on this browser (the participant and the group are not).
const STORE = "micromask analyse options";

export class Options {
  constructor(details) {
    this.details = details;
    this.form = details.querySelector("form");
    this.chosen = details.querySelector("#chosen");
    this.usual = this.values();
    this.#recall();
    this.form.addEventListener("input", () => this.#changed());
    this.form.addEventListener("submit", (event) => event.preventDefault());
    details.querySelector("#usual").addEventListener("click", () => {
      for (const [name, value] of Object.entries(this.usual)) this.#put(name, value);
      this.#changed();
    });
    this.#changed();
  }

  // How to analyse, as the server takes it.
  values() {
    const of = this.form.elements;
    return {
      detector: of.detector.value,
      flow: of.flow.value,
      face: of.face.value,
      model: of.model.value,
      threshold: of.threshold.valueAsNumber,
      magnify: of.magnify.valueAsNumber,
      masked: of.masked.checked,
    };
  }

  person() {
    const of = this.form.elements;
    return { participant: of.participant.value.trim(), group: of.group.value.trim() };
  }

  // Whether all is in order; else the first fault is shown where it is.
  good() {
    let first = null;
    for (const name of ["threshold", "magnify"]) {
      const field = this.form.elements[name];
      const fault = document.getElementById(`${name}-fault`);
      const bad = !field.checkValidity();
      field.setAttribute("aria-invalid", bad);
      fault.hidden = !bad;
      if (bad) fault.textContent = `A number from ${field.min} to ${field.max}, please.`;
      if (bad) first ??= field;
    }
    if (!first) return true;
    this.details.open = true;
    first.focus();
    return false;
  }

  // What differs from the usual, in words: "detector dlib, threshold 2".
  words() {
    const now = this.values();
    const told = Object.keys(this.usual).filter((name) => now[name] !== this.usual[name]);
    return told.map((name) => {
      if (name === "masked") return "masked expressions too";
      const field = this.form.elements[name];
      const value = field.selectedOptions?.[0]?.textContent.split(":")[0] ?? field.value;
      return name === "model" ? `emotions by ${value}` : `${name} ${value.toLowerCase()}`;
    }).join(", ");
  }

  #put(name, value) {
    const field = this.form.elements[name];
    if (field.type === "checkbox") field.checked = value === true;
    else if (field.tagName !== "SELECT" || [...field.options].some((one) => one.value === value)) field.value = value;
  }

  #recall() {
    let kept = {};
    try {
      kept = JSON.parse(localStorage.getItem(STORE)) ?? {};
    } catch {
      localStorage.removeItem(STORE);
    }
    for (const name of Object.keys(this.usual)) if (name in kept) this.#put(name, kept[name]);
  }

  #changed() {
    const words = this.words();
    const { participant, group } = this.person();
    const who = [participant && `participant ${participant}`, group && `group ${group}`].filter(Boolean);
    this.chosen.textContent = [...who, words].filter(Boolean).join(", ") || "as usual";
    if (this.form.checkValidity()) localStorage.setItem(STORE, JSON.stringify(this.values()));
    if (this.form.querySelector('[aria-invalid="true"]')) this.good();
  }
}
