import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { Server as SecureServer } from "node:tls";
import helmet from "@fastify/helmet";
import rateLimit from "@fastify/rate-limit";
import type { TypeBoxTypeProvider } from "@fastify/type-provider-typebox";
import fastify, { type FastifyError, LogController } from "fastify";
import { describeApi } from "./api_description.js";
import type { App } from "./app.js";
import type { Transport } from "./auth/caller.js";
import { answerBrokenRequest } from "./broken_request.js";
import { keepJsonText } from "./json_text.js";
import { boundConnections } from "./limits/bound_connections.js";
import { createQueryAdmission } from "./limits/query_admission.js";
import { createRateLimits } from "./limits/rate_limits.js";
import { createTailAdmission } from "./limits/tail_admission.js";
import { listenTcp, listenUnix, type TcpAddress, type UnixAddress } from "./listen.js";
import { answerFrameworkError, answerProblems } from "./problem_details.js";
import { guardRequests } from "./request_guard.js";
import { routedTarget } from "./request_target.js";
import { allRoutes } from "./routes/all.js";
import type { RouteScope } from "./routes/define_routes.js";
import { apiHeaders } from "./security_headers.js";
import type { ServerContext, TlsOptions } from "./server_context.js";
import { contextOptions, secureOptions } from "./tls.js";

/** The HTTP API. The same routes on each listener; only who may use them differs. */
export interface ApiServer {
  /** Listens on TCP, where every request needs a token. Answers with the port. */
  listenTcp(address: TcpAddress): Promise<number>;
  /** Listens on a unix socket, where the kernel says who asks. */
  listenUnix(address: UnixAddress): Promise<void>;
  /** Goes on with another certificate; connections that are open keep theirs. */
  replaceCertificate(tls: TlsOptions): void;
  /** Closes every connection, which cancels their queries, and waits for these to end. */
  close(): Promise<void>;
}

/** Makes the server; it listens nowhere yet. */
export function createServer(context: ServerContext): ApiServer {
  // One admission for all listeners, so that its bound is the bound.
  const admission = createQueryAdmission(context);
  const tails = createTailAdmission(context);
  const apps: App[] = [];

  async function addListener(transport: Transport): Promise<App["server"]> {
    const app = await createApp(context, { admission, tails, transport });
    apps.push(app);
    await app.ready();
    return app.server;
  }

  return {
    listenTcp: async (address) => listenTcp(await addListener("tcp"), address),
    listenUnix: async (address) => listenUnix(await addListener("unix"), address),
    replaceCertificate(tls) {
      for (const { server } of apps) {
        if (server instanceof SecureServer) server.setSecureContext(contextOptions(tls));
      }
    },
    async close() {
      admission.close();
      const closing = apps.map((app) => app.close());
      for (const app of apps) app.server.closeAllConnections();
      await Promise.all(closing);
      // Queries write to counters and logs that close after the server does.
      await admission.ended();
    },
  };
}

/** What all listeners have in common, and which one it is. */
type ListenerScope = Omit<RouteScope, "context" | "rateLimits">;

async function createApp(context: ServerContext, scope: ListenerScope): Promise<App> {
  const { transport } = scope;
  const app = makeFastify(context, transport === "tcp" ? context.tls : null);
  // Beyond 2000 headers Node drops the others without a word; their bytes are bounded.
  app.server.maxHeadersCount = 0;
  // Node would answer 417 by itself. What is expected may be ignored (RFC 9110, section 10.1.1).
  app.server.on("checkExpectation", (request, response) => app.routing(request, response));
  app.removeContentTypeParser("text/plain");
  keepJsonText(app);
  boundConnections(app, context, transport);
  answerProblems(app, context);
  // Before the guard, so that refusals carry the headers too.
  await app.register(helmet, apiHeaders);
  await app.register(rateLimit, { global: false });
  const rateLimits = createRateLimits(app, context);
  guardRequests(app, context, { transport, rateLimits });
  const seen = context.counter({ stage: "serve", name: "http", metric: "seen" });
  app.addHook("onRequest", async () => seen.add());
  // Before the routes: it describes only those that come after it.
  await describeApi(app, context.version);
  for (const group of allRoutes) group.register(app, { context, rateLimits, ...scope });
  return app;
}

function makeFastify(context: ServerContext, tls: TlsOptions | null): App {
  const { limits } = context;
  const http = {
    headersTimeout: limits.headersTimeoutMs,
    maxHeaderSize: limits.headerBytes,
    // Node looks for late requests every 30 s unless told: too seldom against slowloris. Each look
    // wakes a process that may have nothing else to do.
    connectionsCheckingInterval: 5000,
    // The guard refuses it, with a body and all headers.
    requireHostHeader: false,
  };
  const options = {
    loggerInstance: context.logger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: 5000,
    forceCloseConnections: true,
    clientErrorHandler: (error: NodeJS.ErrnoException, socket: Socket) =>
      answerBrokenRequest(context, error, socket),
    frameworkErrors: (
      error: FastifyError,
      _request: unknown,
      reply: { readonly raw: ServerResponse },
    ) => answerFrameworkError(context, error, reply.raw),
    rewriteUrl: ({ url }: IncomingMessage) => routedTarget(url ?? ""),
    // Routes bound their parameters, and say so.
    routerOptions: { maxParamLength: limits.headerBytes },
    // What a client sends is taken as it is or refused, never bent into shape.
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false, useDefaults: false } },
  } as const;
  // The types of fastify tell the two kinds of server apart; the routes need not.
  const app: unknown =
    tls === null
      ? fastify({ ...options, http })
      : fastify({ ...options, https: { ...http, ...secureOptions(tls, limits) } });
  return (app as App).withTypeProvider<TypeBoxTypeProvider>();
}
