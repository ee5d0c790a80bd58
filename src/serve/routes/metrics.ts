import { Type } from "typebox";
import { prometheusText } from "../prometheus_text.js";
import { defineRoutes } from "./define_routes.js";

/** Every number of `auditql_health` for Prometheus. */
export const metricsRoutes = defineRoutes({
  name: "metrics",
  register(app, { context }) {
    app.get(
      "/metrics",
      {
        schema: {
          summary: "Get metrics for Prometheus",
          response: {
            200: {
              description: "Metrics in Prometheus text format 0.0.4.",
              content: { "text/plain": { schema: Type.String() } },
            },
          },
        },
      },
      async (_request, reply) => {
        reply.type("text/plain; version=0.0.4; charset=utf-8");
        return prometheusText({
          rows: context.health(),
          version: context.version,
          capture: context.capture(),
        });
      },
    );
  },
});
