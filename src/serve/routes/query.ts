import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import type { QueryLimits } from "../../config/query_limits.js";
import { toAuditqlError } from "../../errors.js";
import type { RunningQuery } from "../../sql/query.js";
import { requesterOf } from "../auth/caller.js";
import { exactParameters } from "../exact_parameters.js";
import type { RequestedQuery } from "../limits/query_admission.js";
import { dropStalledClient } from "../limits/stalled_client.js";
import { csvBody, jsonBody, ndjsonBody, type ResultSource, reportOutcome } from "../result_body.js";
import type { ServerLimits } from "../server_context.js";
import { defineRoutes, type RouteScope } from "./define_routes.js";

const parameter = Type.Union([Type.Null(), Type.Number(), Type.String({ maxLength: 65_536 })]);

const queryBody = Type.Object(
  {
    sql: Type.String({
      minLength: 1,
      maxLength: 131_072,
      description: "One or more statements; their rows are returned in order.",
    }),
    parameters: Type.Optional(
      Type.Union([
        Type.Array(parameter, { maxItems: 1000 }),
        Type.Record(Type.String({ maxLength: 64 }), parameter),
      ]),
    ),
    limits: Type.Optional(
      Type.Object(
        {
          timeoutMs: Type.Optional(Type.Integer({ minimum: 1 })),
          maxRows: Type.Optional(Type.Integer({ minimum: 1 })),
          maxBytes: Type.Optional(Type.Integer({ minimum: 1 })),
        },
        { additionalProperties: false },
      ),
    ),
    explain: Type.Optional(
      Type.Boolean({ description: "Return SQLite's query plan instead of running the statement." }),
    ),
    format: Type.Optional(
      Type.Union([
        Type.Literal("json"),
        Type.Literal("ndjson"),
        Type.Literal("csv"),
        Type.Literal("shell", {
          description:
            "Format values as the shell does, as NDJSON: a BLOB as text, or as hex when it is not UTF-8; infinities as 1e999.",
        }),
      ]),
    ),
  },
  { additionalProperties: false },
);

type QueryBody = Static<typeof queryBody>;
type AnswerFormat = "json" | "ndjson" | "csv" | "shell";

const contentTypes: Readonly<Record<AnswerFormat, string>> = {
  json: "application/json; charset=utf-8",
  ndjson: "application/x-ndjson; charset=utf-8",
  shell: "application/x-ndjson; charset=utf-8",
  csv: "text/csv; charset=utf-8; header=present",
};

/** Trailer with the outcome of a query, for clients that read trailers. */
const outcomeTrailer = "auditql-outcome";

/** Described only: the bytes of an answer are made by the worker and by result_body.ts. */
const queryAnswer: Readonly<Record<string, unknown>> = {
  description: "The rows and the outcome of the query.",
  content: {
    "application/json": {
      schema: Type.Object({
        rows: Type.Array(Type.Record(Type.String(), Type.Unknown())),
        columns: Type.Array(Type.String()),
        types: Type.Array(Type.Union([Type.String(), Type.Null()]), {
          description: "Declared types of the columns; null for an expression.",
        }),
        outcome: Type.Object({
          rows: Type.Integer(),
          elapsedMs: Type.Number(),
          truncatedBy: Type.Union([Type.Literal("rows"), Type.Literal("bytes"), Type.Null()]),
          evictedRows: Type.Integer(),
          refusedFiles: Type.Integer({
            description:
              "Number of files that were not read because the caller has no permission (docs/deploy/security.md).",
          }),
          warnings: Type.Array(Type.String(), {
            description: "Warnings of tables about rows that they omit.",
          }),
          error: Type.Union([
            Type.Object({ code: Type.String(), message: Type.String() }),
            Type.Null(),
          ]),
        }),
      }),
    },
    "application/x-ndjson": {
      schema: Type.String({ description: "One row per line, then {columns, types, outcome}." }),
    },
    "text/csv": { schema: Type.String() },
  },
};

/** Ad-hoc SQL. */
export const queryRoutes = defineRoutes({
  name: "query",
  register(app, scope) {
    app.post(
      "/v1/query",
      { schema: { summary: "Run a statement", body: queryBody, response: { 200: queryAnswer } } },
      (request, reply) => answerQuery({ scope, request, reply, body: request.body }),
    );
  },
});

interface QueryCall {
  readonly scope: RouteScope;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly body: QueryBody;
}

