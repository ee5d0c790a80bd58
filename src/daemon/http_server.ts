import type { Logger } from "pino";
import type { Config } from "../config/config.js";
import type { Addon } from "../native/addon.js";
import type { CaptureState } from "../native/capture_state.js";
import type { Engine } from "../native/engine.js";
import type { Schedule } from "../schedule/schedule.js";
import { Sessions } from "../serve/auth/sessions.js";
import { SocketPeers } from "../serve/auth/socket_peers.js";
import { openTokenFile } from "../serve/auth/token.js";
import { anyOf } from "../serve/auth/token_holder.js";
import { openTokenList } from "../serve/auth/token_list.js";
import { signInPath } from "../serve/routes/session.js";
import { type ApiServer, createServer } from "../serve/server.js";
import { defaultServerLimits, type Readiness } from "../serve/server_context.js";
import { readTlsFiles } from "../serve/tls.js";
import type { WorkerPool } from "../sql/worker_pool.js";
import { tableSchemas } from "../tables/generated/table_schemas.js";
import { readSocketAccess, type SocketAccess } from "./socket_access.js";

export interface HttpParts {
  readonly version: string;
  readonly config: () => Config;
  readonly addon: Addon;
  readonly engine: Engine;
  readonly runner: WorkerPool;
  readonly schedule: Schedule;
  readonly readiness: () => Readiness;
  readonly capture: () => CaptureState;
  readonly logger: Logger;
  /** Someone waits for an address to open in a browser. */
  readonly isAttended: boolean;
}

/** The server of the daemon, on all its addresses. */
export interface HttpServer {
  /** Listens; answers with the URL of the TCP listener, null where only the socket is served. */
  listen(): Promise<string | null>;
  /** Reads tokens and certificates again. */
  reload(): void;
  /** URL that signs one browser in, once and within ten minutes. */
  signInUrl(baseUrl: string): string;
  close(): Promise<void>;
}

const hourMs = 3_600_000;
const sessionLimits = { maxSessions: 64, sessionMs: 12 * hourMs, linkMs: hourMs / 6 };

/** Makes the server from the configuration; it listens nowhere yet. */
export function openHttpServer(parts: HttpParts): HttpServer {
  const { http, workers } = parts.config();
  const { engine, logger } = parts;
  const token = openTokenFile(http.tokenPath);
  const list = openTokenList({
    path: http.tokensPath,
    onBroken: (error) => logger.error(error.message),
  });
  const sessions = new Sessions({ now: Date.now, ...sessionLimits });
  const socketAccess = readSocketAccess(http, parts.addon);
  const server = createServer({
    version: parts.version,
    runner: parts.runner,
    tables: Object.values(tableSchemas),
    schedule: () => parts.schedule.describe(),
    health: () => engine.health(),
    readiness: parts.readiness,
    capture: parts.capture,
    counter: (key) => engine.counter(key),
    config: parts.config,
    eventBounds: (table) => engine.bounds(table),
    tokens: anyOf([token, list]),
    sessions,
    socketPeers: new SocketPeers({
      credentialsOf: (fd) => parts.addon.peerCredentials(fd),
      readers: socketAccess.readers,
    }),
    tls: http.tls === undefined ? null : readTlsFiles(http.tls),
    limits: {
      ...defaultServerLimits,
      // A reload changes them, unlike the others.
      get query() {
        return parts.config().adhocLimits;
      },
      concurrentQueries: workers.adhoc,
      waitingQueries: http.waitingQueries,
      queryWaitMs: http.queryWaitMs,
    },
    allowedHosts: http.allowedHosts,
    logger,
  });
  return {
    listen: () => listen(server, parts, socketAccess),
    reload() {
      token.reload();
      if (http.tls !== undefined) server.replaceCertificate(readTlsFiles(http.tls));
    },
    signInUrl: (baseUrl) => baseUrl + signInPath(sessions.createLink().code),
    close: () => server.close(),
  };
}

async function listen(
  server: ApiServer,
  parts: HttpParts,
  { gid }: SocketAccess,
): Promise<string | null> {
  const { logger, isAttended } = parts;
  const { http } = parts.config();
  await server.listenUnix({ path: http.socketPath, gid });
  logger.info(`HTTP on ${http.socketPath}`);
  if (!http.isTcpAsked && !isAttended) return null;
  const isRemoteAllowed = http.allowedHosts.length > 0;
  const port = await server.listenTcp({ host: http.host, port: http.port, isRemoteAllowed });
  logger.info(`HTTP on ${http.host} port ${port} (token in ${http.tokenPath})`);
  const scheme = http.tls === undefined ? "http" : "https";
  // The unspecified addresses are no names that a browser could use.
  const name = ["0.0.0.0", "::"].includes(http.host) ? "localhost" : http.host;
  return `${scheme}://${name.includes(":") ? `[${name}]` : name}:${port}`;
}
