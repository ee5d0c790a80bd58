import { Type } from "typebox";
import { AuditqlError } from "../../errors.js";
import type { RunningQuery } from "../../sql/query.js";
import { defineRoutes } from "./define_routes.js";

const RunningAnswer = Type.Object({
  id: Type.String(),
  sql: Type.String(),
  origin: Type.String({ description: "Who asked: http, unix or schedule:NAME." }),
  startedAt: Type.String({ description: "RFC 3339." }),
  elapsedMs: Type.Number(),
});

const QueriesAnswer = Type.Object({ queries: Type.Array(RunningAnswer) });
const QueryId = Type.Object({ id: Type.String({ maxLength: 100 }) });

/** The queries that run now, and how to end one. */
export const queriesRoutes = defineRoutes({
  name: "queries",
  register(app, { context }) {
    app.get(
      "/v1/queries",
      { schema: { summary: "List the running queries", response: { 200: QueriesAnswer } } },
      async () => ({
        queries: context.runner.running().map(toAnswer),
      }),
    );
    app.delete(
      "/v1/queries/:id",
      { schema: { summary: "Cancel a query", params: QueryId } },
      async (request, reply) => {
        const { id } = request.params;
        if (!context.runner.cancel(id)) {
          throw new AuditqlError("query_missing", `No query ${JSON.stringify(id)} runs.`);
        }
        return reply.status(202).send();
      },
    );
  },
});

function toAnswer(query: RunningQuery) {
  return {
    id: query.id,
    sql: query.request.sql,
    origin: query.request.origin,
    startedAt: new Date(query.startedAt).toISOString(),
    elapsedMs: Date.now() - query.startedAt,
  };
}
