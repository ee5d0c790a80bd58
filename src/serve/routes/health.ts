import { Type } from "typebox";
import { isTrusted } from "../request_guard.js";
import { defineRoutes } from "./define_routes.js";

const HealthzAnswer = Type.Object({ status: Type.Literal("ok") });

const ReadyzAnswer = Type.Object({
  ready: Type.Boolean(),
  reasons: Type.Optional(
    Type.Array(Type.String(), { description: "What is amiss; only told to clients with a token." }),
  ),
});

/** Liveness and readiness, for probes that have no token. */
export const healthRoutes = defineRoutes({
  name: "health",
  register(app, { context, transport }) {
    app.get(
      "/healthz",
      {
        config: { isPublic: true },
        schema: { summary: "Is the daemon alive?", response: { 200: HealthzAnswer } },
      },
      async () => ({ status: "ok" as const }),
    );
    app.get(
      "/readyz",
      {
        config: { isPublic: true },
        schema: {
          summary: "Does the daemon do all that it should?",
          response: { 200: ReadyzAnswer, 503: ReadyzAnswer },
        },
      },
      async (request, reply) => {
        const { ready, reasons } = context.readiness();
        reply.status(ready ? 200 : 503);
        return isTrusted(request, context, transport)
          ? { ready, reasons: [...reasons] }
          : { ready };
      },
    );
  },
});
