import assert from "node:assert/strict";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { limitsOfTable } from "../../src/config/config.js";
import { requireConfig } from "../../src/config/load_config.js";
import { LogOutput } from "../../src/log/log_output.js";
import { loadAddon } from "../../src/native/addon.js";
import { Schedule } from "../../src/schedule/schedule.js";
import { WorkerPool } from "../../src/sql/worker_pool.js";
import { tableSchemas } from "../../src/tables/generated/table_schemas.js";
import { temporaryFolder } from "../config/temporary_folder.js";
import { readLines } from "../log/log_fixture.js";
import { FakeClock } from "./fake_clock.js";

/** Seconds of the records; a shell that forks and executes one program each. */
const firstSecond = 1_786_052_700;
const shellPid = 100;

interface ResultLine {
  readonly name: string;
  readonly counter: number;
  readonly columns: Readonly<Record<string, string>>;
}

function records(serial: number, type: string, rest: string): string {
  return `type=${type} msg=audit(${firstSecond + serial}.000:${serial}): ${rest}\n`;
}

const identity =
  'auid=0 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 sgid=0 fsgid=0 tty=pts0 ses=1 subj=unconfined key="auditql"';

function execRecords(
  serial: number,
  process: { pid: number; parent: number; name: string },
): string {
  const { pid, parent, name } = process;
  return [
    records(
      serial,
      "SYSCALL",
      `arch=c000003e syscall=59 success=yes exit=0 a0=1 a1=2 a2=3 a3=0 items=1 ppid=${parent} pid=${pid} comm="${name}" exe="/bin/${name}" ${identity}`,
    ),
    records(serial, "EXECVE", `argc=2 a0="${name}" a1="${serial}"`),
    records(serial, "CWD", 'cwd="/root"'),
    records(
      serial,
      "PATH",
      `item=0 name="/bin/${name}" inode=1 dev=08:01 mode=0100755 ouid=0 ogid=0 rdev=00:00 nametype=NORMAL`,
    ),
    records(serial, "EOE", ""),
  ].join("");
}

function forkRecords(serial: number, child: number): string {
  return [
    records(
      serial,
      "SYSCALL",
      `arch=c000003e syscall=57 success=yes exit=${child} a0=0 a1=0 a2=0 a3=0 items=0 ppid=1 pid=${shellPid} comm="sh" exe="/bin/sh" ${identity}`,
    ),
    records(serial, "EOE", ""),
  ].join("");
}

function failedExecRecords(serial: number, path: string, errno: number): string {
  return [
    records(
      serial,
      "SYSCALL",
      `arch=c000003e syscall=59 success=no exit=-${errno} a0=1 a1=2 a2=3 a3=0 items=1 ppid=1 pid=${shellPid} comm="sh" exe="/bin/sh" ${identity}`,
    ),
    records(serial, "CWD", 'cwd="/root"'),
    records(serial, "PATH", `item=0 name="${path}" nametype=UNKNOWN`),
    records(serial, "EOE", ""),
  ].join("");
}

/** The shipped configuration over the real engine, workers and loggers, with a clock of the test. */
async function startShipped(context: TestContext) {
  const folder = temporaryFolder(context);
  const { config } = requireConfig({
    args: [
      "--config_path=packs/auditql.conf",
      `--state_path=${join(folder, "state")}`,
      `--logger_path=${join(folder, "log")}`,
    ],
  });
  const names = Object.values(tableSchemas).filter((table) => table.kind === "event");
  const limits = names.map(({ name }) => [
    name,
    { ...limitsOfTable(config, name), expirySeconds: 0 },
  ]);
  const engine = loadAddon().openEngine({
    stateDirectory: config.statePath,
    limits: Object.fromEntries(limits),
  });
  const counter = engine.counter.bind(engine);
  const runner = new WorkerPool({ store: engine.storeLocation(), counter });
  const output = await LogOutput.open({ config: config.log, counter, onError: assert.fail });
  const clock = new FakeClock((firstSecond + 100) * 1000);
  const problems: string[] = [];
  const note = (message: string) => void problems.push(message);
  const schedule = new Schedule({
    runner,
    tables: engine,
    sink: output,
    clock,
    log: { info: note, warn: note, error: note },
    factsSettled: async () => {},
    stateDirectory: config.statePath,
  });
  context.after(async () => {
    await schedule.stop();
    await output.close();
    await runner.close();
    engine.close();
  });
  // Old events must not expire by the fake clock's time.
  const ageless = { ...config.tableLimits.default, expirySeconds: 0 };
  await schedule.start({ ...config, tableLimits: { default: ageless, byName: {} } });

  const path = join(config.log.directory, "auditql.results.log");
  const logged = () => readLines(path).map((line): ResultLine => JSON.parse(line));
  /** Passes time until so many lines are logged. */
  async function passUntil(lines: number): Promise<void> {
    // A run that is still on its way when the next is due takes the place of it.
    for (let rows = 0; rows < lines; rows = logged().length) {
      await clock.advanceTo(clock.now() + 15_000);
      await sleep(50);
    }
  }
  return { engine, problems, logged, passUntil };
}

test("the shipped packs log each execution once, with its parent, on the real engine and workers", async (context) => {
  const { engine, problems, logged, passUntil } = await startShipped(context);
  let serial = 1;
  engine.feedLog(Buffer.from(execRecords(serial++, { pid: shellPid, parent: 1, name: "sh" })));
  for (let round = 0; round < 3; round++) {
    for (let index = 0; index < 50; index++) {
      const pid = 1000 + serial;
      engine.feedLog(Buffer.from(forkRecords(serial++, pid)));
      engine.feedLog(Buffer.from(execRecords(serial++, { pid, parent: shellPid, name: "ls" })));
    }
    const expected = 1 + 50 * (round + 1);
    await passUntil(expected);
    assert.equal(logged().length, expected);
  }
  assert.deepEqual(problems, []);
  const rows = logged().map((line) => line.columns);
  assert.equal(new Set(rows.map((row) => row["eid"])).size, 151);
  const children = rows.filter((row) => row["path"] === "/bin/ls");
  assert.equal(children.length, 150);
  for (const row of children) {
    assert.equal(row["parent_path"], "/bin/sh");
    assert.equal(row["parent_cmdline"], "sh 1");
  }
});

test("a shell's search of PATH makes no line, a failure that is news makes one", async (context) => {
  const { engine, logged, passUntil } = await startShipped(context);
  let serial = 1;
  const feed = (path: string, errno: number) =>
    engine.feedLog(Buffer.from(failedExecRecords(serial++, path, errno)));
  // execvp(3) asks for the program in each directory of PATH.
  for (const folder of ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin"]) {
    feed(`${folder}/nosuchcommand`, 2);
  }
  feed("/etc/passwd/nosuchcommand", 20);
  for (const [path, errno] of [
    ["/root/secret", 13],
    ["/tmp/text", 8],
    ["/tmp/busy", 26],
    ["/tmp/denied", 1],
  ] as const) {
    feed(path, errno);
  }
  engine.feedLog(Buffer.from(execRecords(serial++, { pid: shellPid, parent: 1, name: "ls" })));
  await passUntil(5);
  const lines = logged().map(({ columns }) => [columns["path"], columns["error"]]);
  assert.deepEqual(lines, [
    ["/root/secret", "EACCES"],
    ["/tmp/text", "ENOEXEC"],
    ["/tmp/busy", "ETXTBSY"],
    ["/tmp/denied", "EPERM"],
    ["/bin/ls", ""],
  ]);
});
