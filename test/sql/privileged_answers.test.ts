// What the daemon reads for query workers, and what it does not.
import assert from "node:assert/strict";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadAddon } from "../../src/native/addon.js";
import type { DaemonRows } from "../../src/tables/daemon_rows.js";
import { PrivilegedAnswers } from "../../src/tables/privileged_answers.js";
import { request, resultOf, skip, withPool } from "./pool_fixture.js";

const isRoot = process.geteuid?.() === 0;

const socketFacts = (flag: string, path: string): DaemonRows => ({
  osquery_flags: [{ name: flag, value: path, default_value: path }],
});

/** A server on a unix socket that only its owner may open, as Docker's is for root and its group. */
async function withService(
  use: (service: { readonly path: string; readonly asked: readonly string[] }) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "auditql-service-"));
  const path = join(folder, "service.sock");
  const asked: string[] = [];
  const server = createServer((incoming, response) => {
    asked.push(`${incoming.method} ${incoming.url}`);
    response.end(JSON.stringify({ ApiVersion: "1.47", Version: "27.3", metadata: ["x"] }));
  });
  server.listen(path);
  await once(server, "listening");
  chmodSync(path, 0o600);
  try {
    await use({ path, asked });
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
}

test("a table of Docker is read through a socket that its worker may not open", { skip }, () =>
  withService(({ path, asked }) =>
    withPool({}, async ({ pool }) => {
      pool.setDaemonRows(() => socketFacts("docker_socket", path));
      const { text } = await resultOf(
        pool.run(request("select version, api_version from docker_version")),
      );
      assert.deepEqual(JSON.parse(text), { version: "27.3", api_version: "1.47" });
      assert.deepEqual(asked, ["GET /version"]);
    }),
  ),
);

// What a worker that was taken over might ask. Each of Docker's and LXD's would read files of
// containers or keys, each of the cloud's would give credentials.
const refused: readonly unknown[] = [
  { read: "service", of: ["docker", "/containers/aa/archive?path=/etc/shadow"] },
  { read: "service", of: ["docker", "/containers/aa/export"] },
  { read: "service", of: ["docker", "/containers/aa/logs?stdout=1"] },
  { read: "service", of: ["docker", "/containers/aa/attach/ws"] },
  { read: "service", of: ["docker", "/images/aa/get"] },
  { read: "service", of: ["docker", "/version?x\r\nPOST /containers/create HTTP/1.1\r\n\r\n"] },
  { read: "service", of: ["docker", "/containers/aa/json/../../bb/export"] },
  { read: "service", of: ["docker", "/containers/aa/top?ps_args=aux&x=1"] },
  { read: "service", of: ["docker", "http://example.org/version"] },
  { read: "service", of: ["lxd", "/1.0/instances/a/files?path=/etc/shadow"] },
  { read: "service", of: ["lxd", "/1.0/instances/a/console"] },
  { read: "service", of: ["lxd", "/1.0/instances/../operations"] },
  { read: "service", of: ["ec2", "/latest/meta-data/iam/security-credentials/role"] },
  { read: "service", of: ["ec2", "/latest/user-data"] },
  { read: "service", of: ["constructor", "/version"] },
  { read: "setting", of: ["/etc/shadow"] },
  { read: "setting", of: ["/proc/sys/../../etc/shadow"] },
  { read: "setting", of: ["/proc/self/environ"] },
  { read: "setting", of: [{ toString: "x" }] },
  { read: "setting" },
  { read: "units", of: ["all"] },
  { read: "toString", of: [] },
  { read: "__proto__" },
  "setting",
  null,
  [],
];

test("the daemon reads nothing for a worker that no table reads", { skip }, () =>
  withService(async ({ path, asked }) => {
    const facts: DaemonRows = {
      osquery_flags: [
        ...(socketFacts("docker_socket", path).osquery_flags ?? []),
        ...(socketFacts("lxd_socket", path).osquery_flags ?? []),
      ],
    };
    const answers = new PrivilegedAnswers({
      sources: loadAddon().tableSources,
      daemonRows: () => facts,
    });
    for (const each of refused) {
      assert.equal(await answers.answer(each), null, JSON.stringify(each));
    }
    assert.deepEqual(asked, []);
    // The same server does answer what tables ask.
    const id = "aa".repeat(32);
    const targets = {
      docker: [
        "/info",
        "/containers/json?all=1",
        `/containers/json?all=1&filters=${encodeURIComponent('{"id":["aa"]}')}`,
        `/volumes?filters=${encodeURIComponent('{"name":["it\'s (one)!*~"]}')}`,
        `/containers/${id}/top?ps_args=${encodeURIComponent("-ewwo pid,args")}`,
        `/images/${id}/history`,
      ],
      lxd: ["/1.0/cluster", "/1.0/instances/a-b/state", "/1.0/storage-pools/default/resources"],
    };
    for (const [name, list] of Object.entries(targets)) {
      for (const target of list) {
        const answer = await answers.answer({ read: "service", of: [name, target] });
        assert.match(String(answer), /ApiVersion/, target);
      }
    }
    const setting = await answers.answer({ read: "setting", of: ["/proc/sys/kernel/ostype"] });
    assert.equal(setting, "Linux\n");
  }),
);

test("a service that does not answer gives nothing, and the next table is answered", {
  skip: skip || (isRoot ? false : "a socket of the same user is open to its worker"),
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), "auditql-service-"));
  const path = join(folder, "silent.sock");
  const server = createServer((incoming) => incoming.socket.destroy());
  server.listen(path);
  await once(server, "listening");
  try {
    await withPool({}, async ({ pool }) => {
      pool.setDaemonRows(() => socketFacts("docker_socket", path));
      const { text } = await resultOf(
        pool.run(request("select count(*) as n from docker_info union all select 7")),
      );
      assert.equal(text, '{"n":0}\n{"n":7}\n');
    });
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
});
