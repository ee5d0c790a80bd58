import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { DaemonHome, DaemonProcess } from "../live/daemon_process.js";

/** A whole daemon that captures nothing, so that it needs no rights. */
const quiet = (home: DaemonHome, http: object = { port: 0 }) => ({
  config: { auditql: { state_path: home.statePath, http, capture: { backend: "none" } } },
});

let home: DaemonHome;
let daemon: DaemonProcess | null = null;

/** A new directory for each test of the enclosing suite, and an end to its daemon. */
function homePerTest(): void {
  beforeEach(() => {
    home = new DaemonHome();
  });
  afterEach(async () => {
    await daemon?.kill();
    daemon = null;
    home.remove();
  });
}

describe("a daemon without capture", () => {
  homePerTest();

  test("answers state tables over its socket and over TCP with its token, and ends with 0", async () => {
    daemon = await DaemonProcess.start(home, quiet(home));
    assert.equal(await daemon.number("select count(*) > 0 from processes"), 1);
    const port = /port (\d+)/.exec(daemon.stderr)?.[1];
    const tokenPath = join(home.statePath, "token");
    assert.equal(statSync(tokenPath).mode & 0o777, 0o600);
    const ask = (token: string | null) =>
      fetch(`http://127.0.0.1:${port}/v1/query`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify({ sql: "select 41 + 1 as answer" }),
      });
    const answered = await ask(readFileSync(tokenPath, "utf8").trim());
    assert.equal(answered.status, 200);
    assert.match(await answered.text(), /"answer":42/);
    const refused = await ask("wrong-wrong-wrong-wrong");
    assert.equal(refused.status, 401);
    assert.match(await refused.text(), /token_wrong/);
    assert.match(await (await ask(null)).text(), /token_missing/);
    assert.equal(await daemon.stop(), 0);
  });
});

describe("osquery's tables of a daemon without capture", () => {
  homePerTest();

  test("osquery's tables tell of queries, packs and the host as soon as it is ready", async () => {
    const { config } = quiet(home);
    const schedule = { uptime: { query: "select * from uptime; select 2", interval: 60 } };
    const packs = { p: { queries: {} }, other: { platform: "windows", queries: {} } };
    daemon = await DaemonProcess.start(home, { config: { ...config, schedule, packs } });
    assert.deepEqual(await daemon.query("select name, active from osquery_packs"), [
      { name: "main", active: 1 },
      { name: "p", active: 1 },
      { name: "other", active: 0 },
    ]);
    assert.deepEqual(await daemon.query("select name from osquery_schedule"), [{ name: "uptime" }]);
    const sql = "select length(uuid) > 0 and length(instance_id) = 36 as x from osquery_info";
    assert.equal(await daemon.number(sql), 1);
  });

  test("its own tables are right at the time of each query, whatever is due", async () => {
    const { config } = quiet(home);
    const schedule = { hourly: { query: "select 1 as a", interval: 3600, startup_priority: 1 } };
    const packs = {
      p: {
        discovery: ["select 1 from osquery_info where version >= '5.16' collate version"],
        queries: {},
      },
      none: { discovery: ["select 1 from users where uid = -5"], queries: {} },
    };
    const views = { mine: "select name, executions from osquery_schedule" };
    daemon = await DaemonProcess.start(home, { config: { ...config, schedule, packs, views } });
    const executed = await daemon.rowsOnce(
      "select name from osquery_schedule where executions = 1",
      1,
    );
    assert.deepEqual(executed, [{ name: "hourly" }]);
    // Looked up through a view whose own text does not name the table.
    assert.deepEqual(await daemon.query("select * from mine"), [{ name: "hourly", executions: 1 }]);
    // What discovery finds is unknown until its queries have run.
    const known = "select name, active from osquery_packs where active is not null order by name";
    assert.deepEqual(await daemon.rowsOnce(known, 3), [
      { name: "main", active: 1 },
      { name: "none", active: 0 },
      { name: "p", active: 1 },
    ]);
  });

  test("servers that compare osquery's version choose what they ask of osquery 5.23", async () => {
    const { config } = quiet(home);
    const old = "select 1 from osquery_info where version_compare(version, '5.16.0') < 0";
    // As Fleet chooses between its two queries over python_packages.
    const recent = old.replace("< 0", ">= 0");
    const pack = (discovery: string, version: string) => ({
      discovery: [discovery],
      version,
      queries: {},
    });
    const packs = {
      old: pack(old, "1.4.5"),
      recent: pack(recent, "5.23.1"),
      future: pack(recent, "5.23.2"),
    };
    daemon = await DaemonProcess.start(home, { config: { ...config, packs } });
    const sql =
      "select name, active from osquery_packs where name <> 'main' and active is not null order by name";
    assert.deepEqual(await daemon.rowsOnce(sql, 3), [
      { name: "future", active: 0 },
      { name: "old", active: 0 },
      { name: "recent", active: 1 },
    ]);
    const own = await daemon.query("select version, auditql_version from osquery_info");
    const { version } = JSON.parse(readFileSync("package.json", "utf8"));
    assert.deepEqual(own, [{ version: "5.23.1", auditql_version: version }]);
    assert.equal(JSON.parse((await daemon.get("/v1/health")).body).version, version);
  });
});

