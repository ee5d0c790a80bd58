import { promisify } from "node:util";
import { gzip } from "node:zlib";
import Type from "typebox";
import { timerDelay } from "../util/timer_delay.js";
import { version } from "../version.js";
import { defineLogger } from "./logger.js";

const compress = promisify(gzip);

const optionsSchema = Type.Object({
  url: Type.String({
    pattern: "^https?://",
    description: "URL of the receiver; lines are sent by POST.",
  }),
  headers: Type.Record(Type.String(), Type.String(), {
    default: {},
    description: "Additional headers of each request, for example Authorization.",
  }),
  gzip: Type.Boolean({ default: true, description: "Compress request bodies." }),
  max_lines: Type.Integer({
    minimum: 1,
    default: 1024,
    description: "Maximum number of lines per request.",
  }),
  max_bytes: Type.Integer({
    minimum: 1,
    default: 2 ** 20,
    description:
      "Maximum size of a request body before compression, in bytes; a longer line is sent in its own request.",
  }),
  timeout_ms: Type.Integer({ minimum: 1, default: 30_000 }),
});

type Options = Type.Static<typeof optionsSchema>;

/** POSTs lines as NDJSON; any answer but 2xx is tried again with growing pauses. */
export const httpLogger = defineLogger({
  name: "http",
  description: "Sends lines as NDJSON in the body of HTTP requests.",
  options: optionsSchema,
  isLocal: false,
  check: ({ url }) => (URL.canParse(url) ? [] : [`"${url}" is not a URL.`]),
  async open(options, { counter }) {
    const closing = new AbortController();
    const onDropped = () => counter("dropped", "too_long").add(1);
    return {
      async write(batch) {
        const lines = batch.lines.toString("utf8").split("\n").slice(0, -1);
        const how = { kind: batch.kind, options, closing: closing.signal, onDropped };
        for (const body of bodiesOf(lines, options)) await postLines(body, how);
      },
      async reopen() {},
      async close() {
        closing.abort();
      },
    };
  },
});

interface Post {
  readonly kind: string;
  readonly options: Options;
  readonly closing: AbortSignal;
  /** Told of a line that the receiver does not take by itself either. */
  readonly onDropped: () => void;
}

/** Lines of one request each: as many as the receiver is to get at once. */
function* bodiesOf(lines: readonly string[], options: Options): Generator<readonly string[]> {
  let body: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    const size = Buffer.byteLength(line) + 1;
    const isFull = body.length === options.max_lines || bytes + size > options.max_bytes;
    if (isFull && body.length > 0) {
      yield body;
      body = [];
      bytes = 0;
    }
    body.push(line);
    bytes += size;
  }
  if (body.length > 0) yield body;
}

/** A receiver whose limit is lower than ours (413) gets halves; one line that is too long for it
 * would hold up all behind it for ever. */
async function postLines(lines: readonly string[], how: Post): Promise<void> {
  if (await post(Buffer.from(`${lines.join("\n")}\n`), how)) return;
  if (lines.length === 1) {
    how.onDropped();
    return;
  }
  const half = Math.ceil(lines.length / 2);
  await postLines(lines.slice(0, half), how);
  await postLines(lines.slice(half), how);
}

const contentTooLarge = 413;

/** False where the body is too large for the receiver. */
async function post(lines: Buffer, { kind, options, closing }: Post): Promise<boolean> {
  const encoding = options.gzip ? { "content-encoding": "gzip" } : {};
  const response = await fetch(options.url, {
    method: "POST",
    body: new Uint8Array(options.gzip ? await compress(lines) : lines),
    headers: {
      "content-type": "application/x-ndjson",
      "user-agent": `auditql/${version}`,
      "x-auditql-kind": kind,
      ...encoding,
      ...options.headers,
    },
    redirect: "error",
    signal: AbortSignal.any([closing, AbortSignal.timeout(timerDelay(options.timeout_ms))]),
  });
  // The body must be read, or the connection cannot be used again.
  await response.arrayBuffer();
  if (response.status === contentTooLarge) return false;
  if (!response.ok) throw new Error(`${options.url} responded with HTTP status ${response.status}`);
  return true;
}
