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
      description: "What is not seen, and what to do about it; only told to clients with a token.",
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
  version: Type.String({ description: "Version of auditql." }),
  ready: Type.Boolean(),
  reasons: Type.Array(Type.String()),
  problems: Type.Array(
    Type.Object({
      severity: Type.Union([Type.Literal("error"), Type.Literal("warning")]),
      title: Type.String(),
      explanation: Type.String(),
      remedy: Type.String(),
    }),
    { description: "What is not seen, and what the counters tell of, worst first." },
  ),
  capture: captureSchema,
  losses: Type.Array(counterAnswer, {
    description: "Of the counters, those above zero that mean that something was lost.",
  }),
  counters: Type.Array(counterAnswer, { description: "The rows of auditql_health." }),
});

/** Liveness and readiness, for probes that have no token. */
export const healthRoutes = defineRoutes({
  name: "health",
  register(app, { context }) {
    app.get(
      "/healthz",
      {
        config: { isPublic: true },
        schema: { summary: "Is the daemon alive?", response: { 200: healthzAnswer } },
      },
      async () => ({ status: "ok" as const }),
    );
    app.get(
      "/v1/health",
      { schema: { summary: "What is amiss, and every counter", response: { 200: healthAnswer } } },
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
          summary: "Does the daemon do all that it should?",
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
