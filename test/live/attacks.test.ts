import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { describe, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { eventually } from "./eventually.js";
import { hostPerTest, type LiveHost, skipReason } from "./live_host.js";
import { isCertain, kernelLost } from "./tested_backend.js";
import { runProcesses } from "./workload.js";

const skip = skipReason("attacks beside a live capture");

/** The daemon as an attacker on the same host reaches it. */
interface Target {
  readonly port: number;
  /** Only to show that even who has it cannot do more. */
  readonly token: string;
}

async function startTarget(host: LiveHost): Promise<Target> {
  const daemon = await host.start();
  const port = Number(/HTTP on 127\.0\.0\.1 port (\d+)/.exec(daemon.stderr)?.[1]);
  return { port, token: readFileSync(join(host.home.statePath, "token"), "utf8").trim() };
}

function open(port: number): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  return socket;
}

/** Sends bytes as they are; answers with all that came back until the server closed. */
async function sendRaw({ port }: Target, ...parts: readonly (string | Buffer)[]): Promise<string> {
  const socket = open(port);
  let text = "";
  socket.on("data", (chunk) => {
    text += chunk;
  });
  // A reset is an end like another: what came before counts.
  const closed = new Promise((resolve) => socket.once("close", resolve));
  for (const part of parts) socket.write(part);
  await closed;
  return text;
}

function ask(target: Target, path: string, headers: readonly string[]): Promise<string> {
  const lines = [`GET ${path} HTTP/1.1`, ...headers, "Connection: close", "", ""];
  return sendRaw(target, lines.join("\r\n"));
}

const bearer = (token: string) => `Authorization: Bearer ${token}`;
const ownHost = "Host: 127.0.0.1";

/** Guesses until the limit on failures answers, which leaves the valid token alone. */
async function guessTokens(target: Target): Promise<void> {
  assert.match(await ask(target, "/v1/tables", [ownHost]), /"code":"token_missing"/);
  for (let code = ""; code !== "too_many_requests"; ) {
    for (const guess of ["A".repeat(43), `${target.token.slice(0, -1)}_`]) {
      const answer = await ask(target, "/v1/tables", [ownHost, bearer(guess)]);
      code = /"code":"(token_wrong|too_many_requests)"/.exec(answer)?.[1] ?? "";
      assert.notEqual(code, "", answer);
    }
  }
  assert.match(await ask(target, "/v1/session", [ownHost, bearer(target.token)]), /^HTTP\/1.1 200/);
}

async function comeFromElsewhere(target: Target): Promise<void> {
  const rebound = await ask(target, "/v1/tables", ["Host: evil.example", bearer(target.token)]);
  assert.match(rebound, /"code":"host_refused"/);
  const origin = [ownHost, "Origin: https://evil.example", bearer(target.token)];
  assert.match(await ask(target, "/v1/tables", origin), /"code":"origin_refused"/);
  const form = `POST /v1/query HTTP/1.1\r\n${ownHost}\r\n${bearer(target.token)}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 12\r\nConnection: close\r\n\r\nsql=select+1`;
  assert.match(await sendRaw(target, form), /"code":"content_type_refused"/);
}

async function sendBombs(target: Target): Promise<void> {
  const head = `POST /v1/query HTTP/1.1\r\n${ownHost}\r\n${bearer(target.token)}\r\nContent-Type: application/json\r\n`;
  const declared = await sendRaw(target, `${head}Content-Length: 10000000000\r\n\r\n`);
  assert.match(declared, /"code":"body_too_large"/);
  const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
  const chunks = Array.from({ length: 64 }, () => chunk);
  // Who closes on a client that still sends resets the connection, and the answer may go with it.
  const chunked = await sendRaw(target, `${head}Transfer-Encoding: chunked\r\n\r\n`, ...chunks);
  assert.doesNotMatch(chunked, /^HTTP\/1\.1 2/);
  const headers = await ask(target, "/", [ownHost, `X-Bomb: ${"x".repeat(60_000)}`]);
  assert.doesNotMatch(headers, /^HTTP\/1\.1 2/);
}

/** Each connection sends a byte a second, and never the end of its headers. */
async function crawl(target: Target): Promise<void> {
  const crawlers = Array.from({ length: 100 }, async () => {
    const socket = open(target.port);
    let answer = "";
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.write(`GET / HTTP/1.1\r\n${ownHost}\r\nX-Slow: `);
    const drip = setInterval(() => socket.write("x"), 1000);
    await new Promise((resolve) => socket.once("close", resolve));
    clearInterval(drip);
    return answer;
  });
  const answers = await Promise.all(crawlers);
  assert.ok(answers.every((answer) => !answer.startsWith("HTTP/1.1 2")));
  assert.ok(answers.some((answer) => answer.includes('"code":"request_timeout"')));
}

