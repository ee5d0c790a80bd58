import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import { AuditqlError } from "../../errors.js";
import type { RunningQuery } from "../../sql/query.js";
import { callerOf, requesterOf } from "../auth/caller.js";

import { defineRoutes } from "./define_routes.js";

const runningAnswer = Type.Object({
  id: Type.String(),
  sql: Type.String(),
  origin: Type.String({
    description: "Caller of the query: unix:UID, http:CALLER or schedule:NAME.",
  }),
  startedAt: Type.String({ description: "RFC 3339." }),
  elapsedMs: Type.Number(),
});

const queriesAnswer = Type.Object({ queries: Type.Array(runningAnswer) });
const queryId = Type.Object({ id: Type.String({ maxLength: 100 }) });

/** The queries that run now, and how to end one. */
export const queriesRoutes = defineRoutes({
  name: "queries",
  register(app, { context }) {
    app.get(
      "/v1/queries",
      { schema: { summary: "List the running queries", response: { 200: queriesAnswer } } },
      async (request) => {
        const isVisible = visibility(request);
        return { queries: context.runner.running().filter(isVisible).map(toAnswer) };
      },
    );
    app.delete(
      "/v1/queries/:id",
      {
        schema: { summary: "Cancel a query", params: queryId, response: { 202: Type.Null() } },
      },
      async (request, reply) => {
        const { id } = request.params;
        const isVisible = visibility(request);
        const query = context.runner.running().find((running) => running.id === id);
        if (query === undefined || !isVisible(query) || !context.runner.cancel(id)) {
          throw new AuditqlError(
            "query_missing",
            `No running query has the id ${JSON.stringify(id)}.`,
          );
        }
        return reply.status(202).send(null);
      },
    );
  },
});

/** Statements may hold what only their author should know: with the role read, one sees and ends
 * one's own. */
function visibility(request: FastifyRequest): (query: RunningQuery) => boolean {
  if (callerOf(request).role === "admin") return () => true;
  const { origin } = requesterOf(request);
  return (query) => query.request.origin === origin;
}

function toAnswer(query: RunningQuery) {
  return {
    id: query.id,
    sql: query.request.sql,
    origin: query.request.origin,
    startedAt: new Date(query.startedAt).toISOString(),
    elapsedMs: Date.now() - query.startedAt,
  };
}
