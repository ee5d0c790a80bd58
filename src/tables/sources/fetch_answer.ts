import { request as httpRequest, type IncomingMessage } from "node:http";
import type { HttpRequest, HttpResponse } from "./http_request.js";

const maxBodyBytes = 64 * 2 ** 20;

/** Asks once, without blocking; null when the other side does not answer in time, or with more than
 * 64 MiB. */
export async function fetchAnswer(request: HttpRequest): Promise<HttpResponse | null> {
  const { endpoint, method = "GET", target, headers = {}, timeoutMs } = request;
  const place =
    "path" in endpoint
      ? { socketPath: endpoint.path }
      : { host: endpoint.address, port: endpoint.port };
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const sent = httpRequest({
        ...place,
        method,
        path: target,
        headers: { Host: "localhost", ...headers },
        agent: false,
        signal: AbortSignal.timeout(timeoutMs),
      });
      sent.once("response", resolve);
      sent.once("error", reject);
      sent.end();
    });
    const body = await bodyOf(response);
    return body === null ? null : { status: response.statusCode ?? 0, body };
  } catch (error) {
    // Of the connection, of HTTP, or of the timeout.
    if (error instanceof Error) return null;
    throw error;
  }
}

async function bodyOf(response: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let total = 0;
  for await (const part of response) {
    const bytes: Buffer = part;
    total += bytes.length;
    if (total > maxBodyBytes) return null;
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}
