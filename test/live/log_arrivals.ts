import { closeSync, existsSync, openSync, readSync } from "node:fs";

/** A line of a log, and when it could be read, in ms since 1970. */
export interface Arrival {
  readonly line: string;
  readonly atMs: number;
}

const lookMs = 2;

/** Reads a log that grows, as a shipper of logs would, and notes when each line came. */
export class LogArrivals {
  readonly #path: string;
  readonly #found: Arrival[] = [];
  readonly #timer: NodeJS.Timeout;
  readonly #buffer = Buffer.alloc(1 << 20);
  #fd: number | null = null;
  #rest = "";

  constructor(path: string) {
    this.#path = path;
    this.#timer = setInterval(() => this.#look(), lookMs);
  }

  /** All lines so far, in their order. */
  get found(): readonly Arrival[] {
    return this.#found;
  }

  close(): void {
    clearInterval(this.#timer);
    if (this.#fd !== null) closeSync(this.#fd);
  }

  #look(): void {
    if (this.#fd === null && !existsSync(this.#path)) return;
    this.#fd ??= openSync(this.#path, "r");
    const size = readSync(this.#fd, this.#buffer);
    if (size === 0) return;
    const lines = (this.#rest + this.#buffer.toString("latin1", 0, size)).split("\n");
    this.#rest = lines.pop() ?? "";
    const atMs = Date.now();
    for (const line of lines) this.#found.push({ line, atMs });
  }
}
