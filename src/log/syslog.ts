import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import Type from "typebox";
import type { LogBatch } from "../schedule/result_sink.js";
import { defineLogger, type Logger } from "./logger.js";
import { parseStatusLines, plainStatusLine } from "./status_line.js";

const optionsSchema = Type.Object({
  socket_path: Type.Optional(
    Type.String({ description: "Unix stream socket; takes the place of host and port." }),
  ),
  host: Type.String({ default: "127.0.0.1", description: "Host of the syslog receiver." }),
  port: Type.Integer({ minimum: 1, maximum: 65535, default: 601, description: "Its TCP port." }),
  tls: Type.Boolean({ default: false, description: "Whether to speak TLS (RFC 5425)." }),
  ca_file: Type.Optional(Type.String({ description: "Certificates to trust instead of Node's." })),
  facility: Type.Integer({ minimum: 0, maximum: 23, default: 19, description: "19: local3." }),
  prepend_cee: Type.Boolean({ default: false, description: "Whether JSON begins with @cee:." }),
  app_name: Type.String({ default: "auditql", maxLength: 48, pattern: "^[!-~]+$" }),
  timeout_ms: Type.Integer({ minimum: 1, default: 10_000 }),
});

type Options = Type.Static<typeof optionsSchema>;

/** Sends RFC 5424 messages with octet counting (RFC 6587) over TCP, TLS or a unix stream socket. */
export const syslogLogger = defineLogger({
  name: "syslog",
  description: "RFC 5424 syslog over TCP, TLS or a unix stream socket.",
  options: optionsSchema,
  isLocal: false,
  async open(options, context) {
    return new SyslogLogger(options, context.hostname);
  },
});

// Severities of RFC 5424 for osquery's info, warning and error.
const statusSeverities = [6, 4, 3];
const informational = 6;

class SyslogLogger implements Logger {
  readonly #options: Options;
  readonly #hostname: string;
  #socket: Socket | null = null;

  constructor(options: Options, hostname: string) {
    this.#options = options;
    // HOSTNAME is printable ASCII without spaces, at most 255 characters.
    this.#hostname = hostname.replace(/[^!-~]/g, "?").slice(0, 255) || "-";
  }

  async write(batch: LogBatch): Promise<void> {
    const text = this.#messages(batch)
      .map((message) => `${Buffer.byteLength(message)} ${message}`)
      .join("");
    const socket = await this.#connected();
    await new Promise<void>((resolve, reject) => {
      const fail = (error: Error) => {
        this.#drop();
        reject(error);
      };
      socket.once("error", fail);
      socket.setTimeout(this.#options.timeout_ms, () =>
        fail(new Error("the receiver takes nothing")),
      );
      socket.write(text, (error) => {
        socket.off("error", fail);
        socket.setTimeout(0);
        if (error) fail(error);
        else resolve();
      });
    });
  }

  #messages(batch: LogBatch): string[] {
    if (batch.kind === "status") {
      return parseStatusLines(batch.lines).map((record) =>
        this.#message("status", statusSeverities[record.severity] ?? 6, plainStatusLine(record)),
      );
    }
    const cee = this.#options.prepend_cee ? "@cee:" : "";
    return batch.lines
      .toString("utf8")
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => this.#message(batch.kind, informational, cee + line));
  }

  #message(id: string, severity: number, text: string): string {
    const { facility, app_name: app } = this.#options;
    const time = new Date().toISOString();
    return `<${facility * 8 + severity}>1 ${time} ${this.#hostname} ${app} ${process.pid} ${id} - ${text}`;
  }

  async #connected(): Promise<Socket> {
    if (this.#socket !== null) return this.#socket;
    const { timeout_ms: timeoutMs } = this.#options;
    const socket = this.#connect();
    await new Promise<void>((resolve, reject) => {
      const fail = (error: Error) => {
        socket.destroy();
        reject(error);
      };
      const timer = setTimeout(() => fail(new Error("no connection in time")), timeoutMs);
      socket.once("error", fail);
      socket.once(this.#options.tls ? "secureConnect" : "connect", () => {
        clearTimeout(timer);
        socket.off("error", fail);
        resolve();
      });
      socket.once("close", () => clearTimeout(timer));
    });
    // A receiver that went away is found here, not with the next batch: its loss would be silent.
    socket.on("error", () => this.#drop());
    socket.on("end", () => this.#drop());
    socket.on("close", () => this.#drop());
    socket.resume();
    socket.unref();
    this.#socket = socket;
    return socket;
  }

  #connect(): Socket {
    const { socket_path: path, host, port, tls, ca_file: caFile } = this.#options;
    if (path !== undefined) return connect({ path });
    if (!tls) return connect({ host, port, keepAlive: true });
    const ca = caFile === undefined ? {} : { ca: readFileSync(caFile) };
    return connectTls({ host, port, servername: host, ...ca });
  }

  #drop(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  async reopen(): Promise<void> {
    this.#drop();
  }

  async close(): Promise<void> {
    this.#drop();
  }
}