describe("where a daemon without capture listens, and who signs in", () => {
  homePerTest();

  test("a service whose configuration names no address listens on its socket alone", async () => {
    daemon = await DaemonProcess.start(home, quiet(home, {}));
    const ports = await daemon.query(
      `select address, port from listening_ports where pid = ${daemon.pid} and family in (2, 10)`,
    );
    assert.deepEqual(ports, []);
    assert.doesNotMatch(daemon.stderr, /sign in|HTTP on 127/);
  });

  test("who starts it with npm start is told its address and a link that signs in once", async () => {
    const before = process.env["npm_lifecycle_event"];
    process.env["npm_lifecycle_event"] = "start";
    try {
      daemon = await DaemonProcess.start(home, quiet(home));
    } finally {
      if (before === undefined) delete process.env["npm_lifecycle_event"];
      else process.env["npm_lifecycle_event"] = before;
    }
    const link = /(http:\/\/127\.0\.0\.1:\d+)\/#sign-in=(\S+)/.exec(daemon.stderr);
    const redeem = () =>
      fetch(`${link?.[1]}/v1/session`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ code: link?.[2] }),
      });
    assert.equal((await redeem()).status, 200);
    assert.equal((await redeem()).status, 401);
  });

  test("a link opens for ten minutes, a session for twelve hours and until the daemon ends", async () => {
    daemon = await DaemonProcess.start(home, quiet(home));
    const urlOf = ({ stderr }: DaemonProcess) =>
      `http://127.0.0.1:${/port (\d+)/.exec(stderr)?.[1]}`;
    const minute = 60_000;
    /** Both clocks are this host's: what was made between two times ends so much after them. */
    const lastsFor = async <T extends { expiresAt: string }>(
      ms: number,
      make: () => Promise<T>,
    ) => {
      const earliest = Date.now() + ms;
      const made = await make();
      const end = Date.parse(made.expiresAt);
      assert.ok(end >= earliest && end <= Date.now() + ms, made.expiresAt);
      return made;
    };
    const { path } = await lastsFor(10 * minute, async () => {
      const answer = await daemon?.send("POST", "/v1/session/links", {});
      const link: { path: string; expiresAt: string } = JSON.parse(answer?.body ?? "");
      return link;
    });
    let cookie = "";
    const origin = urlOf(daemon);
    const { key } = await lastsFor(12 * 60 * minute, async () => {
      const answer = await fetch(`${origin}/v1/session`, {
        method: "POST",
        headers: { "content-type": "application/json", origin },
        body: JSON.stringify({ code: path.replace("/#sign-in=", "") }),
      });
      cookie = answer.headers.get("set-cookie")?.split(";")[0] ?? "";
      const session: { key: string; expiresAt: string } = JSON.parse(await answer.text());
      return session;
    });
    const ask = (url: string) =>
      fetch(`${url}/v1/session`, {
        headers: { cookie, "auditql-session-key": key, origin: url },
      });
    assert.equal((await ask(origin)).status, 200);
    await daemon.stop();
    daemon = await DaemonProcess.start(home, quiet(home));
    assert.equal((await ask(urlOf(daemon))).status, 401);
  });
});

