import type { Socket } from "node:net";
import type { ErrorCode } from "../errors.js";
import { countRefusal, problemContentType, toProblem } from "./problem_details.js";
import { bareHeaders } from "./security_headers.js";
import type { ServerContext } from "./server_context.js";

/** Errors of Node's HTTP parser, by their code; others are `request_malformed`. */
const parserErrorCodes: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: "headers_too_large",
  ERR_HTTP_REQUEST_TIMEOUT: "request_timeout",
};

const headerLines = Object.entries(bareHeaders)
  .map(([name, value]) => `${name}: ${value}\r\n`)
  .join("");

/** Answers bytes that never became a request, and closes their connection. */
export function answerBrokenRequest(
  context: ServerContext,
  error: NodeJS.ErrnoException,
  socket: Socket,
): void {
  // Nobody is left to be answered: the peer has gone, or never said a word.
  if (error.code === "ECONNRESET" || socket.destroyed) {
    socket.destroy();
    return;
  }
  const code = parserErrorCodes[error.code ?? ""] ?? "request_malformed";
  countRefusal(context, code);
  const problem = toProblem(code, "The connection is closed.");
  const body = JSON.stringify(problem);
  if (socket.writable) {
    socket.write(
      `HTTP/1.1 ${problem.status} Refused\r\nContent-Type: ${problemContentType}\r\n` +
        `${headerLines}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
    );
  }
  // end() would wait for a peer that may never read.
  socket.destroySoon();
}
