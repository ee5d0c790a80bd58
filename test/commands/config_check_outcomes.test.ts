import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../config/temporary_folder.js";
import { skip } from "../sql/pool_fixture.js";
import { runAuditql } from "./command_run.js";

/** What the daemon makes of a configuration. */
type Outcome = "refuses" | "skips" | "warns";

interface Row {
  readonly auditql?: Readonly<Record<string, unknown>>;
  readonly rest?: object;
  readonly flags?: readonly string[];
  readonly outcome: Outcome;
  /** What the check says, and what the daemon says of what it refuses. */
  readonly says: RegExp;
}

const filter = (where: string) => ({ log: { loggers: { filesystem: { filter: { where } } } } });
const capture = (settings: object) => ({ capture: { backend: "none", ...settings } });
const options = (settings: object) => ({ log: { loggers: { http: { options: settings } } } });
const withHttp = ["--logger_plugin=filesystem,http"];

const rows: Readonly<Record<string, Row>> = {
  "logger condition": {
    auditql: filter("1; drop"),
    outcome: "refuses",
    says: /filter\.where is not an SQL condition/,
  },
  "query as a condition": {
    auditql: filter("exists (select 1)"),
    outcome: "refuses",
    says: /cannot contain a subquery/,
  },
  "missing logger": {
    flags: ["--logger_plugin=files"],
    outcome: "refuses",
    says: /unknown logger "files"/,
  },
  "missing logger module": {
    auditql: { log: { loggers: { mine: { module: "/nonexistent/mine.mjs" } } } },
    flags: ["--logger_plugin=mine"],
    outcome: "refuses",
    says: /cannot open logger "mine"/,
  },
  "logger option of the wrong type": {
    auditql: options({ url: "http://x", gzip: "maybe" }),
    flags: withHttp,
    outcome: "refuses",
    says: /options\.gzip must be boolean/,
  },
  "unknown logger option": {
    auditql: options({ url: "http://x", hedaers: {} }),
    flags: withHttp,
    outcome: "refuses",
    says: /unknown key "hedaers".*Did you mean "headers"\?/,
  },
  "logger without a needed option": {
    auditql: options({}),
    flags: withHttp,
    outcome: "refuses",
    says: /options must have required properties url/,
  },
  "address of other hosts": {
    auditql: { http: { host: "0.0.0.0", port: 0 } },
    outcome: "refuses",
    says: /0\.0\.0\.0 is not a loopback address/,
  },
  "certificate that is missing": {
    auditql: {
      http: { port: 0, tls: { certificate_path: "/nonexistent/c", key_path: "/nonexistent/k" } },
    },
    outcome: "refuses",
    says: /\/nonexistent\/c/,
  },
  "socket path of 200 bytes": {
    auditql: { http: { socket_path: `/${"x".repeat(199)}` } },
    outcome: "refuses",
    says: /has 200 bytes/,
  },
  "audit rule": {
    auditql: capture({ rules: ["-a nonsense"] }),
    outcome: "refuses",
    says: /rules\.0: .*nonsense/,
  },
  "deletion of all rules": {
    auditql: capture({ rules: ["-w /bin/su -p x", "-D"] }),
    outcome: "refuses",
    says: /rules\.1: .*-D/,
  },
  "rule for a call that no table has": {
    auditql: capture({ rules: ["-a always,exit -F arch=b64 -S connect,memfd_create -k m"] }),
    outcome: "refuses",
    says: /rules\.0: .*-S connect,memfd_create -k m.*no event table records memfd_create/,
  },
  "rule for every call": {
    auditql: capture({ rules: ["-a exit,always -S all -F uid=1000"] }),
    outcome: "refuses",
    says: /rules\.0: .*no event table records .*other calls/,
  },
  "watch without process_file_events": {
    auditql: capture({ rules: ["-w /etc/passwd -p wa"] }),
    outcome: "refuses",
    says: /rules\.0: .*audit_allow_fim_events/,
  },
  "exclusion line that records": {
    auditql: capture({ exclude: ["-a always,exit -F arch=b64 -S connect"] }),
    outcome: "refuses",
    says: /exclude\.0: .*records calls\. Write never/,
  },
  "locking of rules": {
    auditql: capture({ rules: ["-e 2"] }),
    outcome: "refuses",
    says: /rules\.0: .*-e 2/,
  },
  "panic on loss": {
    auditql: capture({ rules: ["-f 2"] }),
    outcome: "refuses",
    says: /rules\.0: .*-f 2/,
  },
  "exclusion line": {
    auditql: capture({ exclude: [{ uid: 1 }, "-a x"] }),
    outcome: "refuses",
    says: /exclude\.1: /,
  },
  "exclusion of an unknown call": {
    auditql: capture({ exclude: ["-a never,exit -S all -F uid=1", { syscalls: ["exce"] }] }),
    outcome: "refuses",
    says: /exclude\.1: .*exce/,
  },
  "bounds of no table": {
    auditql: { tables: { proces_events: { events_max: 5 } } },
    outcome: "refuses",
    says: /tables\.proces_events.*Did you mean "process_events"\?/,
  },
  "bounds of a state table": {
    auditql: { tables: { users: { events_max: 5 } } },
    outcome: "refuses",
    says: /users does not store events/,
  },
  "result of no bytes": {
    auditql: { limits: { adhoc: { max_bytes: 1 } } },
    outcome: "refuses",
    says: /max_bytes must be >= 4096/,
  },
  "no time": {
    auditql: { limits: { scheduled: { timeout_ms: 1 } } },
    outcome: "refuses",
    says: /timeout_ms must be >= 100/,
  },
  "no memory": {
    auditql: { limits: { scheduled: { max_memory_bytes: 1 } } },
    outcome: "refuses",
    says: /max_memory_bytes must be >= /,
  },
  "store without room": {
    auditql: { store: "memory", store_max_bytes: 1 },
    outcome: "refuses",
    says: /store_max_bytes must be >= /,
  },
  "cron of four fields": {
    rest: { schedule: { c: { query: "select 1", cron: "* * * *" } } },
    outcome: "skips",
    says: /it has 4 fields/,
  },
  "empty cron": {
    rest: { schedule: { c: { query: "select 1", cron: "" } } },
    outcome: "skips",
    says: /it has 0 fields/,
  },
  "YARA file that is missing": {
    rest: {
      file_paths: { a: ["/nonexistent/%"] },
      yara: { signatures: { g: ["/nonexistent/g.yar"] }, file_paths: { a: ["g"] } },
    },
    flags: ["--enable_file_events"],
    outcome: "skips",
    says: /g\.yar cannot be read/,
  },
  "YARA category that is missing": {
    rest: {
      file_paths: { homes: ["/nonexistent/%"] },
      yara: { signatures: { g: [] }, file_paths: { home: ["g"] } },
    },
    flags: ["--enable_file_events"],
    outcome: "skips",
    says: /unknown category of file_paths: "home"\. Did you mean "homes"\?/,
  },
  "URL of a logger": {
    auditql: options({ url: "http://[" }),
    flags: withHttp,
    outcome: "skips",
    says: /"http:\/\/\[" is not a URL/,
  },
  "cron and interval": {
    rest: { schedule: { c: { query: "select 1", cron: "@daily", interval: 5 } } },
    outcome: "warns",
    says: /interval has no effect together with cron/,
  },
  "logger that is not used": {
    auditql: options({ url: "http://x" }),
    outcome: "warns",
    says: /loggers\.http has no effect: logger_plugin does not name http/,
  },
  "filter that passes nothing": {
    auditql: { log: { loggers: { filesystem: { filter: { queries: ["nope*"] } } } } },
    outcome: "warns",
    says: /"nope\*" matches none of the queries/,
  },
  "user that is not there": {
    auditql: { http: { socket_users: ["no-such-user"], socket_group: "no-such-group" } },
    outcome: "warns",
    says: /unknown user: no-such-user/,
  },
  "disabled table that is not there": {
    flags: ["--disable_tables=proceses"],
    outcome: "warns",
    says: /unknown table proceses/,
  },
};

