// Native sources where they are used: in a query worker, with its memory limited and its
// privileges dropped.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { after, test } from "node:test";
import { loadAddon } from "../../src/native/addon.js";
import { request, resultOf, withPool } from "../sql/pool_fixture.js";

const { tableSources: sources } = loadAddon();

// No child of this process: to a worker those are workers, whose memory nobody is told.
const otherPid = Number(execFileSync("sh", ["-c", "sleep 600 > /dev/null 2>&1 & echo $!"]));
after(() => process.kill(otherPid));

const isRoot = process.getuid?.() === 0;
const noFilter = sources.packetFilterRules("filter") === null;

interface Case {
  readonly claim: string;
  readonly sql: string;
  readonly rows: number;
  readonly skip?: string | false;
}

const cases: readonly Case[] = [
  {
    claim: "magic describes each file of a join",
    sql: "SELECT m.data FROM file f JOIN magic m ON f.path = m.path WHERE f.path IN ('/etc/passwd', '/bin/sh') AND m.data <> ''",
    rows: 2,
    skip: sources.describeFile("/", "") === null && "libmagic.so.1 is not installed",
  },
  {
    claim: "yara scans each file of a join with the rules of the query",
    sql: "SELECT y.matches FROM file f JOIN yara y ON f.path = y.path WHERE f.path IN ('/etc/passwd', '/etc/group') AND y.sigrule = 'rule r { strings: $a = \"root\" condition: $a }' AND y.count = 1",
    rows: 2,
    skip: sources.compileYaraRules("rule r { condition: true }") === null && "no libyara",
  },
  {
    claim: "yara_process reads the memory of other processes",
    sql: `SELECT matches FROM yara_process WHERE pid = ${otherPid} AND sigrule = 'rule r { condition: true }'`,
    rows: 1,
    skip:
      (sources.compileYaraRules("rule r { condition: true }") === null && "no libyara") ||
      (!isRoot && "needs root"),
  },
  {
    claim: "users asks the directory for an account",
    sql: "SELECT username FROM users WHERE uid = 0 AND include_remote = 1",
    rows: 1,
  },
  {
    claim: "cpuid asks the processor",
    sql: "SELECT value FROM cpuid WHERE feature = 'vendor'",
    rows: sources.cpuid(0, 0) === null ? 0 : 1,
  },
  {
    claim: "iptables has what the daemon may read",
    sql: "SELECT chain FROM iptables WHERE filter_name = 'filter' AND chain = 'INPUT' AND policy <> '' LIMIT 1",
    rows: 1,
    skip: noFilter || !existsSync("/proc/net/ip_tables_names") ? "ip_tables cannot be read" : false,
  },
];

for (const { claim, sql, rows, skip = false } of cases) {
  test(claim, { skip }, () =>
    withPool({}, async (fixture) => {
      const { outcome } = await resultOf(fixture.pool.run(request(sql)));
      assert.equal(outcome.error, null);
      assert.equal(outcome.rows, rows);
    }),
  );
}
