import { Type } from "typebox";
import { redactConfig } from "../redact_config.js";
import { defineRoutes } from "./define_routes.js";

const configAnswer = Type.Object({
  config: Type.Unknown({ description: "The active configuration, without its secrets." }),
});

/** The configuration, for administrators. */
export const configRoutes = defineRoutes({
  name: "config",
  register(app, { context }) {
    app.get(
      "/v1/config",
      {
        config: { role: "admin" },
        schema: { summary: "Get the active configuration", response: { 200: configAnswer } },
      },
      async () => ({ config: redactConfig(context.config()) }),
    );
  },
});
