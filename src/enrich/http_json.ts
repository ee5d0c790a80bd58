import { request as requestHttp } from "node:http";
import { type RequestOptions, request as requestHttps } from "node:https";

export interface JsonRequest {
  /** Of the server, or `http://localhost` behind a socket. */
  readonly url: URL;
  readonly socketPath?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** CA of the server's certificate, in PEM. */
  readonly ca?: string;
  /** For the whole answer. */
  readonly timeoutMs: number;
}

const maxBytes = 32 * 2 ** 20;

/** Body of a 200 answer, parsed; null for 404. Anything else is an error. */
export function getJson(given: JsonRequest): Promise<unknown> {
  const { url, timeoutMs, ...rest } = given;
  const options: RequestOptions = {
    ...rest,
    agent: false,
    signal: AbortSignal.timeout(timeoutMs),
  };
  const send = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const sent = send(url, options, (answer) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      answer.on("data", (part: Buffer) => {
        parts.push(part);
        bytes += part.length;
        if (bytes > maxBytes) answer.destroy(new Error(`the response exceeds ${maxBytes} bytes`));
      });
      answer.on("error", reject);
      answer.on("end", () => {
        if (answer.statusCode === 404) return resolve(null);
        if (answer.statusCode !== 200) return reject(new Error(`HTTP status ${answer.statusCode}`));
        try {
          resolve(JSON.parse(Buffer.concat(parts).toString("utf8")));
        } catch (error) {
          reject(error);
        }
      });
    });
    sent.on("error", reject);
    sent.end();
  });
}
