import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { alternate, median, medianRatio } from "./alternate.js";
import { BenchDaemon } from "./bench_daemon.js";
import { figure, markdownTable } from "./markdown_table.js";
import { isInstalled, numberOf, runProgram } from "./native_programs.js";
import { withScratchDirectory } from "./scratch_directory.js";
import { hashingPart, secondsByPart } from "./thread_cpu.js";

const fileCount = 24;
const fileMib = 16;
const patienceMs = 120_000;

const [daemon, fallback, openssl] = ["auditql", "without OpenSSL", "openssl dgst"] as const;

/** MD5, SHA-1 and SHA-256 of files that change, by the CPU time of whoever hashes them: the
 * daemon's thread, the same code in a process without OpenSSL, and openssl(1) once for each. */
export async function benchDigests(rounds: number): Promise<void> {
  await withScratchDirectory(async (home) => {
    const folder = join(home, "files");
    mkdirSync(folder);
    for (let n = 0; n < fileCount; n++) {
      writeFileSync(join(folder, `${n}`), randomBytes(fileMib << 20));
    }
    const running = await watchingDaemon(home);
    const contenders = [
      { name: daemon, measure: () => bytesBy(() => secondsOfDaemon(running, home)) },
      { name: fallback, measure: () => bytesBy(() => secondsWithoutOpenssl(folder)) },
      ...(isInstalled("openssl")
        ? [{ name: openssl, measure: () => bytesBy(() => secondsOfOpenssl(folder)) }]
        : []),
    ];
    try {
      print(await alternate(contenders, rounds));
    } finally {
      await running.stop();
    }
  });
}

/** MB of the files for each second. */
async function bytesBy(seconds: () => Promise<number> | number): Promise<number> {
  return (fileCount * fileMib * 2 ** 20) / 1e6 / (await seconds());
}

async function watchingDaemon(home: string): Promise<BenchDaemon> {
  const watched = join(home, "watched");
  mkdirSync(watched);
  const started = await BenchDaemon.start(home, { backend: "none", watched });
  await reaches(started, "scans", 1);
  return started;
}

/** Each file gets a watched name, which is one change with content. */
async function secondsOfDaemon(running: BenchDaemon, home: string): Promise<number> {
  const [files, watched] = [join(home, "files"), join(home, "watched")];
  const hashed = await counter(running, "hashed");
  const before = secondsByPart(running.pid).get(hashingPart) ?? 0;
  for (const name of readdirSync(files)) renameSync(join(files, name), join(watched, name));
  await reaches(running, "hashed", hashed + fileCount);
  const after = secondsByPart(running.pid).get(hashingPart) ?? 0;
  for (const name of readdirSync(watched)) renameSync(join(watched, name), join(files, name));
  return after - before;
}

function counter(running: BenchDaemon, metric: string): Promise<number> {
  return running.number(
    `select value from auditql_health where name = 'file_events' and metric = '${metric}'`,
  );
}

async function reaches(running: BenchDaemon, metric: string, value: number): Promise<void> {
  for (const end = performance.now() + patienceMs; performance.now() < end; await sleep(50)) {
    if ((await counter(running, metric)) >= value) return;
  }
  throw new Error(`file_events ${metric} did not reach ${value}`);
}

async function secondsWithoutOpenssl(folder: string): Promise<number> {
  const paths = readdirSync(folder).map((name) => join(folder, name));
  const [printed = {}] = await runProgram("digest_files", paths);
  return numberOf(printed, "cpuSeconds");
}

/** The last line of the shell's `times` has user and system time of its children. */
function secondsOfOpenssl(folder: string): number {
  const each = ["md5", "sha1", "sha256"].map((kind) => `openssl dgst -${kind} ./* > /dev/null`);
  const done = spawnSync("sh", ["-ec", `${each.join("; ")}; times`], {
    cwd: folder,
    encoding: "utf8",
  });
  const times = done.stdout.trimEnd().split("\n").at(-1) ?? "";
  const seconds = [...times.matchAll(/(\d+)m([\d.]+)s/g)].map(
    ([, minutes, rest]) => Number(minutes) * 60 + Number(rest),
  );
  if (done.status !== 0 || seconds.length !== 2) throw new Error(`openssl dgst: ${done.stderr}`);
  return seconds.reduce((sum, value) => sum + value, 0);
}

function print(figures: ReadonlyMap<string, readonly number[]>): void {
  const own = figures.get(daemon) ?? [];
  const rows = [...figures].map(([name, speeds]) => [
    name,
    figure(median(speeds)),
    name === daemon ? "" : `${medianRatio(own, speeds).toFixed(2)} x`,
  ]);
  const title = `MD5, SHA-1 and SHA-256 of changed files, ${fileCount} of ${fileMib} MiB`;
  const head = ["", "MB per CPU second, all three", "auditql against it"];
  console.log(`\n## digests\n\n${title}\n\n${markdownTable(head, rows)}`);
}
