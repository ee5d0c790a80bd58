import swagger from "@fastify/swagger";
import type { App } from "./app.js";

const problemAnswer = {
  description: "An error response (RFC 9457); docs/reference/errors.md lists the codes.",
  content: {
    "application/problem+json": {
      schema: {
        type: "object",
        required: ["type", "title", "status", "detail", "code"],
        properties: {
          type: { type: "string", description: "urn:auditql:error:CODE" },
          title: { type: "string", description: "General meaning of the code, with a remedy." },
          status: { type: "integer" },
          detail: { type: "string", description: "Details of this occurrence." },
          code: { type: "string", description: "Stable." },
        },
      },
    },
  },
};

/** Gathers the schemas of all routes that are added from now on into an OpenAPI document. */
export async function describeApi(app: App, version: string): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "auditql",
        description: "Ad-hoc SQL queries over the tables of a host.",
        version,
      },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      security: [{ token: [] }],
    },
    transform: ({ schema, url, route }) => {
      const { isPublic = false, role } = route.config ?? {};
      const needs = role === "admin" ? "Requires the role admin." : "";
      const description = [schema?.description, needs].filter(Boolean).join(" ");
      const described = {
        ...schema,
        ...(description === "" ? {} : { description }),
        response: { ...asObject(schema?.response), default: problemAnswer },
        ...(isPublic ? { security: [] } : {}),
      };
      return { schema: described, url };
    },
  });
}

function asObject(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}
