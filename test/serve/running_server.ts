import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext } from "node:test";
import { pino } from "pino";
import { loadConfig } from "../../src/config/load_config.js";
import { loadAddon } from "../../src/native/addon.js";
import { Sessions } from "../../src/serve/auth/sessions.js";
import { SocketPeers } from "../../src/serve/auth/socket_peers.js";
import { openTokenFile, readToken } from "../../src/serve/auth/token.js";
import { type ApiServer, createServer } from "../../src/serve/server.js";
import {
  defaultServerLimits,
  type ServerContext,
  type ServerLimits,
} from "../../src/serve/server_context.js";
import type { QueryRunner } from "../../src/sql/query.js";
import { tableSchemas } from "../../src/tables/generated/table_schemas.js";
import { PoolFixture } from "../sql/pool_fixture.js";
import { captureState } from "./sample_capture.js";

export interface RunningServer {
  readonly port: number;
  /** Where its socket and token are; removed after the test. */
  readonly directory: string;
  readonly url: string;
  readonly socketPath: string;
  readonly tokenPath: string;
  readonly token: string;
  readonly context: ServerContext;
  readonly api: ApiServer;
  /** Value of a counter of stage `serve`, 0 when never counted. */
  count(name: string, metric: string, reason?: string): number;
  /** Log lines so far. */
  readonly log: readonly Record<string, unknown>[];
  post(body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>;
}

/** Query workers take a second to start: the tests of a file share theirs. */
let shared: PoolFixture | null = null;

/** The workers that servers take unless a test gives others. */
export function sharedRunner(): QueryRunner {
  shared ??= new PoolFixture();
  return shared.pool;
}

after(() => shared?.close());

/** A server on a free loopback port and a unix socket, closed after the test. */
export async function startTestServer(
  test: TestContext,
  overrides: Partial<ServerContext> & {
    readonly limitOverrides?: Partial<ServerLimits>;
    readonly configText?: string;
  } = {},
): Promise<RunningServer> {
  const { limitOverrides, configText = "{}", ...given } = overrides;
  const directory = mkdtempSync(join(tmpdir(), "auditql-serve-"));
  const tokenPath = join(directory, "token");
  const socketPath = join(directory, "auditql.sock");
  const configPath = join(directory, "auditql.conf");
  writeFileSync(configPath, configText);
  const { config } = loadConfig({ args: [`--config_path=${configPath}`] });
  assert.ok(config !== null);
  const counters = new Map<string, number>();
  const log: Record<string, unknown>[] = [];
  const context: ServerContext = {
    version: "0.0.0-test",
    runner: sharedRunner(),
    tables: Object.values(tableSchemas),
    schedule: () => [],
    health: () => [],
    readiness: () => ({ ready: true, reasons: [] }),
    capture: () => captureState(),
    counter: (key) => mapCounter(counters, `${key.name} ${key.metric} ${key.reason ?? ""}`),
    config: () => config,
    eventBounds: () => ({ firstEid: 1, nextEid: 1 }),
    tokens: openTokenFile(tokenPath),
    sessions: new Sessions({
      now: Date.now,
      maxSessions: 8,
      // Longer than the slowest test takes.
      sessionMs: 3_600_000,
      linkMs: 3_600_000,
    }),
    socketPeers: new SocketPeers({
      credentialsOf: (fd) => loadAddon().peerCredentials(fd),
      readers: new Set(),
    }),
    tls: null,
    limits: { ...defaultServerLimits, ...limitOverrides },
    allowedHosts: ["auditql.example"],
    logger: pino({ level: "info" }, { write: (line: string) => void log.push(JSON.parse(line)) }),
    ...given,
  };
  const server = createServer(context);
  const port = await server.listenTcp({ host: "127.0.0.1", port: 0, isRemoteAllowed: false });
  await server.listenUnix({ path: socketPath, gid: null });
  test.after(async () => {
    await server.close();
    rmSync(directory, { recursive: true });
  });
  const token = readToken(tokenPath);
  const url = `http://127.0.0.1:${port}`;
  const authorization = { authorization: `Bearer ${token}` };
  return {
    port,
    directory,
    url,
    socketPath,
    tokenPath,
    token,
    context,
    api: server,
    log,
    count: (name, metric, reason = "") => counters.get(`${name} ${metric} ${reason}`) ?? 0,
    post: (body, headers = {}) =>
      fetch(`${url}/v1/query`, {
        method: "POST",
        headers: { "content-type": "application/json", ...authorization, ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    get: (path, headers = {}) => fetch(url + path, { headers: { ...authorization, ...headers } }),
  };
}

interface Route {
  readonly method: string;
  readonly path: string;
}

/** Every route that the server describes. */
export async function routesOf(server: RunningServer): Promise<readonly Route[]> {
  const { paths }: { paths: Readonly<Record<string, object>> } = JSON.parse(
    await (await server.get("/v1/openapi.json")).text(),
  );
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
  );
}

function mapCounter(counters: Map<string, number>, key: string) {
  const get = () => counters.get(key) ?? 0;
  return {
    get,
    set: (value: number) => void counters.set(key, value),
    add: (n = 1) => void counters.set(key, get() + n),
  };
}
