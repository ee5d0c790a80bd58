import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compiledProgram, whyNoCompiler } from "./c_program.js";
import { hostPerTest, skipReason } from "./live_host.js";
import { testedBackend, whyNoCapture } from "./tested_backend.js";

const skip = skipReason("written actions, live", whyNoCapture() ?? whyNoCompiler());

type Row = Readonly<Record<string, unknown>>;

/** A row in the words of the workload. */
function processAction(row: Row): string {
  const details: Readonly<Record<string, string>> = {
    fork: "fork",
    exec: `exec ${row["path"]}`,
    exec_failed: `exec_failed ${row["error"]}`,
    exit: row["exit_signal"] === null ? `exit ${row["exit_code"]}` : `signal ${row["exit_signal"]}`,
  };
  const action = String(row["event_action"]);
  return `${row["pid"]} ${details[action] ?? action}`;
}

function socketAction(row: Row): string {
  const side = row["action"] === "bind" ? "local" : "remote";
  // The workload leaves the port of a bind to the kernel, and eBPF shows which one it gave.
  const isGiven = row["action"] === "bind" && testedBackend === "ebpf";
  const port = isGiven ? 0 : row[`${side}_port`];
  const address = row["action"] === "listen" ? "0.0.0.0 0" : `${row[`${side}_address`]} ${port}`;
  return `${row["pid"]} ${row["action"]} ${address} ${row["error"] ?? 0}`;
}

/** What `some` has more of than `others`, each as often as that. */
function excess(some: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const each of others) left.set(each, (left.get(each) ?? 0) + 1);
  return some.filter((each) => {
    const count = left.get(each) ?? 0;
    left.set(each, count - 1);
    return count <= 0;
  });
}

describe("nothing is invented", { skip }, () => {
  const host = hostPerTest((ready) => ready.start());
  const workload = compiledProgram("written_workload");

  /** Rows since `eid` that are of one of the processes, or that say so of parent, file or argument. */
  async function rowsOf(table: string, pids: string, eid: number): Promise<readonly Row[]> {
    const byName = `path = '${workload.path}'`;
    return host.daemon.query(
      `select * from ${table}
       where eid > ${eid} and (pid in (${pids}) or parent in (${pids}) or ${byName}) order by eid`,
    );
  }

  test("the rows of a random tree of processes are the actions that it wrote down, each once", async () => {
    const { daemon } = host;
    const last = (table: string) => daemon.number(`select coalesce(max(eid), 0) from ${table}`);
    const lastProcess = await last("process_events");
    const lastSocket = await last("socket_events");
    const seed = Math.floor(Math.random() * 2 ** 31);
    const written = (await workload.run(String(seed), "400")).map((words) => words.join(" "));
    await daemon.caughtUp();

    const pids = [...new Set(written.map((line) => line.split(" ")[0]))].join(",");
    const processes = await rowsOf("process_events", pids, lastProcess);
    const ends = (row: Row) => row["action"] === "close" && testedBackend === "ebpf";
    const sockets = (await rowsOf("socket_events", pids, lastSocket)).filter((row) => !ends(row));
    const found = [...processes.map(processAction), ...sockets.map(socketAction)];
    console.log(`# seed ${seed}: ${written.length} actions written, ${found.length} rows`);
    assert.deepEqual(
      { seed, invented: excess(found, written), missing: excess(written, found) },
      { seed, invented: [], missing: [] },
    );

    // What the rows say of descent is the same tree, and nobody else is in it.
    const [root] = processes.filter(
      (row) => row["path"] === workload.path && row["event_action"] === "exec",
    );
    const tree = await daemon.query(
      `select pid from process_descendants('${String(root?.["process_uuid"])}')`,
    );
    assert.deepEqual(
      new Set(tree.map((row) => String(row["pid"]))),
      new Set(pids.split(",")),
      `seed ${seed}`,
    );
  });
});
