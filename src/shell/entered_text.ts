import type { Interface } from "node:readline";

/** What was on the screen when Enter was pressed. Readline's `line` event tells it as its history
 * stores it, and from Node 24 on that is with the lines of a text turned round and joined by carriage
 * returns. */
export class EnteredText {
  /** Of lines whose event was not taken yet, in order. */
  readonly #texts: string[] = [];
  /** The edited line when readline added it to its history; it then clears the line. */
  #edited: string | null = null;

  constructor(lines: Interface) {
    lines.on("history", (entries: string[]) => {
      this.#edited = lines.line;
      // Readline takes the entry up as it is left here; Up shows it, in any version, as it stands.
      if (entries.length > 0) entries[0] = lines.line;
    });
    lines.on("line", (line) => {
      this.#texts.push(this.#edited ?? line);
      this.#edited = null;
    });
  }

  /** The text of the next `line` event. */
  take(line: string): string {
    return this.#texts.shift() ?? line;
  }
}
