import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadAddon } from "../../src/native/addon.js";
import { DbusClient } from "../../src/tables/sources/dbus_client.js";
import { MessageReader } from "../../src/tables/sources/dbus_message.js";
import { greetBus } from "../../src/tables/system/systemd_manager.js";
import { unitRows } from "../../src/tables/system/systemd_units.js";
import { lines, needs, output } from "./independent_source.js";
import { SocketServer } from "./socket_server.js";

const { tableSources: sources } = loadAddon();
// Beyond what the busiest host takes for an answer.
const timeoutMs = 60_000;

const busRules = {
  destination: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  interface: "org.freedesktop.DBus",
};

test("a message bus takes the calls, and answers what gdbus gets", {
  skip: needs("dbus-daemon") || needs("gdbus"),
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "auditql-bus-"));
  const address = `unix:path=${folder}/bus`;
  const bus = spawn(
    "dbus-daemon",
    ["--session", "--nofork", "--print-address=1", `--address=${address}`],
    {
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  await once(bus.stdout, "data");
  const client = DbusClient.connect(sources, `${folder}/bus`, timeoutMs);
  try {
    assert.ok(client !== null);
    greetBus(client);
    const features = client.call({
      ...busRules,
      interface: "org.freedesktop.DBus.Properties",
      member: "Get",
      arguments: [busRules.interface, "Features"],
    });
    const reader = new MessageReader(features?.body ?? Buffer.alloc(0));
    assert.equal(reader.signature(), "as");
    reader.number();
    const shown: string[] = [];
    while (!reader.isDone) shown.push(reader.string());
    const [printed] = lines(
      output(
        ...(["gdbus", "call", "--address", address, "--dest", busRules.destination] as const),
        ...["--object-path", busRules.path, "--method", "org.freedesktop.DBus.Properties.Get"],
        ...[busRules.interface, "Features"],
      ),
    );
    assert.equal(`(<[${shown.map((name) => `'${name}'`).join(", ")}]>,)`, printed);
    // More calls than are sent at once; each second one fails.
    const calls = Array.from({ length: 150 }, (_, index) => ({
      ...busRules,
      member: "GetNameOwner",
      arguments: [index % 2 === 0 ? busRules.destination : "no.such.name"],
    }));
    const owners = [...client.callAll(calls)].map((reply) =>
      reply === null ? null : new MessageReader(reply.body).string(),
    );
    assert.deepEqual(
      owners,
      calls.map((_, index) => (index % 2 === 0 ? busRules.destination : null)),
    );
  } finally {
    client?.close();
    bus.kill();
    rmSync(folder, { recursive: true });
  }
});

/** Speaks for systemd: two units as org.freedesktop.systemd1(5) lists them, and their properties;
 * written from the specification, apart from the client. */
const systemdScript = `
  const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32LE(n); return b; };
  const pad = (b, to) => Buffer.concat([b, Buffer.alloc((to - (b.length % to)) % to)]);
  const str = (b, s) => Buffer.concat([pad(b, 4), u32(Buffer.byteLength(s)), Buffer.from(s + "\\0")]);
  const units = [
    ["a.service", "The first", "loaded", "active", "running", "", "/u/a", 7, "start", "/j/7"],
    ["b.mount", "Ö", "not-found", "inactive", "dead", "a.service", "/u/b", 0, "", "/"],
  ];
  const properties = {
    "/u/a": { FragmentPath: "/lib/systemd/system/a.service", UnitFileState: "enabled", User: "www" },
    "/u/b": { FragmentPath: "" },
  };
  function unitList() {
    let array = Buffer.alloc(0);
    for (const unit of units) {
      array = pad(array, 8);
      for (const value of unit) {
        array = typeof value === "number" ? Buffer.concat([pad(array, 4), u32(value)]) : str(array, value);
      }
    }
    return Buffer.concat([u32(array.length), Buffer.alloc(4), array]);
  }
  function reply(serial, body) {
    const isError = body === null;
    const bytes = body ?? Buffer.alloc(0);
    const fields = Buffer.concat([Buffer.from([5, 1, 117, 0]), u32(serial)]);
    const head = Buffer.concat([Buffer.from([108, isError ? 3 : 2, 0, 1]), u32(bytes.length), u32(1), u32(fields.length)]);
    return Buffer.concat([pad(Buffer.concat([head, fields]), 8), bytes]);
  }
  function answer(message) {
    const text = message.toString("latin1");
    if (text.includes("ListUnits")) return unitList();
    const unit = text.match(/\\/u\\/[ab]/)[0];
    const value = properties[unit][text.match(/FragmentPath|SourcePath|UnitFileState|User/)[0]];
    return value === undefined ? null : str(Buffer.from([1, 115, 0, 0]), value);
  }
  require("node:net").createServer((socket) => {
    let pending = Buffer.alloc(0), isOpen = false;
    socket.on("data", (bytes) => {
      pending = Buffer.concat([pending, bytes]);
      if (!isOpen) {
        const end = pending.indexOf("BEGIN\\r\\n");
        if (end < 0) return;
        isOpen = true;
        pending = pending.subarray(end + 7);
        // A signal comes first: it answers nobody.
        socket.write("OK 1234\\r\\n");
        socket.write(Buffer.concat([Buffer.from([108, 4, 0, 1]), u32(0), u32(9), u32(8), Buffer.from([8, 1, 103, 0, 1, 115, 0, 0])]));
      }
      for (;;) {
        if (pending.length < 16) return;
        const fields = pending.readUInt32LE(12);
        const total = 16 + Math.ceil(fields / 8) * 8 + pending.readUInt32LE(4);
        if (pending.length < total) return;
        socket.write(reply(pending.readUInt32LE(8), answer(pending.subarray(0, total))));
        pending = pending.subarray(total);
      }
    });
  }).listen(process.argv[1], () => console.log("ready"));`;

test("systemd_units shows units with their properties", async () => {
  const server = await SocketServer.start(systemdScript);
  const client = DbusClient.connect(sources, server.path, timeoutMs);
  try {
    assert.ok(client !== null);
    const columns = new Set(["fragment_path", "unit_file_state", "user", "source_path"]);
    assert.deepEqual(unitRows(client, { constraints: [], columns }), [
      {
        id: "a.service",
        description: "The first",
        load_state: "loaded",
        active_state: "active",
        sub_state: "running",
        following: "",
        object_path: "/u/a",
        job_id: 7,
        job_type: "start",
        job_path: "/j/7",
        fragment_path: "/lib/systemd/system/a.service",
        source_path: "",
        unit_file_state: "enabled",
        user: "www",
      },
      {
        id: "b.mount",
        description: "Ö",
        load_state: "not-found",
        active_state: "inactive",
        sub_state: "dead",
        following: "a.service",
        object_path: "/u/b",
        job_id: 0,
        job_type: "",
        job_path: "/",
        fragment_path: "",
        source_path: "",
        unit_file_state: "",
        user: "",
      },
    ]);
  } finally {
    client?.close();
    server.stop();
  }
});
