// The chooser of one folder of this machine.
import { Folders } from "./folders.js";
import { many } from "./analyse_words.js";

export class FolderChooser {
  #folders;
  #took;
  #take;

  constructor(dialog) {
    const inside = dialog.querySelector("#inside");
    this.#take = dialog.querySelector("#take");
    this.#folders = new Folders(dialog, ({ folders, pictures }) => {
      inside.textContent = `${pictures ? many(pictures, "picture") : "No pictures"} here, ${many(folders.length, "folder")} in it.`;
    });
    this.#take.addEventListener("click", async () => {
      dialog.close();
      await Promise.resolve(this.#took(this.#folders.at.path)).catch(() => {});
    });
  }

  // took(path): called with the folder that was chosen.
  show(words, took, path = "") {
    this.#took = took;
    this.#take.textContent = words;
    return this.#folders.show(path);
  }
}
