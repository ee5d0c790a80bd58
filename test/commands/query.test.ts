import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { startTestServer } from "../serve/running_server.js";
import { runAuditql } from "./command_run.js";

test("query prints a table over the unix socket", async (t) => {
  const { socketPath } = await startTestServer(t);
  const run = await runAuditql(["query", "--socket", socketPath, "select 1 as a, 'x' as b"]);
  assert.deepEqual(run, {
    status: 0,
    stdout: "+---+---+\n| a | b |\n+---+---+\n| 1 | x |\n+---+---+\n",
    stderr: "",
  });
});

test("query works over HTTP with the token file", async (t) => {
  const { url, tokenPath } = await startTestServer(t);
  const args = ["query", "--url", url, "--token-file", tokenPath, "-f", "csv", "select 1 as a"];
  assert.equal((await runAuditql(args)).stdout, "a\n1\n");
});

test("query runs the statements of standard input in turn", async (t) => {
  const { socketPath } = await startTestServer(t);
  const run = await runAuditql(
    ["query", "--socket", socketPath, "--format", "ndjson"],
    "select 1 as a;\n-- comment\nselect ';' as b",
  );
  assert.equal(run.stdout, '{"a":1}\n{"b":";"}\n');
});

test("JSON of several statements is one array, as of osqueryi", async (t) => {
  const { socketPath } = await startTestServer(t);
  const sql = "select 1 as a; select 2 as b where 0; select 3 as c";
  const run = await runAuditql(["query", "--socket", socketPath, "--format", "json", sql]);
  assert.deepEqual(JSON.parse(run.stdout), [{ a: 1 }, { c: 3 }]);
});

test("an error of SQL goes to stderr with its code and exits 1", async (t) => {
  const { socketPath } = await startTestServer(t);
  const run = await runAuditql(["query", "--socket", socketPath, "select * from nope"]);
  assert.equal(run.status, 1);
  assert.equal(run.stdout, "");
  assert.match(run.stderr, /^auditql: sql_error: no such table: nope\n$/);
});

test("an error of SQL names what was probably meant", async (t) => {
  const { socketPath } = await startTestServer(t);
  const run = await runAuditql(["query", "--socket", socketPath, "select * from proceses"]);
  assert.equal(
    run.stderr,
    'auditql: sql_error: no such table: proceses. Did you mean "processes"?\n',
  );
});

test("an error after the first rows still exits 1, and JSON stays JSON", async (t) => {
  const { socketPath } = await startTestServer(t);
  const sql = "select abs(column1) as a from (values (1), (-9223372036854775808))";
  const run = await runAuditql(["query", "--socket", socketPath, "-f", "json", sql]);
  assert.equal(run.status, 1);
  assert.deepEqual(JSON.parse(run.stdout), [{ a: 1 }]);
  assert.match(run.stderr, /sql_error: integer overflow/);
});

test("a result that a limit of the daemon cut short is an error, one that --max-rows cut is not", async (t) => {
  const { socketPath } = await startTestServer(t, {
    limitOverrides: {
      query: { timeoutMs: 600_000, maxRows: 2, maxBytes: 1e6, maxMemoryBytes: 1e9 },
    },
  });
  const sql = "select column1 as a from (values (1), (2), (3), (4))";
  const cut = await runAuditql(["query", "--socket", socketPath, "-f", "ndjson", sql]);
  assert.equal(cut.status, 1);
  assert.match(cut.stderr, /result_truncated/);
  assert.equal(cut.stdout, '{"a":1}\n{"a":2}\n');
  const asked = await runAuditql([
    "query",
    "--socket",
    socketPath,
    "--max-rows",
    "3",
    "-f",
    "ndjson",
    sql,
  ]);
  assert.equal(asked.status, 0);
  assert.equal(asked.stdout.trimEnd().split("\n").length, 3);
});

test("without a daemon the error says how to start one and exits 69", async () => {
  const run = await runAuditql(["query", "--socket", "/nonexistent/auditql.sock", "select 1"]);
  assert.equal(run.status, 69);
  assert.match(run.stderr, /daemon_unreachable: .*auditql daemon/);
});

test("a wrong token is told as such and exits 77", async (t) => {
  const { url } = await startTestServer(t);
  const directory = mkdtempSync(join(tmpdir(), "auditql-token-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const wrong = join(directory, "token");
  writeFileSync(wrong, "w".repeat(43), { mode: 0o600 });
  const run = await runAuditql(["query", "--url", url, "--token-file", wrong, "select 1"]);
  assert.equal(run.status, 77);
  assert.match(run.stderr, /token_wrong/);
});

async function listen(t: TestContext, server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const address = server.address() as AddressInfo;
  return `http://127.0.0.1:${address.port}`;
}

test("an answer that ends too early is an error, whatever came before", async (t) => {
  const { tokenPath } = await startTestServer(t);
  const endings: readonly [string, (body: string) => string][] = [
    [
      "answer_cut_off",
      (body) => `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n`,
    ],
    ["answer_unexpected", (body) => `Content-Length: ${body.length}\r\n\r\n${body}`],
  ];
  for (const [code, ending] of endings) {
    const server = createServer((request) => {
      // What is not read of a request would reset the connection, and the answer with it.
      request.resume().once("end", () => {
        request.socket.end(`HTTP/1.1 200 OK\r\n${ending('{"a":1}\n')}`);
      });
    });
    const url = await listen(t, server);
    const args = ["query", "--url", url, "--token-file", tokenPath, "-f", "ndjson", "select 1"];
    const run = await runAuditql(args);
    assert.match(run.stderr, new RegExp(`^auditql: ${code}: `));
    assert.notEqual(run.status, 0);
  }
});

test("what is no auditql daemon is answer_unexpected", async (t) => {
  const { tokenPath } = await startTestServer(t);
  const url = await listen(
    t,
    createServer((_request, answer) => answer.end("<html>hello</html>")),
  );
  const run = await runAuditql(["query", "--url", url, "--token-file", tokenPath, "select 1"]);
  assert.equal(run.status, 70);
  assert.match(run.stderr, /answer_unexpected/);
});
