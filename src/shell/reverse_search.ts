import type { Interface, Key } from "node:readline";
import { type EditedLine, replaceLine } from "./edited_line.js";

export interface ReverseSearchOptions {
  readonly lines: Interface;
  /** Newest first. */
  readonly history: () => readonly string[];
  /** False while what is typed is not a line of the prompt. */
  readonly isTyping: () => boolean;
}

interface Search {
  readonly before: EditedLine & { readonly prompt: string };
  readonly query: string;
  /** Place in the history of what was found last; -1: nothing yet. */
  readonly at: number;
  readonly hasFailed: boolean;
}

/** Ctrl-R as GNU readline has it: what is typed then is searched in the history, newest first. */
export class ReverseSearch {
  readonly #options: ReverseSearchOptions;
  #search: Search | null = null;
  #lastQuery = "";

  constructor(options: ReverseSearchOptions) {
    this.#options = options;
  }

  /** Takes the keys of a search; the key that ends one goes on to the editor, but Escape. */
  readonly take = (key: Key): boolean => {
    if (this.#search === null) return this.#start(key);
    const { query } = this.#search;
    if (isCtrl(key, "r")) return this.#step(1);
    if (isCtrl(key, "s")) return this.#step(-1);
    if (isCtrl(key, "g")) return this.#cancel(this.#search);
    if (key.name === "backspace") return this.#look(query.slice(0, -1), 0);
    const text = key.sequence ?? "";
    if (key.ctrl !== true && key.meta !== true && /^\P{Cc}+$/u.test(text)) {
      return this.#look(query + text, Math.max(this.#search.at, 0));
    }
    this.end();
    return key.name === "escape";
  };

  /** Leaves what was found in the line, to be edited or run. */
  end(): void {
    if (this.#search === null) return;
    this.#lastQuery = this.#search.query;
    this.#leave(this.#search, this.#options.lines);
  }

  #start(key: Key): boolean {
    if (!isCtrl(key, "r") || !this.#options.isTyping()) return false;
    const { lines } = this.#options;
    const before = { line: lines.line, cursor: lines.cursor, prompt: lines.getPrompt() };
    this.#show({ before, query: "", at: -1, hasFailed: false });
    return true;
  }

  #cancel(search: Search): boolean {
    this.#leave(search, search.before);
    return true;
  }

  #leave({ before }: Search, { line, cursor }: EditedLine): void {
    this.#search = null;
    this.#options.lines.setPrompt(before.prompt);
    replaceLine(this.#options.lines, { line, cursor });
  }

  /** The next older or newer entry that is not the one shown. */
  #step(by: 1 | -1): boolean {
    if (this.#search === null) return true;
    const { query, at } = this.#search;
    if (query === "") return this.#look(this.#lastQuery, 0);
    const shown = this.#options.history()[at];
    return this.#look(query, at + by, { by, shown });
  }

  #look(query: string, from: number, { by = 1, shown }: Step = {}): boolean {
    if (this.#search === null) return true;
    const entries = this.#options.history();
    let at = query === "" ? -1 : from;
    while (at >= 0 && at < entries.length) {
      const entry = entries[at] ?? "";
      if (entry !== shown && placeOf(query, entry) >= 0) break;
      at += by;
    }
    const isFound = at >= 0 && at < entries.length;
    const hasFailed = query !== "" && !isFound;
    this.#show({ ...this.#search, query, hasFailed, at: hasFailed ? this.#search.at : at });
    return true;
  }

  #show(search: Search): void {
    this.#search = search;
    const { query, at, hasFailed, before } = search;
    const { lines, history } = this.#options;
    lines.setPrompt(`(${hasFailed ? "failed " : ""}reverse-i-search)\`${query}': `);
    const line = history()[at];
    const found = line === undefined ? before : { line, cursor: placeOf(query, line) };
    replaceLine(lines, found);
  }
}

interface Step {
  readonly by?: 1 | -1;
  /** Not to be found again. */
  readonly shown?: string | undefined;
}

function isCtrl(key: Key, name: string): boolean {
  return key.ctrl === true && key.meta !== true && key.name === name;
}

/** Letters fit either case, as in SQL, while none of the query is upper-case. */
function placeOf(query: string, entry: string): number {
  return (/\p{Lu}/u.test(query) ? entry : entry.toLowerCase()).indexOf(query);
}
