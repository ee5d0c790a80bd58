import type { Interface } from "node:readline";
import type { HistoryFile } from "./history_file.js";

/** The editor's history, in which all lines of a statement are one entry. */
export class StatementHistory {
  readonly #file: HistoryFile | null;
  /** Newest first; readline's own array. */
  #entries: string[];
  /** Lines of a statement that is not whole yet. */
  #begun: string[] = [];

  constructor(file: HistoryFile | null) {
    this.#file = file;
    this.#entries = file?.entries ?? [];
  }

  get entries(): string[] {
    return this.#entries;
  }

  /** Follows what the editor does with its history. */
  attach(lines: Interface): void {
    lines.on("history", (entries: string[]) => {
      this.#entries = entries;
    });
  }

  /** Takes a line that was entered; `isWhole`: it ends what the lines before it began. */
  take(line: string, isWhole: boolean): void {
    if (this.#begun.length > 0 || line.trim() !== "") this.#begun.push(line);
    if (isWhole) this.keep();
  }

  /** Makes one entry of the lines that were taken, whole or not. */
  keep(): void {
    const entry = this.#begun.join("\n");
    if (entry === "") return;
    if (this.#begun.length > 1) this.#replaceLines(entry);
    this.#begun = [];
    this.#file?.append(entry);
  }

  #replaceLines(entry: string): void {
    const places = this.#begun.map((line) => this.#entries.indexOf(line)).filter((at) => at >= 0);
    const newest = Math.min(...places, this.#entries.length);
    for (const at of [...new Set(places)].sort((a, b) => b - a)) this.#entries.splice(at, 1);
    this.#entries.splice(newest, 0, entry);
  }
}
