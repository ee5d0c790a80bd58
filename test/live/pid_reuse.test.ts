import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { describe, test } from "node:test";
import { compiledProgram, whyNoCompiler } from "./c_program.js";
import { hostPerTest, skipReason } from "./live_host.js";
import { settledRows } from "./settled_rows.js";
import { whyNoCapture } from "./tested_backend.js";

const skip = skipReason(
  "identity where pids are given again, live",
  whyNoCapture() ?? whyNoCompiler(),
);

describe("who a process is where pids are given again, live", { skip }, () => {
  const workload = compiledProgram("process_workload");
  const host = hostPerTest((ready) => ready.start());

  test("a storm of 20,000 over three rounds of pids: no uuid twice, every chain and end as written down", async () => {
    const file = "/proc/sys/kernel/pid_max";
    const allowed = readFileSync(file, "utf8");
    const count = 20_000;
    let links: readonly (readonly string[])[] = [];
    try {
      writeFileSync(file, "6000");
      links = await workload.run("storm", String(count));
    } finally {
      writeFileSync(file, allowed);
    }
    assert.equal(links.length, count);
    const ofStorm = `event_action = 'exit' and path = '${workload.path}'
       and (exit_code between 1 and 4 or exit_signal = 9)`;
    const rows = await settledRows(
      host.daemon,
      `select pid, parent, process_uuid, parent_uuid, exit_code, exit_signal
       from process_events where ${ofStorm} order by ntime`,
      count,
    );
    assert.equal(rows.length, count);
    assert.equal(new Set(rows.map((row) => row["process_uuid"])).size, count);
    // Innermost of a chain ends first, while the chain writes itself down from its first.
    const chains = (pairs: readonly string[]) =>
      Array.from({ length: count / 4 }, (_, i) =>
        pairs
          .slice(4 * i, 4 * i + 4)
          .sort()
          .join(),
      );
    assert.deepEqual(
      chains(
        rows.map(
          (row) =>
            `${row["pid"]} ${row["parent"]} ${row["exit_code"] ?? 0} ${row["exit_signal"] ?? 0}`,
        ),
      ),
      chains(links.map((words) => words.join(" "))),
    );
    const ancestries = await host.daemon.query(
      `select group_concat(pid, ' ') as chain from (
         select leaf.ntime as ended, leaf.eid as eid, a.pid as pid
         from process_events leaf, process_ancestry(leaf.process_uuid) a
         where leaf.event_action = 'exit' and leaf.path = '${workload.path}'
           and (leaf.exit_code = 4 or leaf.exit_signal = 9) and a.depth <= 4
         order by leaf.eid, a.depth)
       group by eid order by ended`,
    );
    assert.deepEqual(
      ancestries.map((row) => row["chain"]),
      Array.from({ length: count / 4 }, (_, i) => {
        const chain = links.slice(4 * i, 4 * i + 4).map(([pid]) => pid);
        return [...chain.reverse(), links[4 * i]?.[1]].join(" ");
      }),
    );
    const known = new Set(rows.map((row) => row["process_uuid"]));
    const [started] = await host.daemon.query(
      `select process_uuid from process_events where path = '${workload.path}' and event_action = 'exec'`,
    );
    known.add(started?.["process_uuid"]);
    assert.deepEqual(
      rows.filter((row) => !known.has(row["parent_uuid"])),
      [],
    );
    const forks = await host.daemon.query(
      `select process_uuid from process_events where event_action = 'fork' and path = '${workload.path}'`,
    );
    assert.deepEqual(
      new Set(forks.map((row) => row["process_uuid"])),
      new Set(rows.map((row) => row["process_uuid"])),
    );
  });
});
