import { type IncomingMessage, type RequestOptions, request } from "node:http";
import { AuditqlError, type ErrorCode, isErrorCode } from "../errors.js";

/** Where a daemon answers: the path of its unix socket, or its URL and a token. */
export type DaemonAddress =
  | { readonly kind: "unix"; readonly path: string }
  | { readonly kind: "tcp"; readonly url: URL; readonly token: string };

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

/** A daemon of a later version may have codes that this one has not. */
export function codeOf(code: string): ErrorCode {
  return isErrorCode(code) ? code : "internal";
}

function exchange(address: DaemonAddress, call: DaemonCall): Promise<IncomingMessage> {
  const { method, path, signal, body } = call;
  const options: RequestOptions = {
    method,
    path,
    signal,
    agent: false,
    headers: {
      ...(body === undefined
        ? {}
        : { "content-type": "application/json", "content-length": Buffer.byteLength(body) }),
      ...(address.kind === "tcp" ? { authorization: `Bearer ${address.token}` } : {}),
    },
    ...(address.kind === "unix"
      ? { socketPath: address.path }
      : { host: address.url.hostname, port: address.url.port || 80 }),
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(options, resolve);
    outgoing.on("error", (error) => reject(unreachable(address, signal, error)));
    outgoing.end(body);
  });
}

export async function readDocument(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of answer) {
    bytes += chunk.length;
    if (bytes > maxDocumentBytes) throw unexpected("The daemon");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function unreachable(
  address: DaemonAddress,
  signal: AbortSignal,
  cause: NodeJS.ErrnoException,
): AuditqlError {
  if (signal.aborted) return cancelled();
  const where = address.kind === "unix" ? address.path : address.url.origin;
  if (cause.code === "EACCES" || cause.code === "EPERM") {
    return new AuditqlError(
      "daemon_permission",
      `${where} belongs to another user. Run as that user, or with sudo.`,
      { cause },
    );
  }
  if (cause.code === "ECONNRESET" || cause.code === "EPIPE") return cutOff(signal, cause);
  return new AuditqlError(
    "daemon_unreachable",
    `No daemon answers on ${where} (${cause.code ?? cause.message}). Start one with 'auditql daemon', or name a running one with --socket or --url.`,
    { cause },
  );
}

/** An error of an answer that came in part, as the user is told of it. */
export function asCutOff(signal: AbortSignal, error: unknown): unknown {
  return isConnectionError(error) ? cutOff(signal, error) : error;
}

function isConnectionError(error: unknown): boolean {
  const codes = ["ECONNRESET", "EPIPE", "ABORT_ERR", "ERR_STREAM_PREMATURE_CLOSE"];
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

function cutOff(signal: AbortSignal, cause: unknown): AuditqlError {
  if (signal.aborted) return cancelled();
  return new AuditqlError(
    "answer_cut_off",
    "The daemon closed the connection before the answer was whole. Rows may be missing.",
    { cause },
  );
}

function cancelled(): AuditqlError {
  return new AuditqlError("query_cancelled", "The query was cancelled.");
}

export function unexpected(what: string): AuditqlError {
  return new AuditqlError(
    "answer_unexpected",
    `${what} was not answered as an auditql daemon answers. Is it one, and of this version?`,
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
