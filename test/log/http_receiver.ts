import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/** Receives what a logger sends over HTTP, until the test ends; answers with its URL. */
export async function receiveHttp(
  context: TestContext,
  listener: RequestListener,
): Promise<{ readonly url: string; readonly requested: Promise<unknown> }> {
  const server = createServer(listener);
  const requested = new Promise((resolve) => server.once("request", resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, requested };
}