async function answerQuery(call: QueryCall): Promise<FastifyReply> {
  const { scope, request, reply, body } = call;
  const format = body.format ?? acceptedFormat(request.headers.accept);
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  const query = await scope.admission.start(toQueryRequest(call, format), requesterOf(request), {
    signal: gone.signal,
  });
  cancelOnDisconnect(gone.signal, query);
  const chunks = query.output[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) await failOnError(query);
  const source: ResultSource = {
    chunks: restOf(query, chunks, first),
    outcome: query.outcome,
  };
  reply.type(contentTypes[format]).header("auditql-query-id", query.id);
  // A header value is limited to visible ASCII (RFC 9110, section 5.5).
  reply.trailer(outcomeTrailer, async () =>
    JSON.stringify(reportOutcome(await query.outcome)).replace(/[^\x20-\x7e]/g, "?"),
  );
  return reply.send(answerStream(call, format, source));
}

function answerStream(call: QueryCall, format: AnswerFormat, source: ResultSource): Readable {
  const { scope, reply, body } = call;
  const isTruncationExpected =
    body.limits?.maxRows !== undefined || body.limits?.maxBytes !== undefined;
  const bodies = {
    json: () => jsonBody(source),
    ndjson: () => ndjsonBody(source),
    shell: () => ndjsonBody(source),
    csv: () => csvBody(source, { isTruncationExpected }),
  };
  return Readable.from(dropStalledClient(bodies[format](), reply.raw, scope.context), {
    objectMode: false,
    highWaterMark: 64 * 1024,
  });
}

/** Nobody waits for the rows of a client that has gone. */
function cancelOnDisconnect(gone: AbortSignal, query: RunningQuery): void {
  let isRunning = true;
  void query.outcome.then(() => {
    isRunning = false;
  });
  const cancel = () => {
    if (isRunning) query.cancel();
  };
  if (gone.aborted) cancel();
  else gone.addEventListener("abort", cancel, { once: true });
}

/** A query that failed before its first byte is answered with a status of its own. */
async function failOnError(query: RunningQuery): Promise<void> {
  const { error } = await query.outcome;
  if (error !== null) throw toAuditqlError(error);
}

/** The chunks from the first on. Ends the query where the answer is given up, and reads what is
 * still under way, so that its worker is not left blocked. */
async function* restOf(
  query: RunningQuery,
  chunks: AsyncIterator<Buffer>,
  first: IteratorResult<Buffer>,
): AsyncGenerator<Buffer> {
  let next = first;
  try {
    for (; next.done !== true; next = await chunks.next()) yield next.value;
  } finally {
    if (next.done !== true) {
      query.cancel();
      void discard(chunks);
    }
  }
}

async function discard(chunks: AsyncIterator<Buffer>): Promise<void> {
  while ((await chunks.next()).done !== true);
}

function toQueryRequest(call: QueryCall, format: AnswerFormat): RequestedQuery {
  const { scope, body } = call;
  return {
    sql: body.explain === true ? `explain query plan ${body.sql}` : body.sql,
    ...(body.parameters === undefined
      ? {}
      : { parameters: exactParameters(body.parameters, call.request.jsonText) }),
    // JSON answers are made of NDJSON, whose rows can be told apart without parsing them.
    format: format === "json" ? "ndjson" : format,
    limits: effectiveLimits(scope.context.limits, body.limits ?? {}),
  };
}

/** What the request asks for, else the default; never more than the ceiling. */
function effectiveLimits(
  limits: ServerLimits,
  asked: NonNullable<QueryBody["limits"]>,
): QueryLimits {
  const { query, queryCeiling: ceiling } = limits;
  return {
    timeoutMs: Math.min(asked.timeoutMs ?? query.timeoutMs, ceiling.timeoutMs),
    maxRows: Math.min(asked.maxRows ?? query.maxRows, ceiling.maxRows),
    maxBytes: Math.min(asked.maxBytes ?? query.maxBytes, ceiling.maxBytes),
    maxMemoryBytes: query.maxMemoryBytes,
  };
}

function acceptedFormat(accept: string | undefined): AnswerFormat {
  if (accept === undefined) return "json";
  if (/\b(application\/(x-)?ndjson|application\/jsonl)\b/i.test(accept)) return "ndjson";
  if (/\btext\/csv\b/i.test(accept)) return "csv";
  return "json";
}
