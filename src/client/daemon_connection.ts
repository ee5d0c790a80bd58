import { type IncomingMessage, type RequestOptions, request } from "node:http";
import { AuditqlError, codeOf, errnoOf } from "../errors.js";
import { readBody } from "../util/read_body.js";
import { asRefusal, type ClientTls, connectTls, endpointOf } from "./client_tls.js";

/** Where a daemon answers: the path of its unix socket, or its URL and a token. */
export type DaemonAddress =
  | { readonly kind: "unix"; readonly path: string }
  | {
      readonly kind: "tcp";
      readonly url: URL;
      readonly token: string;
      /** Null: plain HTTP. */
      readonly tls: ClientTls | null;
    };

/** Answers that are not rows are small; what is larger is not an auditql daemon. */
const maxDocumentBytes = 64 * 1024 * 1024;

export interface DaemonCall {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly signal: AbortSignal;
  readonly body?: string;
}

/** Sends a request; an answer that is a problem is thrown as the error it tells of. */
export async function callDaemon(
  address: DaemonAddress,
  call: DaemonCall,
): Promise<IncomingMessage> {
  const answer = await exchange(address, call);
  if (answer.statusCode === 200) return answer;
  throw readProblem(await readDocument(answer)) ?? unexpected(`${call.method} ${call.path}`);
}

/** The error that a problem body (RFC 9457) tells of; null when it is none. */
export function readProblem(text: string): AuditqlError | null {
  const problem: unknown = parseJson(text);
  return isProblem(problem) ? new AuditqlError(codeOf(problem.code), problem.detail) : null;
}

async function exchange(address: DaemonAddress, call: DaemonCall): Promise<IncomingMessage> {
  const { method, path, signal, body } = call;
  try {
    const options: RequestOptions = {
      method,
      path,
      signal,
      headers: {
        ...(body === undefined
          ? {}
          : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
        ...(address.kind === "tcp"
          ? { host: address.url.host, authorization: `Bearer ${address.token}` }
          : {}),
      },
      ...(await connectionTo(address, signal)),
    };
    return await new Promise((resolve, reject) => {
      const outgoing = request(options, resolve);
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  } catch (error) {
    throw unreachable(address, signal, error);
  }
}

/** What http.request() makes the connection of, or the connection itself. */
async function connectionTo(address: DaemonAddress, signal: AbortSignal): Promise<RequestOptions> {
  if (address.kind === "unix") return { agent: false, socketPath: address.path };
  if (address.tls === null) return { agent: false, ...endpointOf(address.url) };
  const socket = await connectTls(address.url, address.tls, signal);
  return { createConnection: () => socket };
}

export async function readDocument(answer: IncomingMessage): Promise<string> {
  const tooLarge = () => unexpected("The daemon");
  const body = await readBody(answer, { maxBytes: maxDocumentBytes, tooLarge });
  return body.toString("utf8");
}

function unreachable(address: DaemonAddress, signal: AbortSignal, error: unknown): unknown {
  if (signal.aborted) return cancelled();
  const isSecure = address.kind === "tcp" && address.tls !== null;
  const cause = isSecure ? asRefusal(address.url, address.tls, error) : error;
  if (!(cause instanceof Error) || cause instanceof AuditqlError) return cause;
  const code = "code" in cause ? String(cause.code) : cause.message;
  const where = address.kind === "unix" ? address.path : address.url.origin;
  if (code === "EACCES" || code === "EPERM") {
    return new AuditqlError(
      "daemon_permission",
      `${where} belongs to another user. Run as that user, or with sudo.`,
      { cause },
    );
  }
  if (address.kind === "tcp" && code === "ECONNRESET") {
    return new AuditqlError(
      "answer_cut_off",
      `${where} closed the connection without a response. If it serves TLS, use an https:// URL.`,
      { cause },
    );
  }
  if (code === "ECONNRESET" || code === "EPIPE") return cutOff(signal, cause);
  return new AuditqlError(
    "daemon_unreachable",
    `No daemon answers on ${where} (${code}). Start one with 'auditql daemon', or select a running one with --socket or --url.`,
    { cause },
  );
}

/** An error of an answer that came in part, as the user is told of it. */
export function asCutOff(signal: AbortSignal, error: unknown): unknown {
  return isConnectionError(error) ? cutOff(signal, error) : error;
}

function isConnectionError(error: unknown): boolean {
  const codes = ["ECONNRESET", "EPIPE", "ABORT_ERR", "ERR_STREAM_PREMATURE_CLOSE"];
  return codes.includes(errnoOf(error));
}

function cutOff(signal: AbortSignal, cause: unknown): AuditqlError {
  if (signal.aborted) return cancelled();
  return new AuditqlError(
    "answer_cut_off",
    "The daemon closed the connection before the end of the response. Rows may be missing.",
    { cause },
  );
}

function cancelled(): AuditqlError {
  return new AuditqlError("query_cancelled", "The query was cancelled.");
}

export function unexpected(what: string): AuditqlError {
  return new AuditqlError(
    "answer_unexpected",
    `Unexpected response to ${what}. Check that the server is an auditql daemon of this version.`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // The caller says what was expected instead.
  }
}

function isProblem(value: unknown): value is { readonly code: string; readonly detail: string } {
  return (
    typeof value === "object" &&
    value !== null &&
    "code" in value &&
    typeof value.code === "string" &&
    "detail" in value &&
    typeof value.detail === "string"
  );
}
