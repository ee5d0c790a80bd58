import type { ServerResponse } from "node:http";

export interface StallWatch {
  /** Longest time between a piece and the client's readiness for the next. */
  readonly stalledMs: number;
  /** Called once the client is given up; the connection is destroyed by then. */
  readonly onStalled: () => void;
}

/** Passes the body on, and destroys the connection of a client that stops taking it: the rows it
 * does not read would hold a query worker until the query's own time limit. */
export async function* dropStalledClient(
  body: AsyncIterable<Buffer | string>,
  response: ServerResponse,
  watch: StallWatch,
): AsyncGenerator<Buffer> {
  const arm = () =>
    setTimeout(() => {
      response.destroy();
      watch.onStalled();
    }, watch.stalledMs);
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
