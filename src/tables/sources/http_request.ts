import type { SocketEndpoint, TableSocket, TableSources } from "../../native/table_sources.js";

export interface HttpRequest {
  readonly endpoint: SocketEndpoint;
  readonly method?: "GET" | "PUT";
  /** Path and query, already escaped. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** For connecting, sending and receiving together. */
  readonly timeoutMs: number;
}

export interface HttpResponse {
  readonly status: number;
  readonly body: Buffer;
}

const maxResponseBytes = 64 * 2 ** 20;
const receiveBytes = 256 * 1024;
const endOfHead = "\r\n\r\n";

function encodeRequest({ method = "GET", target, headers = {} }: HttpRequest): Buffer {
  const lines = [`${method} ${target} HTTP/1.1`, "Host: localhost", "Connection: close"];
  if (method === "PUT") lines.push("Content-Length: 0");
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
  return Buffer.from(`${lines.join("\r\n")}${endOfHead}`, "latin1");
}

/** Everything until the other side closes; null when that is too much or too slow. */
function receiveAll(socket: TableSocket): Buffer | null {
  const parts: Buffer[] = [];
  for (let total = 0; total <= maxResponseBytes; ) {
    const part = socket.receive(receiveBytes);
    if (part === null) return null;
    if (part.length === 0) return Buffer.concat(parts);
    parts.push(part);
    total += part.length;
  }
  return null;
}

/** Transfer-Encoding: chunked (RFC 9112, 7.1); null when it is cut short. */
function decodeChunks(body: Buffer): Buffer | null {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = body.indexOf("\r\n", at, "latin1");
    if (lineEnd < 0) return null;
    const size = Number.parseInt(body.toString("latin1", at, lineEnd), 16);
    if (size === 0) return Buffer.concat(parts);
    const begin = lineEnd + 2;
    if (!(size > 0) || begin + size > body.length) return null;
    parts.push(body.subarray(begin, begin + size));
    at = begin + size + 2;
  }
}

/** Null for bytes that are no whole HTTP/1.x response. */
export function parseResponse(bytes: Buffer): HttpResponse | null {
  const headEnd = bytes.indexOf(endOfHead, 0, "latin1");
  if (headEnd < 0) return null;
  const head = bytes.toString("latin1", 0, headEnd);
  const status = head.match(/^HTTP\/1\.[01] (\d{3})/)?.[1];
  if (status === undefined) return null;
  const rest = bytes.subarray(headEnd + endOfHead.length);
  const length = head.match(/^content-length:[ \t]*(\d+)/im)?.[1];
  if (length !== undefined && rest.length < Number(length)) return null;
  const isChunked = /^transfer-encoding:[ \t]*chunked[ \t]*$/im.test(head);
  const body = isChunked ? decodeChunks(rest) : rest;
  return body === null ? null : { status: Number(status), body };
}

/** Asks once and waits for the whole answer; null when nobody answers in time. */
export function httpRequest(sources: TableSources, request: HttpRequest): HttpResponse | null {
  const socket = sources.openSocket(request.endpoint, request.timeoutMs);
  if (socket === null) return null;
  try {
    if (!socket.send(encodeRequest(request))) return null;
    const answer = receiveAll(socket);
    return answer === null ? null : parseResponse(answer);
  } finally {
    socket.close();
  }
}
