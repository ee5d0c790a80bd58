import { setTimeout as delay } from "node:timers/promises";
import { type LocalSyslog, loadAddon } from "../native/addon.js";
import type { LogBatch } from "../schedule/result_sink.js";
import type { ResultLogger } from "./logger.js";
import { boundMessages, type LengthCounts, syslogMessages } from "./syslog_messages.js";

export interface LocalSyslogLoggerOptions {
  readonly path: string;
  readonly ident: string;
  readonly facility: number;
  readonly prependCee: boolean;
  /** How long a listener that is behind is waited for. */
  readonly timeoutMs: number;
  /** Bytes of a message's text. */
  readonly maxBytes: number;
  readonly lengths: LengthCounts;
}

const retryMs = 10;
const warning = 4;

/** Writes to the host's syslog socket, as syslog(3) does, but keeps what nobody takes. */
export class LocalSyslogLogger implements ResultLogger {
  readonly #options: LocalSyslogLoggerOptions;
  readonly #syslog: LocalSyslog;
  #isClosed = false;

  constructor(options: LocalSyslogLoggerOptions) {
    const { path, ident, facility } = options;
    this.#options = options;
    this.#syslog = loadAddon().openSyslog({ path, ident, facility });
  }

  async write(batch: LogBatch): Promise<void> {
    const { prependCee, lengths, maxBytes } = this.#options;
    const messages = boundMessages(syslogMessages(batch, prependCee), { ...lengths, maxBytes });
    for (const { severity, text } of messages) {
      if ((await this.#send(severity, text)) !== "too_long") continue;
      // It would be refused for ever and hold up all lines behind it.
      lengths.onDropped();
      const bytes = Buffer.byteLength(text);
      await this.#send(warning, `a line of ${batch.query} with ${bytes} bytes is too long`);
    }
  }

  async #send(severity: number, text: string): Promise<"sent" | "too_long"> {
    const { path, timeoutMs } = this.#options;
    const patience = performance.now() + timeoutMs;
    for (;;) {
      const result = this.#syslog.send(severity, text);
      if (result === "sent" || result === "too_long") return result;
      if (result === "absent") throw new Error(`no process listens on ${path}`);
      if (this.#isClosed || performance.now() > patience) {
        throw new Error(`the listener on ${path} does not read`);
      }
      await delay(retryMs);
    }
  }

  async reopen(): Promise<void> {
    this.#syslog.disconnect();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#syslog.disconnect();
  }
}
