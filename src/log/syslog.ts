import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls, createSecureContext } from "node:tls";
import Type from "typebox";
import { readUserFile } from "../config/user_file.js";
import { messageOf } from "../errors.js";
import type { LogBatch } from "../schedule/result_sink.js";
import { fileReason } from "../util/file_reason.js";
import { timerDelay } from "../util/timer_delay.js";
import { LocalSyslogLogger } from "./local_syslog.js";
import { defineLogger, type ResultLogger } from "./logger.js";
import {
  boundMessages,
  countLengths,
  type LengthCounts,
  type SyslogMessage,
  syslogMessages,
} from "./syslog_messages.js";

const optionsSchema = Type.Object({
  local_path: Type.String({
    default: "/dev/log",
    description: "Socket of the host's syslog, used unless socket_path or host is set.",
  }),
  socket_path: Type.Optional(
    Type.String({ description: "Unix stream socket of an RFC 5424 receiver." }),
  ),
  host: Type.Optional(
    Type.String({ description: "Host name or address of an RFC 5424 receiver." }),
  ),
  port: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 65535,
      description: "TCP port of the receiver. Default: 601; with TLS 6514.",
    }),
  ),
  tls: Type.Boolean({
    default: false,
    description: "Connect to the receiver with TLS (RFC 5425).",
  }),
  ca_file: Type.Optional(
    Type.String({ description: "File of CA certificates to trust instead of Node.js's." }),
  ),
  facility: Type.Integer({ minimum: 0, maximum: 23, default: 19, description: "19: local3." }),
  prepend_cee: Type.Boolean({ default: false, description: "Prefix the JSON with @cee:." }),
  app_name: Type.Optional(
    Type.String({
      maxLength: 48,
      pattern: "^[!-~]+$",
      description:
        "Program name in messages. Default: the program name of the log files, osqueryd or auditql.",
    }),
  ),
  max_bytes: Type.Optional(
    Type.Integer({
      minimum: 480,
      description:
        "Maximum size of a message, in bytes. A longer row is shortened and marked (auditql_shortened), or dropped and counted. Default: 8096, rsyslog's limit (maxMessageSize); no limit for local_path.",
    }),
  ),
  timeout_ms: Type.Integer({ minimum: 1, default: 10_000 }),
});

type Options = Type.Static<typeof optionsSchema>;

/** Sends to the host's syslog as osquery does, or RFC 5424 over TCP, TLS or a unix stream socket. */
export const syslogLogger = defineLogger({
  name: "syslog",
  description:
    "Sends lines to the host's syslog, or as RFC 5424 over TCP, TLS or a unix stream socket.",
  options: optionsSchema,
  isLocal: false,
  check: ({ ca_file: path }) => (path === undefined ? [] : certificateProblems(path)),
  async open(options, { hostname, config, counter }) {
    const appName = options.app_name ?? config.statusName.replace(/[^!-~]/g, "?").slice(0, 48);
    const { socket_path: socketPath, host, port, tls } = options;
    const isRemote = tls || [socketPath, host, port].some((value) => value !== undefined);
    // What is no file is told now, and not by each try to connect.
    if (options.ca_file !== undefined) readCa(options.ca_file);
    const lengths = countLengths(counter);
    if (isRemote) return new SyslogLogger(options, { hostname, appName, lengths });
    return new LocalSyslogLogger({
      path: options.local_path,
      ident: appName,
      facility: options.facility,
      prependCee: options.prepend_cee,
      timeoutMs: options.timeout_ms,
      maxBytes: options.max_bytes ?? Number.POSITIVE_INFINITY,
      lengths,
    });
  },
});

/** RFC 5424, section 6.1: receivers should take 2,048 bytes and may cut what is longer. What rsyslog
 * calls 8k are 8,096 bytes, with the header. */
const defaultMaxBytes = 8096;
const maxCaBytes = 2 ** 20;

/** Read for each connection: certificates are replaced while they are in use. */
function readCa(path: string): Buffer {
  try {
    return readUserFile(path, { maxBytes: maxCaBytes });
  } catch (cause) {
    throw new Error(`cannot read ca_file ${path}: ${fileReason(cause)}`, { cause });
  }
}

function certificateProblems(path: string): readonly string[] {
  try {
    createSecureContext({ ca: readCa(path) });
    return [];
  } catch (error) {
    return [`cannot use ca_file ${path}: ${messageOf(error)}.`];
  }
}

interface Sender {
  readonly hostname: string;
  readonly appName: string;
  readonly lengths: LengthCounts;
}

class SyslogLogger implements ResultLogger {
  readonly #options: Options;
  readonly #appName: string;
  readonly #hostname: string;
  #socket: Socket | null = null;

  readonly #lengths: LengthCounts;

  constructor(options: Options, sender: Sender) {
    this.#options = options;
    this.#lengths = sender.lengths;
    this.#appName = sender.appName;
    // HOSTNAME is printable ASCII without spaces, at most 255 characters.
    this.#hostname = sender.hostname.replace(/[^!-~]/g, "?").slice(0, 255) || "-";
  }

  async write(batch: LogBatch): Promise<void> {
    const text = this.#bounded(syslogMessages(batch, this.#options.prepend_cee), batch.kind)
      .map((message) => this.#frame(message, batch.kind))
      .map((message) => `${Buffer.byteLength(message)} ${message}`)
      .join("");
    const socket = await this.#connected();
    await new Promise<void>((resolve, reject) => {
      const settle = () => socket.off("error", fail).off("timeout", expire).setTimeout(0);
      const fail = (error: Error) => {
        settle();
        this.#drop();
        reject(error);
      };
      const expire = () => fail(new Error("the receiver does not read"));
      socket
        .once("error", fail)
        .once("timeout", expire)
        .setTimeout(timerDelay(this.#options.timeout_ms));
      socket.write(text, (error) => {
        if (error) return fail(error);
        settle();
        resolve();
      });
    });
  }

  /** The receiver counts the header too. */
  #bounded(messages: readonly SyslogMessage[], kind: LogBatch["kind"]): SyslogMessage[] {
    const header = this.#frame({ severity: 7, text: "" }, kind);
    const maxBytes = (this.#options.max_bytes ?? defaultMaxBytes) - Buffer.byteLength(header);
    return boundMessages(messages, { ...this.#lengths, maxBytes });
  }

  #frame({ severity, text }: SyslogMessage, id: LogBatch["kind"]): string {
    const priority = this.#options.facility * 8 + severity;
    const time = new Date().toISOString();
    return `<${priority}>1 ${time} ${this.#hostname} ${this.#appName} ${process.pid} ${id} - ${text}`;
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
      const timer = setTimeout(
        () => fail(new Error("connection timed out")),
        timerDelay(timeoutMs),
      );
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
    const { socket_path: path, host = "127.0.0.1", tls } = this.#options;
    const { port = tls ? 6514 : 601, ca_file: caFile } = this.#options;
    if (path !== undefined) return connect({ path });
    if (!tls) return connect({ host, port, keepAlive: true });
    const ca = caFile === undefined ? {} : { ca: readCa(caFile) };
    // RFC 6066 has no addresses in server_name; the certificate is checked against them all the same.
    const name = isIP(host) === 0 ? { servername: host } : {};
    return connectTls({ host, port, ...name, ...ca });
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
