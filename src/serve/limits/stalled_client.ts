import type { ServerResponse } from "node:http";
import type { ServerContext } from "../server_context.js";

/** Passes the body on, and destroys the connection of a client that stops taking it: the rows it
 * does not read would hold a query worker until the query's own time limit. */
export async function* dropStalledClient(
  body: AsyncIterable<Buffer | string>,
  response: ServerResponse,
  { counter, limits }: Pick<ServerContext, "counter" | "limits">,
): AsyncGenerator<Buffer> {
  const arm = () =>
    setTimeout(() => {
      response.destroy();
      counter({ stage: "serve", name: "http", metric: "dropped", reason: "client_stalled" }).add();
    }, limits.stalledClientMs);
  for await (const piece of body) {
    const timer = arm();
    try {
      yield typeof piece === "string" ? Buffer.from(piece) : piece;
    } finally {
      clearTimeout(timer);
    }
  }
  if (response.destroyed) return;
  // All is handed over, but the last pieces may still wait for the client.
  const timer = arm();
  response.once("close", () => clearTimeout(timer));
}
