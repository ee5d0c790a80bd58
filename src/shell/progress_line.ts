const firstMs = 1000;
const everyMs = 250;
const eraseLine = "\r\x1b[K";

/** Says on the last line of a terminal how long a query has run, until something else is shown. */
export class ProgressLine {
  readonly #show: (text: string) => void;
  readonly #startedAt = performance.now();
  #timer: NodeJS.Timeout | null;
  #isShown = false;
  #rows = 0;

  /** `show` writes to the terminal at once. */
  constructor(show: (text: string) => void) {
    this.#show = show;
    this.#timer = setTimeout(() => this.#turn(), firstMs);
  }

  addRows(rows: number): void {
    this.#rows += rows;
  }

  /** Takes the line away, for good. */
  clear(): void {
    if (this.#timer === null) return;
    clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#isShown) this.#show(eraseLine);
  }

  #turn(): void {
    const seconds = Math.floor((performance.now() - this.#startedAt) / 1000);
    const rows = this.#rows === 0 ? "" : `, ${this.#rows.toLocaleString("en")} rows`;
    this.#isShown = true;
    this.#show(`${eraseLine}running ${seconds} s${rows}. Press Ctrl-C to cancel.`);
    this.#timer = setTimeout(() => this.#turn(), everyMs);
  }
}
