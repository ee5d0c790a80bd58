import assert from "node:assert/strict";
import {
  chmodSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { request } from "node:http";
import { createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { AuditqlError } from "../../src/errors.js";
import { openTokenFile, readToken } from "../../src/serve/auth/token.js";
import { createServer } from "../../src/serve/server.js";
import { startTestServer } from "./running_server.js";

const loopback = { host: "127.0.0.1", port: 0, isRemoteAllowed: false };

function scratch(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), "auditql-listen-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

function hasCode(code: string) {
  return (error: unknown) => error instanceof AuditqlError && error.code === code;
}

test("the unix socket has mode 0600 and needs no token", async (t) => {
  const server = await startTestServer(t);
  assert.equal(statSync(server.socketPath).mode & 0o777, 0o600);
  const status = await new Promise((resolve) => {
    request({ socketPath: server.socketPath, path: "/v1/tables", host: "auditql" }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).end();
  });
  assert.equal(status, 200);
});

test("a port that is taken is port_in_use", async (t) => {
  const taken = await startTestServer(t);
  const server = createServer(taken.context);
  t.after(() => server.close());
  await assert.rejects(server.listenTcp({ ...loopback, port: taken.port }), hasCode("port_in_use"));
});

test("an address that is not loopback is bind_refused unless allowed", async (t) => {
  const { context } = await startTestServer(t);
  const server = createServer(context);
  t.after(() => server.close());
  for (const host of ["0.0.0.0", "::", "192.0.2.1", "128.0.0.1"]) {
    await assert.rejects(server.listenTcp({ ...loopback, host }), hasCode("bind_refused"), host);
  }
  assert.ok((await server.listenTcp({ host: "0.0.0.0", port: 0, isRemoteAllowed: true })) > 0);
});

test("a socket that a live daemon answers on is socket_in_use", async (t) => {
  const live = await startTestServer(t);
  const server = createServer(live.context);
  t.after(() => server.close());
  await assert.rejects(
    server.listenUnix({ path: live.socketPath, gid: null }),
    hasCode("socket_in_use"),
  );
});

test("a socket file that nobody answers on is replaced", async (t) => {
  const { context } = await startTestServer(t);
  const path = join(scratch(t), "stale.sock");
  const killed = createTcpServer();
  await new Promise<void>((resolve) => killed.listen(path, resolve));
  // Node unlinks its path on close: a second name keeps the file, as a killed daemon leaves it.
  const { linkSync } = await import("node:fs");
  linkSync(path, `${path}.kept`);
  await new Promise((resolve) => killed.close(resolve));
  const server = createServer(context);
  t.after(() => server.close());
  await server.listenUnix({ path: `${path}.kept`, gid: null });
  assert.ok(statSync(`${path}.kept`).isSocket());
});

test("a file at the socket's path is left alone", async (t) => {
  const { context } = await startTestServer(t);
  const path = join(scratch(t), "file");
  writeFileSync(path, "precious");
  const server = createServer(context);
  t.after(() => server.close());
  await assert.rejects(server.listenUnix({ path: path, gid: null }), hasCode("listen_failed"));
});

test("closing the server removes the socket and ends queries", async (t) => {
  const running = await startTestServer(t);
  const path = join(scratch(t), "own.sock");
  const server = createServer(running.context);
  await server.listenUnix({ path: path, gid: null });
  await server.close();
  assert.equal(statSync(path, { throwIfNoEntry: false }), undefined);
});

test("the token file is made with mode 0600 and kept by the next start", (t) => {
  const path = join(scratch(t), "token");
  const first = openTokenFile(path);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const token = readToken(path);
  assert.ok(token.length >= 43);
  assert.ok(first.verify(token));
  assert.ok(!first.verify(`${token}x`) && !first.verify(""));
  assert.ok(openTokenFile(path).verify(token));
});

test("a token file that others can read is refused", (t) => {
  const path = join(scratch(t), "token");
  openTokenFile(path);
  chmodSync(path, 0o644);
  assert.throws(() => openTokenFile(path), hasCode("token_file_insecure"));
});

test("a link at the token file's path is not followed", (t) => {
  const directory = scratch(t);
  writeFileSync(join(directory, "target"), "A".repeat(43), { mode: 0o600 });
  symlinkSync(join(directory, "target"), join(directory, "token"));
  assert.throws(() => openTokenFile(join(directory, "token")), hasCode("token_file_failed"));
});

test("a replaced token holds after reload, and the old one no more", (t) => {
  const path = join(scratch(t), "token");
  const tokens = openTokenFile(path);
  const old = readToken(path);
  unlinkSync(path);
  writeFileSync(path, "a-new-token-of-some-length\n", { mode: 0o600 });
  tokens.reload();
  assert.ok(tokens.verify("a-new-token-of-some-length"));
  assert.ok(!tokens.verify(old));
});
