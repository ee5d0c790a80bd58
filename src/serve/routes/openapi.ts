import { Type } from "typebox";
import { defineRoutes } from "./define_routes.js";

/** The OpenAPI document that @fastify/swagger makes from the schemas of all routes. */
export const openapiRoutes = defineRoutes({
  name: "openapi",
  register(app) {
    app.get(
      "/v1/openapi.json",
      {
        schema: {
          summary: "Get this description (OpenAPI 3.1)",
          response: { 200: Type.Record(Type.String(), Type.Unknown()) },
        },
      },
      async () => ({ ...app.swagger() }),
    );
  },
});
