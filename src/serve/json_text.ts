import type { App } from "./app.js";

declare module "fastify" {
  interface FastifyRequest {
    /** Body of a request of the type application/json, as it was sent; empty without one. */
    jsonText: string;
  }
}

/** Parses bodies as fastify does, and keeps their text: it has numbers that no JavaScript number
 * is. */
export function keepJsonText(app: App): void {
  const parse = app.getDefaultJsonParser("error", "error");
  app.decorateRequest("jsonText", "");
  app.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    const text = String(body);
    request.jsonText = text;
    return parse(request, text, done);
  });
}
