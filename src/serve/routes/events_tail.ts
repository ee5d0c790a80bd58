import { Readable } from "node:stream";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type Static, Type } from "typebox";
import { AuditqlError } from "../../errors.js";
import { type Requester, requesterOf } from "../auth/caller.js";
import { tailEvents } from "../event_tail.js";
import { dropStalledClient } from "../limits/stalled_client.js";
import { defineRoutes, type RouteScope } from "./define_routes.js";

const tailQuery = Type.Object(
  {
    sql: Type.String({
      minLength: 1,
      maxLength: 16_384,
      description:
        "A SELECT over one event table. It returns each event once, shortly after its arrival.",
    }),
    after: Type.Optional(
      Type.String({
        pattern: "^[0-9]{1,15}$",
        description: "Also return stored events with a greater eid. Default: new events only.",
      }),
    ),
    format: Type.Optional(
      Type.Union([Type.Literal("ndjson"), Type.Literal("shell")], {
        description: "Format of values, as in POST /v1/query.",
      }),
    ),
  },
  { additionalProperties: false },
);
type TailQuery = Static<typeof tailQuery>;

const tailAnswer: Readonly<Record<string, unknown>> = {
  description: "Event stream; open until the client disconnects.",
  content: { "text/event-stream": { schema: Type.String() } },
};

/** Rows of events as they arrive. */
export const eventsTailRoutes = defineRoutes({
  name: "events_tail",
  register(app, scope) {
    app.get(
      "/v1/events/tail",
      {
        schema: {
          summary: "Follow events as they arrive (Server-Sent Events)",
          description:
            "Events: start {table, columns, after}; rows {rows, truncatedBy}; missed {events}; error (a problem). The id of each is the eid from which a client can resume (Last-Event-ID).",
          querystring: tailQuery,
          response: { 200: tailAnswer },
        },
      },
      (request, reply) => answerTail({ scope, request, reply, query: request.query }),
    );
  },
});

interface TailCall {
  readonly scope: RouteScope;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly query: TailQuery;
}

async function answerTail(call: TailCall): Promise<FastifyReply> {
  const { scope, request, reply, query } = call;
  const { context } = scope;
  const requester = requesterOf(request);
  const leave = scope.tails.enter(requester);
  // Also when the client goes while the statement is prepared.
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort());
  try {
    const { table, columns } = await inspectTail(call, { requester, signal: gone.signal });
    const after = startOf(call, context.eventBounds(table).nextEid - 1);
    const missed = { stage: "serve", name: "tails", metric: "dropped", reason: "behind" } as const;
    let rows = 0;
    const events = tailEvents({
      sql: query.sql,
      format: query.format ?? "ndjson",
      table,
      columns,
      after,
      run: (request, signal) => scope.admission.follow(request, requester, { signal }),
      bounds: () => context.eventBounds(table),
      signal: gone.signal,
      onRows: (count) => {
        rows += count;
      },
      onMissed: (count) => context.counter(missed).add(count),
    });
    const body = untilEnd(events, () => {
      leave();
      logTail(scope, requester, { sql: query.sql, rows });
    });
    reply.type("text/event-stream; charset=utf-8");
    // Proxies must not gather what is to be seen at once.
    reply.header("x-accel-buffering", "no");
    return reply.send(streamOf(call, body));
  } catch (error) {
    leave();
    throw error;
  }
}

/** Only what reads one event table can be followed: of a join it is open which event is new. */
async function inspectTail(
  { scope, query }: TailCall,
  { requester, signal }: { readonly requester: Requester; readonly signal: AbortSignal },
) {
  const { eventTables, columns, statementCount } = await scope.admission.inspect(
    query.sql,
    requester,
    { signal },
  );
  if (statementCount > 1) {
    throw new AuditqlError("tail_refused", `Expected one statement, got ${statementCount}.`);
  }
  const names = [...new Set(eventTables)];
  const [table] = names;
  if (table === undefined || names.length > 1) {
    throw new AuditqlError(
      "tail_refused",
      `The statement reads ${names.length === 0 ? "no event table" : names.join(" and ")}.`,
    );
  }
  return { table, columns };
}

/** A client that was cut off goes on after the event that it saw last. */
function startOf({ request, query }: TailCall, newest: number): number {
  const last = request.headers["last-event-id"];
  const asked = typeof last === "string" && /^[0-9]{1,15}$/.test(last) ? last : query.after;
  return asked === undefined ? newest : Math.min(Number(asked), newest);
}

async function* untilEnd(events: AsyncIterable<string>, onEnd: () => void) {
  try {
    yield* events;
  } finally {
    onEnd();
  }
}

function streamOf({ scope, reply }: TailCall, body: AsyncIterable<string>): Readable {
  return Readable.from(dropStalledClient(body, reply.raw, scope.context), { objectMode: false });
}

function logTail(scope: RouteScope, requester: Requester, what: object): void {
  const { caller, peer } = requester;
  scope.context.logger.info({ event: "tail", caller, peer, ...what });
}