describe("files, refusals and reloads of a daemon without capture", () => {
  homePerTest();

  test("files and folders of the state are for their owner only", async () => {
    daemon = await DaemonProcess.start(home, quiet(home));
    for (const name of [".", "lock", "health", "auditql.sock", "token", "schedule.db"]) {
      const mode = statSync(join(home.statePath, name)).mode & 0o077;
      assert.equal(mode, 0, `${name} can be used by others`);
    }
  });

  test("wrong SQL and an unknown table are answered with their codes", async () => {
    daemon = await DaemonProcess.start(home, quiet(home));
    const wrong = await daemon.send("POST", "/v1/query", { sql: "selct 1" });
    assert.equal(wrong.status, 400);
    assert.match(
      wrong.body,
      /"code":"sql_error".*near \\"selct\\": syntax error|near \\"selct\\".*sql_error/s,
    );
    const unknown = await daemon.send("POST", "/v1/query", { sql: "select * from nosuch" });
    assert.match(unknown.body, /no such table: nosuch/);
    assert.equal(await daemon.number("select 1"), 1);
  });

  test("a broken configuration is refused with the file, line and what to do", async () => {
    daemon = DaemonProcess.launch(home, quiet(home, { port: "many" }));
    assert.equal(await daemon.ended(), 78);
    assert.match(daemon.stderr, /config_broken/);
    assert.match(daemon.stderr, /auditql\.conf:\d+:\d+: error: .*port/);
  });

  test("a port in use is refused with its code", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const address = other.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    daemon = DaemonProcess.launch(home, quiet(home, { port }));
    const status = await daemon.ended();
    other.close();
    assert.notEqual(status, 0);
    assert.match(daemon.stderr, /port_in_use/);
  });

  test("a second daemon on the same state directory is refused and the first goes on", async () => {
    daemon = await DaemonProcess.start(home, quiet(home));
    const second = DaemonProcess.launch(home, quiet(home));
    assert.equal(await second.ended(), 75);
    assert.match(second.stderr, /store_locked/);
    assert.equal(await daemon.number("select 1"), 1);
  });

  test("SIGHUP takes a changed schedule, and keeps the last good one when it is broken", async () => {
    daemon = await DaemonProcess.start(home, quiet(home));
    const path = join(home.path, "auditql.conf");
    const config = JSON.parse(readFileSync(path, "utf8"));
    config.schedule = { uptime: { query: "select * from uptime", interval: 60 } };
    writeFileSync(path, JSON.stringify(config));
    daemon.signal("SIGHUP");
    await until(async () => /"uptime"/.test((await daemon?.get("/v1/schedule"))?.body ?? ""));
    writeFileSync(path, "{ broken");
    daemon.signal("SIGHUP");
    await until(async () => /keeping the previous one/.test(daemon?.stderr ?? ""));
    assert.match((await daemon.get("/v1/schedule")).body, /"uptime"/);
  });
});

describe("limits and times of a daemon without capture", () => {
  homePerTest();

  test("SIGHUP takes changed limits of ad-hoc queries", async () => {
    daemon = await DaemonProcess.start(home, quiet(home));
    const changed = quiet(home);
    const limits = { adhoc: { max_rows: 3 } };
    const config = { auditql: { ...changed.config.auditql, limits } };
    writeFileSync(join(home.path, "auditql.conf"), JSON.stringify(config));
    daemon.signal("SIGHUP");
    const sql =
      "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n limit 5";
    const rows = async () => (await daemon?.send("POST", "/v1/query", { sql }))?.body ?? "";
    await until(async () => /"truncatedBy":"rows"/.test(await rows()));
  });

  test("times that are longer than any timer do not end at once", async () => {
    const { auditql } = quiet(home).config;
    const long = 1e12;
    const limit = { timeout_ms: long };
    daemon = await DaemonProcess.start(home, {
      config: {
        options: { config_refresh: long },
        schedule: { one: { query: "select 1", interval: 1 } },
        auditql: {
          ...auditql,
          http: { ...auditql.http, query_wait_ms: long },
          enrichment: { wait_ms: long },
          limits: { adhoc: limit, scheduled: limit },
          workers: { idle_seconds: long },
        },
      },
    });
    assert.equal(await daemon.number("select 1"), 1);
    const executions = `select value from auditql_health
      where stage = 'schedule' and name = 'one' and metric = 'executions'`;
    await until(async () => Number((await daemon?.query(executions))?.[0]?.["value"] ?? 0) > 0);
    assert.doesNotMatch(daemon.stderr, /TimeoutOverflowWarning/);
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1800; tries++) {
    if (await holds()) return;
    await sleep(50);
  }
  throw new Error(`it did not come true within 90 s: ${holds}`);
}
