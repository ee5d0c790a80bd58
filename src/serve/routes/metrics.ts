import { prometheusText } from "../prometheus_text.js";
import { defineRoutes } from "./define_routes.js";

/** Every number of `auditql_health` for Prometheus. */
export const metricsRoutes = defineRoutes({
  name: "metrics",
  register(app, { context }) {
    app.get(
      "/metrics",
      { schema: { summary: "Figures for Prometheus" } },
      async (_request, reply) => {
        reply.type("text/plain; version=0.0.4; charset=utf-8");
        return prometheusText(context.health(), context.version);
      },
    );
  },
});
