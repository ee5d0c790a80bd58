import type { Interface } from "node:readline";
import type { Readable } from "node:stream";

/** Lends the terminal, which the line editor has, to another program. */
export class RawMode {
  #lines: Interface | null = null;
  #input: Readable | null = null;

  /** Says who has the terminal. */
  attach(lines: Interface, input: Readable): void {
    this.#lines = lines;
    this.#input = input;
  }

  /**
   * Stops reading keys until the answer is called. Meanwhile Ctrl-C is a signal, which the other
   * program gets as well: `onInterrupt` is called, and this process lives on.
   */
  suspend(onInterrupt: () => void): () => void {
    this.#lines?.pause();
    setRawMode(this.#input, false);
    process.on("SIGINT", onInterrupt);
    return () => {
      process.off("SIGINT", onInterrupt);
      setRawMode(this.#input, true);
      this.#lines?.resume();
    };
  }
}

/** Raw: keys come one by one, unseen and unheeded by the kernel. Nothing where there is no terminal. */
export function setRawMode(input: Readable | null, isRaw: boolean): void {
  if (input !== null && "setRawMode" in input && typeof input.setRawMode === "function") {
    input.setRawMode(isRaw);
  }
}
