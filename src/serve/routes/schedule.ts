import { Type } from "typebox";
import { defineRoutes } from "./define_routes.js";

const nullable = <T extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Number>>(
  type: T,
) => Type.Union([type, Type.Null()]);

const usageAnswer = Type.Object(
  { userMs: Type.Number(), systemMs: Type.Number(), memoryBytes: Type.Number() },
  { description: "CPU time and memory of the workers; for all executions, memory is the average." },
);

const runAnswer = Type.Object({
  startedAt: Type.String(),
  rows: Type.Number(),
  elapsedMs: Type.Number(),
  error: nullable(Type.String()),
  usage: usageAnswer,
});

const entryAnswer = Type.Object({
  name: Type.String(),
  pack: nullable(Type.String()),
  sql: Type.String(),
  description: Type.String({ description: "Configured description; empty by default." }),
  intervalSeconds: nullable(Type.Number()),
  cron: nullable(Type.String()),
  nextRunAt: Type.String({ description: "RFC 3339." }),
  executions: Type.Number(),
  wallMs: Type.Number({ description: "Over all executions." }),
  outputBytes: Type.Number(),
  usage: usageAnswer,
  denylisted: Type.Boolean({
    description: "true while the query is disabled for exceeding its limits.",
  }),
  eventTables: Type.Array(Type.String()),
  lastRun: Type.Union([runAnswer, Type.Null()]),
});

const scheduleAnswer = Type.Object({ schedule: Type.Array(entryAnswer) });

/** The scheduled queries, when they run next, and what became of their newest run. */
export const scheduleRoutes = defineRoutes({
  name: "schedule",
  register(app, { context }) {
    app.get(
      "/v1/schedule",
      { schema: { summary: "List the scheduled queries", response: { 200: scheduleAnswer } } },
      async () => ({
        schedule: context
          .schedule()
          .map((entry) => ({ ...entry, eventTables: [...entry.eventTables] })),
      }),
    );
  },
});
