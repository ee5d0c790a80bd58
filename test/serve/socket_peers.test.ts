import assert from "node:assert/strict";
import { once } from "node:events";
import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { loadAddon, type PeerCredentials } from "../../src/native/addon.js";
import { SocketPeers } from "../../src/serve/auth/socket_peers.js";
import { routesOf, startTestServer } from "./running_server.js";

/** A uid that is neither root's nor ours. */
const guest = 4_000_000_001;

function get(socketPath: string, path: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path, host: "auditql", agent: false }, async (answer) => {
      let body = "";
      for await (const part of answer) body += String(part);
      resolve({ status: answer.statusCode ?? 0, body });
    });
    sent.on("error", reject);
    sent.end();
  });
}

function serverFor(
  t: TestContext,
  credentialsOf: (fd: number) => PeerCredentials,
  connections = 256,
) {
  const socketPeers = new SocketPeers({ credentialsOf, readers: new Set([guest]) });
  return startTestServer(t, { socketPeers, limitOverrides: { connections } });
}

test("the kernel says who connected: this process, with the role admin", async (t) => {
  const seen: PeerCredentials[] = [];
  const server = await serverFor(t, (fd) => {
    const peer = loadAddon().peerCredentials(fd);
    seen.push(peer);
    return peer;
  });
  const { status, body } = await get(server.socketPath, "/v1/session");
  assert.equal(status, 200);
  assert.deepEqual(JSON.parse(body), { name: `uid:${process.geteuid?.()}`, role: "admin" });
  assert.deepEqual(new Set(seen.map(({ pid }) => pid)), new Set([process.pid]));
});

test("the kernel is asked once for each connection, whatever is asked over it", async (t) => {
  let asked = 0;
  const server = await serverFor(t, (fd) => {
    asked += 1;
    return loadAddon().peerCredentials(fd);
  });
  for (let connections = 1; connections <= 2; connections += 1) {
    const socket = connect(server.socketPath);
    t.after(() => socket.destroy());
    for (let requests = 0; requests < 3; requests += 1) {
      socket.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
      const [answer] = await once(socket, "data");
      assert.match(String(answer), /^HTTP\/1\.1 200 /);
    }
    assert.equal(asked, connections);
  }
});

test("who cannot be told is refused on every route", async (t) => {
  const server = await serverFor(t, () => {
    throw new Error("the kernel does not know");
  });
  for (const { path } of [...(await routesOf(server)), { path: "/" }, { path: "/nope" }]) {
    const { status, body } = await get(server.socketPath, path);
    assert.equal(status, 403, path);
    assert.match(body, /peer_refused/);
  }
});

test("a descriptor that is no unix socket has no peer", async (t) => {
  const server = await startTestServer(t);
  const tcp = connect(server.port, "127.0.0.1");
  await once(tcp, "connect");
  t.after(() => tcp.destroy());
  const { socketPeers } = server.context;
  assert.throws(() => socketPeers.admit(tcp), /peer_refused|peer credentials/);
  tcp.destroy();
  assert.throws(() => socketPeers.admit(tcp), /no file descriptor/);
});

test("other users cannot take up the socket: root finds room beside all their connections", async (t) => {
  let uid = guest;
  const server = await serverFor(t, () => ({ pid: 1, uid }), 8);
  const closed: Socket[] = [];
  const open = async () => {
    const socket = connect(server.socketPath);
    socket.on("error", () => {});
    socket.once("close", () => closed.push(socket));
    await once(socket, "connect");
    t.after(() => socket.destroy());
    return socket;
  };
  const guests: Socket[] = [];
  for (let n = 0; n < 4; n++) guests.push(await open());
  await once(await open(), "close");
  assert.equal(server.count("http", "dropped", "connections_full"), 1);
  uid = 0;
  assert.equal((await get(server.socketPath, "/v1/session")).status, 200);
  uid = guest;
  assert.equal(closed.length, 1);
  // A place that was left is given again.
  guests[0]?.destroy();
  for (let status = 0; status !== 200; ) {
    status = (await get(server.socketPath, "/v1/session").catch(() => ({ status: 0 }))).status;
  }
});
