import { Type } from "typebox";
import { findProblems } from "../health_problems.js";
import { isLoss } from "../losses.js";
import { captureAnswer, captureSchema } from "./capture.js";
import { defineRoutes } from "./define_routes.js";

const healthzAnswer = Type.Object({ status: Type.Literal("ok") });

const readyzAnswer = Type.Object({
  ready: Type.Boolean(),
  reasons: Type.Optional(
    Type.Array(Type.String(), {
      description: "Events that are not captured, with remedies; only for clients with a token.",
    }),
  ),
});

const counterAnswer = Type.Object({
  stage: Type.String(),
  name: Type.String(),
  metric: Type.String(),
  reason: Type.String(),
  value: Type.Number(),
});

const healthAnswer = Type.Object({
  version: Type.String({ description: "auditql version." }),
  ready: Type.Boolean(),
  reasons: Type.Array(Type.String()),
  problems: Type.Array(
    Type.Object({
      severity: Type.Union([Type.Literal("error"), Type.Literal("warning")]),
      title: Type.String(),
      explanation: Type.String(),
      remedy: Type.String(),
    }),
    { description: "Problems of capture, counters and schedule, errors first." },
  ),
  capture: captureSchema,
  losses: Type.Array(counterAnswer, {
    description: "Counters above zero that mean that data was lost.",
  }),
  counters: Type.Array(counterAnswer, { description: "Rows of the table auditql_health." }),
});

/** Liveness and readiness, for probes that have no token. */
export const healthRoutes = defineRoutes({
  name: "health",
  register(app, { context }) {
    app.get(
      "/healthz",
      {
        config: { isPublic: true },
        schema: {
          summary: "Check whether the daemon is running",
          response: { 200: healthzAnswer },
        },
      },
      async () => ({ status: "ok" as const }),
    );
    app.get(
      "/v1/health",
      {
        schema: {
          summary: "Get current problems and all counters",
          response: { 200: healthAnswer },
        },
      },
      async () => {
        const { ready, reasons } = context.readiness();
        const capture = context.capture();
        const counters = context.health();
        const problems = findProblems({ capture, counters, schedule: context.schedule() });
        return {
          version: context.version,
          ready,
          reasons: [...reasons],
          problems: [...problems],
          capture: captureAnswer(capture),
          losses: counters.filter((row) => row.value > 0 && isLoss(row)),
          counters: [...counters],
        };
      },
    );
    app.get(
      "/readyz",
      {
        config: { isPublic: true },
        schema: {
          summary: "Check whether the daemon is fully functional",
          response: { 200: readyzAnswer, 503: readyzAnswer },
        },
      },
      async (request, reply) => {
        const { ready, reasons } = context.readiness();
        reply.status(ready ? 200 : 503);
        return request.caller !== null ? { ready, reasons: [...reasons] } : { ready };
      },
    );
  },
});
