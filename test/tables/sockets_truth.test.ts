// Sockets that the test opens itself, as ss shows them.
import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { lines, needs, output, table } from "./independent_source.js";
import { equals, rowsOf } from "./table_rows.js";

const folder = mkdtempSync(join(tmpdir(), "auditql-sockets-"));
after(() => rmSync(folder, { recursive: true }));

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some((address) => address?.address === "::1");

async function listen(t: TestContext, where: Readonly<Record<string, unknown>>) {
  const server = createServer().listen(where);
  await once(server, "listening");
  t.after(() => server.close());
  return server.address();
}

async function bind(t: TestContext, type: "udp4" | "udp6", address: string) {
  const socket = createSocket({ type, ipv6Only: type === "udp6" });
  socket.bind({ address });
  await once(socket, "listening");
  t.after(() => socket.close());
}

const protocols: Readonly<Record<number, string>> = { 6: "tcp", 17: "udp" };

/** Own listening sockets: kind, where, descriptor; of network sockets the inode too. */
function toldBySs(): string[] {
  const own = lines(output("ss", "-Hnlpe", "-t", "-u", "-x")).filter((line) =>
    line.includes(`pid=${process.pid},`),
  );
  return own.map((line) => {
    const [kind = "", , , , where = ""] = line.trim().split(/\s+/);
    const fd = line.match(new RegExp(`pid=${process.pid},fd=(\\d+)`))?.[1];
    if (kind.startsWith("u_")) return `unix ${where} ${fd}`;
    return `${kind} ${where} ${fd} ${line.match(/ino:(\d+)/)?.[1]}`;
  });
}

function shownByTable(): string[] {
  return rowsOf(table("listening_ports"))
    .filter((row) => row["pid"] === process.pid)
    .map((row) => {
      if (row["family"] === 1) return `unix ${row["path"]} ${row["fd"]}`;
      const address = row["family"] === 10 ? `[${row["address"]}]` : row["address"];
      const kind = protocols[Number(row["protocol"])];
      return `${kind} ${address}:${row["port"]} ${row["fd"]} ${row["socket"]}`;
    });
}

test("listening_ports shows own sockets of each kind as ss does", {
  skip: needs("ss"),
}, async (t) => {
  await listen(t, { host: "127.0.0.1", port: 0 });
  await listen(t, { host: "0.0.0.0", port: 0 });
  await bind(t, "udp4", "127.0.0.1");
  if (hasIpv6) {
    await listen(t, { host: "::1", port: 0 });
    await listen(t, { host: "::", port: 0, ipv6Only: true });
    await bind(t, "udp6", "::1");
  }
  await listen(t, { path: join(folder, "listening") });
  const told = toldBySs();
  assert.equal(told.length, hasIpv6 ? 7 : 4, told.join("\n"));
  assert.deepEqual(shownByTable().sort(), told.sort());
});

test("process_open_sockets shows both ends of a connection as ss does", {
  skip: needs("ss"),
}, async (t) => {
  const address = await listen(t, { host: "127.0.0.1", port: 0 });
  assert.ok(address !== null && typeof address === "object");
  const client = connect(address.port, "127.0.0.1");
  t.after(() => client.destroy());
  await once(client, "connect");
  const filter = `src = 127.0.0.1:${client.localPort} and dst = 127.0.0.1:${address.port}`;
  const [ss] = lines(output("ss", "-Htne", "state", "established", filter));
  const [, , local, remote] = ss?.trim().split(/\s+/) ?? [];
  const sockets = rowsOf(table("process_open_sockets"), [equals("pid", process.pid)]);
  const [row, ...more] = sockets.filter((socket) => socket["remote_port"] === address.port);
  assert.equal(more.length, 0);
  assert.equal(`${row?.["local_address"]}:${row?.["local_port"]}`, local);
  assert.equal(`${row?.["remote_address"]}:${row?.["remote_port"]}`, remote);
  assert.equal(row?.["state"], "ESTABLISHED");
  assert.equal(ss?.match(/ino:(\d+)/)?.[1], String(row?.["socket"]));
});