/** Starts a daemon, ends it once it is ready, and tells how it ended. */
async function daemonOutcome(
  args: readonly string[],
  socketPath: string,
): Promise<{ status: number | null; said: string }> {
  const child = spawn(process.execPath, ["dist/src/main.js", "daemon", ...args], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.on("data", (data: Buffer) => {
    const wasReady = / is ready/.test(said);
    said += data.toString();
    // An answer comes only after it has begun to listen to signals.
    if (!wasReady && / is ready/.test(said)) {
      get({ socketPath, path: "/readyz" }, (answer) => {
        answer.resume();
        child.kill("SIGTERM");
      });
    }
  });
  await once(child, "close");
  return { status: child.exitCode, said };
}

for (const [name, { auditql = {}, rest = {}, flags = [], outcome, says }] of Object.entries(rows)) {
  test(`the check says what the daemon makes of it: ${name}`, { skip }, async (t) => {
    const folder = temporaryFolder(t);
    const path = join(folder, "auditql.conf");
    const settings = {
      state_path: join(folder, "state"),
      capture: { backend: "none" },
      ...auditql,
    };
    writeFileSync(path, JSON.stringify({ auditql: settings, ...rest }));
    const args = [`--config_path=${path}`, `--logger_path=${join(folder, "log")}`, ...flags];
    const checked = await runAuditql(["config", "check", ...args]);
    const output = `${checked.stdout}${checked.stderr}`;
    assert.equal(checked.status, outcome === "warns" ? 0 : 78, output);
    const line = output.split("\n").find((each) => says.test(each)) ?? output;
    assert.match(line, outcome === "warns" ? /warning: / : /error: /);
    assert.match(output, outcome === "refuses" ? /is invalid/ : /usable|the daemon starts without/);
    // A check leaves nothing behind.
    assert.equal(existsSync(join(folder, "state")), false);
    const { status, said } = await daemonOutcome(args, join(folder, "state", "auditql.sock"));
    if (outcome !== "refuses") assert.equal(status, 0, said);
    else assert.notEqual(status, 0, said);
    assert.match(said, says);
  });
}
