import type { Duplex } from "node:stream";
import { lengthBytes, withLength } from "./length_prefix.js";

/** No request of a table is longer. */
const maxRequestBytes = 64 * 1024;

export interface ReadRequestsOptions {
  /** Never rejects for what was asked. */
  readonly answer: (asked: unknown) => Promise<unknown>;
  /** The other end breaks the protocol: it is no worker of ours any more. */
  readonly onNonsense: () => void;
}

/** Answers a worker's privileged reads one after another; a worker asks one at a time. */
export class ReadRequests {
  readonly #stream: Duplex;
  readonly #options: ReadRequestsOptions;
  #pending: Buffer = Buffer.alloc(0);
  #isAnswering = false;

  constructor(stream: Duplex, options: ReadRequestsOptions) {
    this.#stream = stream;
    this.#options = options;
    stream.on("data", (chunk: Buffer) => {
      this.#pending = Buffer.concat([this.#pending, chunk]);
      if (this.#pending.length > lengthBytes + maxRequestBytes) this.#refuse();
      else void this.#answerNext();
    });
  }

  async #answerNext(): Promise<void> {
    if (this.#isAnswering) return;
    const request = this.#takeRequest();
    if (request === null) return;
    this.#isAnswering = true;
    try {
      this.#stream.write(withLength(await this.#options.answer(JSON.parse(request))));
    } catch {
      // JSON that is not, or an answer that could not be made: the worker would wait for ever.
      this.#refuse();
      return;
    }
    this.#isAnswering = false;
    await this.#answerNext();
  }

  #takeRequest(): string | null {
    if (this.#pending.length < lengthBytes) return null;
    const end = lengthBytes + this.#pending.readUInt32LE();
    if (end > lengthBytes + maxRequestBytes) this.#refuse();
    if (this.#pending.length < end) return null;
    const request = this.#pending.toString("utf8", lengthBytes, end);
    this.#pending = this.#pending.subarray(end);
    return request;
  }

  #refuse(): void {
    this.#pending = Buffer.alloc(0);
    this.#stream.destroy();
    this.#options.onNonsense();
  }
}
