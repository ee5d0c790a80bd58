import { withoutPaint } from "../client/paint.js";
import { OutputClosed, type TextSink } from "../client/text_sink.js";
import { displayWidth } from "../client/text_width.js";
import type { Pager } from "./pager.js";

export interface PagedSinkOptions {
  /** Where text goes that fits the window. */
  readonly screen: TextSink;
  readonly width: number;
  /** Lines of the window; the last is the prompt's. */
  readonly height: number;
  readonly openPager: () => Pager;
}

/** Thrown where text is written that nobody waits for any more: no error. */
export class PagerLeft extends Error {
  override readonly name = "PagerLeft";
}

/** Holds text back until it is known whether it fits the window: what does not, is paged. */
export class PagedSink implements TextSink {
  readonly #options: PagedSinkOptions;
  #held = "";
  #heldLines = 0;
  #pager: Pager | null = null;

  constructor(options: PagedSinkOptions) {
    this.#options = options;
  }

  async write(text: string | Uint8Array): Promise<void> {
    if (this.#pager !== null) return writePaged(this.#pager, text);
    const added = typeof text === "string" ? text : Buffer.from(text).toString("utf8");
    this.#held += added;
    this.#heldLines += linesOf(added, this.#options.width);
    if (this.#heldLines < this.#options.height) return;
    this.#pager = this.#options.openPager();
    const held = this.#held;
    this.#held = "";
    await writePaged(this.#pager, held);
  }

  /** Shows what was held back, or waits until the pager is left. Answers with its complaint. */
  async end(): Promise<string | null> {
    if (this.#pager !== null) return this.#pager.end();
    await this.#options.screen.write(this.#held);
    return null;
  }
}

async function writePaged(pager: Pager, text: string | Uint8Array): Promise<void> {
  try {
    await pager.write(text);
  } catch (error) {
    throw error instanceof OutputClosed ? new PagerLeft() : error;
  }
}

/** Lines that the text takes in a window of this width. */
function linesOf(text: string, width: number): number {
  let lines = 0;
  for (const line of withoutPaint(text).split("\n").slice(0, -1)) {
    lines += Math.max(1, Math.ceil(displayWidth(line) / width));
  }
  return lines;
}
