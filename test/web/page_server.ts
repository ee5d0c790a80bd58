import type { TestContext } from "node:test";
import { after } from "node:test";
import type { CaptureFacts } from "../../src/daemon/describe_capture.js";
import type { Engine } from "../../src/native/engine.js";
import { type RunningServer, startTestServer } from "../serve/running_server.js";
import { captureState } from "../serve/sample_capture.js";
import { PoolFixture } from "../sql/pool_fixture.js";

export interface PageServer {
  readonly server: RunningServer;
  readonly engine: Engine;
  /** What the daemon says of its capture from now on. */
  readonly showCapture: (facts: Partial<CaptureFacts>) => void;
  /** URL that signs in once. */
  readonly signInUrl: () => string;
}

let shared: PoolFixture | null = null;
after(() => shared?.close());

/** The server with a real event store, and the page that it serves. */
export async function startPageServer(t: TestContext): Promise<PageServer> {
  shared ??= new PoolFixture();
  const { engine, pool } = shared;
  let capture = captureState();
  const server = await startTestServer(t, {
    capture: () => capture,
    runner: pool,
    health: () => engine.health(),
    eventBounds: (table) => engine.bounds(table),
    configText: JSON.stringify({
      auditql: { log: { loggers: { filesystem: { options: { token: "hunter2" } } } } },
      schedule: { users: { query: "select 1", interval: 60 } },
    }),
    schedule: () => [
      {
        name: "executions",
        pack: "processes",
        sql: "select path from process_events",
        description: "What was executed.",
        intervalSeconds: 60,
        cron: null,
        nextRunAt: new Date().toISOString(),
        executions: 3,
        wallMs: 12,
        outputBytes: 400,
        denylisted: false,
        usage: { userMs: 10, systemMs: 2, memoryBytes: 1_000_000 },
        eventTables: ["process_events"],
        lastRun: {
          startedAt: new Date().toISOString(),
          rows: 3,
          elapsedMs: 4,
          error: "no such column: pth",
          usage: { userMs: 3, systemMs: 1, memoryBytes: 1_000_000 },
        },
      },
    ],
  });
  const { sessions } = server.context;
  return {
    server,
    engine,
    showCapture: (facts) => {
      capture = captureState(facts);
    },
    signInUrl: () => `${server.url}/#sign-in=${sessions.createLink().code}`,
  };
}
