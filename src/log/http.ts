import { promisify } from "node:util";
import { gzip } from "node:zlib";
import Type from "typebox";
import { version } from "../version.js";
import { defineLogger } from "./logger.js";

const compress = promisify(gzip);

const optionsSchema = Type.Object({
  url: Type.String({ pattern: "^https?://", description: "Where lines are POSTed to." }),
  headers: Type.Record(Type.String(), Type.String(), {
    default: {},
    description: "Headers of each request, e.g. Authorization.",
  }),
  gzip: Type.Boolean({ default: true, description: "Whether bodies are compressed." }),
  max_lines: Type.Integer({ minimum: 1, default: 1024, description: "Lines of one request." }),
  timeout_ms: Type.Integer({ minimum: 1, default: 30_000 }),
});

type Options = Type.Static<typeof optionsSchema>;

/** POSTs lines as NDJSON; any answer but 2xx is tried again with growing pauses. */
export const httpLogger = defineLogger({
  name: "http",
  description: "NDJSON in the body of HTTP requests.",
  options: optionsSchema,
  isLocal: false,
  check: ({ url }) => (URL.canParse(url) ? [] : [`"${url}" is not a URL.`]),
  async open(options) {
    const closing = new AbortController();
    return {
      async write(batch) {
        const lines = batch.lines.toString("utf8").split("\n").slice(0, -1);
        for (let start = 0; start < lines.length; start += options.max_lines) {
          const body = `${lines.slice(start, start + options.max_lines).join("\n")}\n`;
          await post(Buffer.from(body), { kind: batch.kind, options, closing: closing.signal });
        }
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
}

async function post(lines: Buffer, { kind, options, closing }: Post): Promise<void> {
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
    signal: AbortSignal.any([closing, AbortSignal.timeout(options.timeout_ms)]),
  });
  // The body must be read, or the connection cannot be used again.
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`${options.url} answers ${response.status}`);
}
