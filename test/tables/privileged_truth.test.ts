// What query workers show equals what a reader with every capability sees.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { stateTables } from "../../src/tables/all.js";
import type { StateTable } from "../../src/tables/define_table.js";
import { type PoolFixture, request, resultOf, withPool } from "../sql/pool_fixture.js";
import { table } from "./independent_source.js";
import { hostBelow, rowsOf } from "./table_rows.js";

// To open /proc/iomem and /proc/modules with their addresses, and iptables.
const needed = { cap_net_admin: 12n, cap_sys_admin: 21n, cap_syslog: 34n };

function missingCapability(): string | false {
  const status = readFileSync("/proc/self/status", "latin1");
  const held = BigInt(`0x${/^CapEff:\s*(\w+)$/m.exec(status)?.[1] ?? "0"}`);
  const missing = Object.entries(needed).find(([, bit]) => ((held >> bit) & 1n) === 0n);
  return missing === undefined ? false : `the test lacks ${missing[0]}`;
}

const skip = missingCapability();

/** Tables about the process that reads, or whose rows the daemon hands over. */
const aboutReader = new Set(["ulimit_info", "osquery_info", "osquery_events", "osquery_flags"]);

/** Tables that read every file of the host, or of a tree that other tests write. */
const tooLarge = new Set(["suid_bin", "python_packages", "npm_packages"]);

const visible = ({ schema }: StateTable): readonly string[] =>
  schema.columns.flatMap((column) => (column.hidden === true ? [] : [column.name]));

/** A row as text, by column. Empty and NULL are alike: osquery has no text that is NULL. */
function shown(columns: readonly string[], row: Readonly<Record<string, unknown>>): string {
  return JSON.stringify(columns.map((name) => String(row[name] ?? "")));
}

/** Of the test and its workers: they are at work when they read, and what is told of the daemon's own
 * processes is restricted (docs/deploy/security.md). */
function ownProcesses(): ReadonlySet<unknown> {
  const tasks = readdirSync("/proc/self/task");
  const children = tasks.flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, "latin1").split(" "),
  );
  return new Set([process.pid, ...children.map(Number)]);
}

function directRows(each: StateTable, columns: readonly string[]): readonly string[] {
  const own = ownProcesses();
  const rows = rowsOf(each).filter(({ pid }) => !own.has(pid));
  return rows.map((row) => shown(columns, row));
}

async function workerRows({ pool }: PoolFixture, each: StateTable): Promise<readonly string[]> {
  const columns = visible(each);
  const sql = `select ${columns.map((name) => `"${name}"`).join(", ")} from ${each.schema.name}`;
  const { text, outcome } = await resultOf(pool.run(request(sql, { format: "ndjson" })));
  assert.equal(outcome.error, null, `${each.schema.name}: ${JSON.stringify(outcome.error)}`);
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const row: Record<string, unknown> = JSON.parse(line);
      return shown(columns, row);
    });
}

/** Processes come, go and run meanwhile: what a worker misses, it misses each time. */
const maxRounds = 8;

interface Comparison {
  readonly compared: number;
  /** What a reader with every capability saw before and after the worker, which did not see it. */
  readonly absent: readonly string[];
}

async function compare(fixture: PoolFixture, each: StateTable): Promise<Comparison> {
  const columns = visible(each);
  const before = new Set(directRows(each, columns));
  const rows = new Set(await workerRows(fixture, each));
  const steady = directRows(each, columns).filter((row) => before.has(row));
  return { compared: steady.length, absent: steady.filter((row) => !rows.has(row)) };
}

async function compareRepeatedly(fixture: PoolFixture, each: StateTable): Promise<Comparison> {
  let found = await compare(fixture, each);
  for (let round = 1; round < maxRounds && found.absent.length > 0; round++) {
    const next = new Set((await compare(fixture, each)).absent);
    found = { ...found, absent: found.absent.filter((row) => next.has(row)) };
  }
  return found;
}

test("no table shows less in a worker than a reader with every capability sees", { skip }, () =>
  withPool({}, async (fixture) => {
    let total = 0;
    for (const each of stateTables) {
      const { name, columns } = each.schema;
      if (aboutReader.has(name) || tooLarge.has(name)) continue;
      if (columns.some(({ required }) => required === true)) continue;
      const { compared, absent } = await compareRepeatedly(fixture, each);
      assert.deepEqual(absent.slice(0, 3), [], `${name}: ${absent.length} rows`);
      total += compared;
    }
    assert.ok(total > 1000, `${total} rows were compared`);
  }),
);

test("settings that only root may read have their value in a worker", { skip }, () =>
  withPool({}, async ({ pool }) => {
    const path = "/proc/sys/vm/mmap_rnd_bits";
    const sql = "select current_value from system_controls where name = 'vm.mmap_rnd_bits'";
    const { text } = await resultOf(pool.run(request(sql)));
    assert.deepEqual(JSON.parse(text), { current_value: readFileSync(path, "latin1").trim() });
  }),
);

test("addresses that the kernel hides from the reader are unknown, not zero", () => {
  const root = mkdtempSync(join(tmpdir(), "auditql-hidden-"));
  try {
    mkdirSync(join(root, "proc"));
    // As an unprivileged user sees them.
    writeFileSync(
      join(root, "proc/modules"),
      "xt_nat 20480 1 - Live 0x0000000000000000\nnfs 4096 0 - Live 0xffffffffc0a11000 (E)\n",
    );
    writeFileSync(
      join(root, "proc/iomem"),
      "00000000-00000000 : System RAM\n  00000000-00000000 : Kernel code\n00000000-00000fff : Reserved\n",
    );
    const host = hostBelow(root);
    const addresses = rowsOf(table("kernel_modules"), [], host).map(({ address }) => address);
    assert.deepEqual(addresses, [null, "0xffffffffc0a11000"]);
    const ranges = rowsOf(table("memory_map"), [], host).map(({ start, end }) => [start, end]);
    assert.deepEqual(ranges, [
      [null, null],
      [null, null],
      ["0x00000000", "0x00000fff"],
    ]);
  } finally {
    rmSync(root, { recursive: true });
  }
});