async function climb(target: Target): Promise<void> {
  for (const path of [
    "/../../etc/passwd",
    "/page/../token",
    "/page/%2e%2e/token",
    "//etc/passwd",
  ]) {
    const answer = await ask(target, path, [ownHost, bearer(target.token)]);
    assert.match(answer, /"code":"route_missing"/, path);
  }
}

async function reachOutOfSql(host: LiveHost): Promise<void> {
  for (const sql of [
    "attach '/etc/shadow' as x",
    "select readfile('/etc/shadow')",
    "select load_extension('/tmp/x.so')",
    "vacuum into '/tmp/auditql-attack'",
    "select 1; delete from process_events",
    "pragma writable_schema = 1",
  ]) {
    const answer = await host.daemon.send("POST", "/v1/query", { sql });
    assert.match(answer.body, /"code":"sql_error"/, sql);
  }
  const endless =
    "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n";
  const limits = { timeoutMs: 3000 };
  const stopped = await host.daemon.send("POST", "/v1/query", { sql: endless, limits });
  assert.match(stopped.body, /"code":"query_timeout"/);
}

/** Opens far more connections than the daemon keeps; the socket is not theirs to fill. */
async function crowd(host: LiveHost, target: Target): Promise<void> {
  const sockets: Socket[] = [];
  for (let n = 0; n < 10_000; n += 1) {
    const socket = open(target.port);
    // Unread, the end of a connection is never noticed.
    socket.resume();
    sockets.push(socket);
    if (n % 200 === 0) await sleep(1);
  }
  assert.equal((await host.daemon.get("/healthz")).status, 200);
  assert.equal(await host.daemon.number("select 6 * 7"), 42);
  const turnedAway = await host.daemon.numberOnce(
    "select value from auditql_health where stage = 'serve' and reason = 'connections_full'",
    1000,
  );
  assert.ok(turnedAway >= 1000, `${turnedAway} connections were turned away`);
  for (const socket of sockets) socket.destroy();
}

async function attack(host: LiveHost, target: Target): Promise<void> {
  await Promise.all([
    guessTokens(target),
    comeFromElsewhere(target),
    sendBombs(target),
    crawl(target),
    climb(target),
    reachOutOfSql(host),
  ]);
  await crowd(host, target);
}

const executions = `select coalesce(sum(value), 0) from auditql_health
  where stage = 'schedule' and metric = 'executions'`;

describe("attacks on the API of a capturing daemon", { skip }, () => {
  const host = hostPerTest();

  test("each is refused, no event is lost meanwhile, and the schedule goes on", async () => {
    const target = await startTarget(host);
    const { daemon } = host;
    const lost = await kernelLost(daemon);
    const before = await daemon.number(executions);
    const startedAt = performance.now();
    const attackers = { areDone: false };
    const attacked = attack(host, target).finally(() => {
      attackers.areDone = true;
    });
    const perBatch = 250;
    let batches = 0;
    while (!attackers.areDone) {
      await runProcesses(`attacked-${batches}`, perBatch);
      batches += 1;
    }
    await attacked;
    const seconds = (performance.now() - startedAt) / 1000;
    const ours = "cmdline like '/bin/true attacked-%' and event_action = 'exec'";
    const run = batches * perBatch;
    await daemon.numberOnce(`select count(*) from process_events where ${ours}`, run);
    await daemon.caughtUp();
    const rows = await daemon.query(`select cmdline from process_events where ${ours}`);
    assert.equal(rows.length, run);
    assert.equal(new Set(rows.map((row) => row["cmdline"])).size, run, "a process is there twice");
    assert.equal(await kernelLost(daemon), lost, "the kernel lost records");
    const dropped = `select * from auditql_health
      where metric in ('dropped', 'dropped_unread') and stage <> 'serve' and value > 0
        and ${isCertain}`;
    assert.deepEqual(await daemon.query(dropped), []);
    assert.ok((await daemon.number(executions)) > before, "the schedule stood still");
    const logged = () =>
      host.home.results().filter((line) => JSON.stringify(line).includes("/bin/true attacked-"));
    const lines = await eventually(
      async () => logged().length,
      (count) => count >= run,
    );
    assert.equal(lines, run, "the schedule's log has each process once");
    console.log(
      `# ${run} processes in ${seconds.toFixed(0)} s of attacks, each stored and logged once`,
    );
  });
});
