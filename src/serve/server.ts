import swagger from "@fastify/swagger";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import fastify, { LogController } from "fastify";
import type { App } from "./app.js";
import { answerBrokenRequest } from "./broken_request.js";
import { listenTcp, listenUnix, type TcpAddress } from "./listen.js";
import { answerProblems, countRefusal } from "./problem.js";
import { createQueryAdmission, type QueryAdmission } from "./query_admission.js";
import { guardRequests, type Transport } from "./request_guard.js";
import { allRoutes } from "./routes/all.js";
import type { ServerContext } from "./server_context.js";

/** The HTTP API. The same routes on each listener; only who may use them differs. */
export interface ApiServer {
  /** Listens on TCP, where every request needs a token. Answers with the port. */
  listenTcp(address: TcpAddress): Promise<number>;
  /** Listens on a unix socket with mode 0600, which stands for the token. */
  listenUnix(path: string): Promise<void>;
  /** Closes every connection, which cancels their queries, and waits for these to end. */
  close(): Promise<void>;
}

/** Makes the server; it listens nowhere yet. */
export function createServer(context: ServerContext): ApiServer {
  // One admission for all listeners, so that its bound is the bound.
  const admission = createQueryAdmission(context);
  const apps: App[] = [];

  async function addListener(transport: Transport): Promise<App["server"]> {
    const app = createApp(context, admission, transport);
    apps.push(app);
    await app.ready();
    return app.server;
  }

  return {
    listenTcp: async (address) => listenTcp(await addListener("tcp"), address),
    listenUnix: async (path) => listenUnix(await addListener("unix"), path),
    async close() {
      const closing = apps.map((app) => app.close());
      for (const app of apps) app.server.closeAllConnections();
      await Promise.all(closing);
      // Queries write to counters and logs that close after the server does.
      await admission.ended();
    },
  };
}

function createApp(context: ServerContext, admission: QueryAdmission, transport: Transport): App {
  const { limits } = context;
  const app: App = fastify({
    loggerInstance: context.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: 5000,
    forceCloseConnections: true,
    http: {
      headersTimeout: limits.headersTimeoutMs,
      maxHeaderSize: limits.headerBytes,
      // Node looks for late requests every 30 s unless told: too seldom against slowloris.
      connectionsCheckingInterval: 1000,
    },
    clientErrorHandler: (error, socket) => answerBrokenRequest(context, error, socket),
    // What a client sends is taken as it is or refused, never bent into shape.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.removeContentTypeParser("text/plain");
  boundConnections(app, context);
  guardRequests(app, context, transport);
  answerProblems(app, context);
  const seen = context.counter({ stage: "serve", name: "http", metric: "seen" });
  app.addHook("onRequest", async () => seen.add());
  describeApi(app, context.version);
  // Once swagger is there: it sees only routes that come after it.
  app.after(() => {
    for (const group of allRoutes) group.register(app, { context, admission, transport });
  });
  return app;
}

function describeApi(app: App, version: string): void {
  app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "auditql", description: "Ad-hoc SQL over the tables of a host.", version },
      components: { securitySchemes: { token: { type: "http", scheme: "bearer" } } },
      security: [{ token: [] }],
    },
  });
}

function boundConnections(app: App, context: ServerContext): void {
  app.server.maxConnections = context.limits.connections;
  app.server.on("drop", () => countRefusal(context, "connections_full"));
}
