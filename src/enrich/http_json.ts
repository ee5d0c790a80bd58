import { type IncomingMessage, request as requestHttp } from "node:http";
import { type RequestOptions, request as requestHttps } from "node:https";
import { readBody } from "../util/read_body.js";

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
export async function getJson(given: JsonRequest): Promise<unknown> {
  const answer = await send(given);
  const tooLarge = () => new Error(`the response exceeds ${maxBytes} bytes`);
  const body = await readBody(answer, { maxBytes, tooLarge });
  if (answer.statusCode === 404) return null;
  if (answer.statusCode !== 200) throw new Error(`HTTP status ${answer.statusCode}`);
  return JSON.parse(body.toString("utf8"));
}

function send({ url, timeoutMs, ...rest }: JsonRequest): Promise<IncomingMessage> {
  const options: RequestOptions = { ...rest, agent: false, signal: AbortSignal.timeout(timeoutMs) };
  const request = url.protocol === "https:" ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    request(url, options, resolve).on("error", reject).end();
  });
}
