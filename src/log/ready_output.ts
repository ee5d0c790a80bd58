import type { Addon } from "../native/addon.js";

export interface ReadyOutputOptions {
  readonly fd: number;
  readonly addon: Pick<Addon, "writeReady">;
  /** Bytes that wait for the reader at most; later lines are dropped. */
  readonly maxWaitingBytes: number;
}

/** A reader that is behind is tried again after so long. */
const retryMs = 100;

/**
 * Lines for a pipe, terminal or socket whose reader may be slow, stopped or gone. Node's own
 * process.stderr waits for the reader of a pipe, and everything else in the process with it.
 */
export class ReadyOutput {
  readonly #options: ReadyOutputOptions;
  #waiting: Buffer = Buffer.alloc(0);
  #dropped = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor(options: ReadyOutputOptions) {
    this.#options = options;
  }

  /** Never waits. */
  write(text: string): void {
    this.#flush();
    const bytes = Buffer.from(text);
    if (this.#waiting.length + bytes.length > this.#options.maxWaitingBytes) {
      this.#dropped++;
      return;
    }
    this.#waiting = Buffer.concat([this.#waiting, this.#droppedNote(), bytes]);
    this.#flush();
  }

  #droppedNote(): Buffer {
    if (this.#dropped === 0) return Buffer.alloc(0);
    const note = `auditql: ${this.#dropped} lines were dropped: standard error was not read\n`;
    this.#dropped = 0;
    return Buffer.from(note);
  }

  #flush(): void {
    if (this.#waiting.length === 0) return;
    this.#waiting = this.#waiting.subarray(this.#written());
    if (this.#waiting.length === 0) return;
    // Does not keep a process alive that is about to end.
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#flush();
    }, retryMs).unref();
  }

  #written(): number {
    const { addon, fd } = this.#options;
    try {
      return addon.writeReady(fd, this.#waiting);
    } catch {
      // Without a reader (EPIPE) nothing that waits will be read.
      return this.#waiting.length;
    }
  }
}
