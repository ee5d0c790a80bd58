import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { sendRaw } from "./raw_request.js";
import { startTestServer } from "./running_server.js";

test("headers that never end are cut off", async (t) => {
  const server = await startTestServer(t, {
    limitOverrides: { headersTimeoutMs: 200, requestTimeoutMs: 400 },
  });
  const silent = sendRaw(server, "");
  const slow = sendRaw(server, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ");
  assert.match(await slow, /"code":"request_timeout"/);
  await silent;
});

test("a body that never ends is cut off", async (t) => {
  const server = await startTestServer(t, {
    limitOverrides: { headersTimeoutMs: 200, requestTimeoutMs: 400 },
  });
  const text = await sendRaw(
    server,
    `POST /v1/query HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${server.token}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`,
  );
  assert.match(text, /^HTTP\/1\.1 408 /);
});

test("idle connections above the limit are closed and counted, and the socket still answers", async (t) => {
  const server = await startTestServer(t, { limitOverrides: { connections: 20 } });
  const sockets: Socket[] = [];
  for (let n = 0; n < 200; n += 1) {
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    sockets.push(socket);
  }
  while (server.count("http", "dropped", "connections_full") < 180) await sleep(10);
  const unix = connect(server.socketPath);
  unix.write("GET /v1/schedule HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const [first] = await once(unix, "data");
  assert.match(String(first), /^HTTP\/1\.1 200 /);
  for (const socket of sockets) socket.destroy();
  unix.destroy();
});

test("10,000 idle connections leave the socket, and those who were first, unharmed", async (t) => {
  // However long it takes, no connection ends for being idle.
  const limitOverrides = { headersTimeoutMs: 300_000, requestTimeoutMs: 300_000 };
  const server = await startTestServer(t, { limitOverrides });
  const sockets: Socket[] = [];
  let closed = 0;
  const first = connect(server.port, "127.0.0.1");
  const ask = async (socket: Socket) => {
    socket.write("GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    const [answer] = await once(socket, "data");
    assert.match(String(answer), /^HTTP\/1\.1 200 /);
  };
  await once(first, "connect");
  for (let n = 0; n < 10_000; n += 1) {
    const socket = connect(server.port, "127.0.0.1");
    socket.on("error", () => {});
    socket.on("close", () => {
      closed += 1;
    });
    // Unread, the end of a connection is never noticed.
    socket.resume();
    sockets.push(socket);
    if (n % 200 === 0) await sleep(1);
  }
  // The kernel holds back what its accept queue has no room for, so not all are closed at once.
  while (closed < 2000) await sleep(20);
  assert.ok(server.count("http", "dropped", "connections_full") >= 2000);
  await ask(first);
  const unix = connect(server.socketPath);
  await ask(unix);
  for (const socket of [...sockets, first, unix]) socket.destroy();
});
