// Runs tests and prints one closing line: `N passed, N failed`.
//   node scripts/test.mjs [unit] [runtime] [native] [address] [thread] [stress] [fuzz] [live]      default: native unit
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { fuzz } from "./fuzz.mjs";
import { runPrinting } from "./run_printing.mjs";
import { nativeSkips, nodeSkips, reportSkips } from "./skip_reasons.mjs";
import { takeLock } from "./take_lock.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const asked = process.argv.slice(2);
const suites = asked.length > 0 ? asked : ["native", "unit"];
const totals = { passed: 0, failed: 0 };
/** Why tests were skipped, one entry each. */
const skips = [];
/** What failed once and passed by itself: named at the end, so that it is repaired. */
const unsteady = [];
/** More than these are no accident. */
const maxUnsteady = 2;
const stressSeconds = 30;
const stressRounds = 100;
const fuzzSeconds = 30;
/** Test files of the suite `runtime`. */
const runtimeTests =
  /^(?:client|log|serve|shell|sql|util)\/|^daemon\/(?:adhoc_workers|daemon|named_files)\.|^commands\/(?:command_line|https|query|shell)\./;

/** Live tests whose subject is not what is captured: one backend is enough. */
const onOneBackend = /^stop\./;

const make = (flavor, ...targets) =>
  [
    ["make", "-C", "addon", "--no-print-directory", "-s", "-k", "-j2", "--output-sync=target"],
    [`FLAVOR=${flavor}`, ...targets],
  ].flat();

function add(counts) {
  for (const name of Object.keys(totals)) totals[name] += counts[name];
}

/** C++ programs: each ends with `N passed, N failed`. */
async function native(title, [command, ...args]) {
  console.log(`# ${title}`);
  const done = await runPrinting(command, args, { cwd: root });
  let passed = 0;
  let failed = 0;
  for (const [, good, bad] of done.stdout.matchAll(/^(\d+) passed, (\d+) failed/gm)) {
    passed += Number(good);
    failed += Number(bad);
  }
  skips.push(...nativeSkips(done.stdout));
  // A program that crashes, hangs or does not build prints no closing line.
  add({ passed, failed: failed === 0 && done.status !== 0 ? 1 : failed });
}

const maxTestMs = 480_000;

/** Compiled test files of node:test, by an explicit list: node 20 expands no globs. */
async function node(folder, filter, args) {
  const base = join(root, "dist/test", folder);
  const files = existsSync(base)
    ? readdirSync(base, { recursive: true })
        .filter((file) => file.endsWith(".test.js") && filter(file))
        .sort()
        .map((file) => join("dist/test", folder, file))
    : [];
  if (files.length === 0) {
    console.log(`no tests in dist/test/${folder}: is the build complete?`);
    totals.failed++;
    return;
  }
  const counts = await runFiles(files, args);
  skips.push(...counts.skips);
  if (counts.failed === 0 || !(await passAlone(counts.failedFiles))) return add(counts);
  unsteady.push(...counts.failedFiles);
  add({ ...counts, passed: counts.passed + counts.failed, failed: 0 });
}

async function runFiles(files, args) {
  const options = ["--test", "--test-reporter=spec", `--test-timeout=${maxTestMs}`];
  const done = await runPrinting(process.execPath, [...options, ...args, ...files], { cwd: root });
  const count = (name) =>
    Number(new RegExp(`^\\S+ ${name} (\\d+)$`, "m").exec(done.stdout)?.[1] ?? 0);
  const failed = count("fail") + count("cancelled");
  const places = done.stdout.matchAll(/^test at (\S+\.test\.js):\d+/gm);
  return {
    passed: count("pass"),
    skips: nodeSkips(done.stdout),
    failed: failed === 0 && done.status !== 0 ? 1 : failed,
    failedFiles: [...new Set([...places].map(([, file]) => file))],
  };
}

/** Whether test files that failed beside others pass by themselves. */
async function passAlone(files) {
  if (files.length === 0 || unsteady.length + files.length > maxUnsteady) return false;
  console.log(`# once more, alone: ${files.join(", ")}`);
  return (await runFiles(files, ["--test-concurrency=1"])).failed === 0;
}

const runs = {
  native: () => native("native tests", make("plain", "test")),
  address: () => native("native tests under AddressSanitizer and UBSan", make("address", "test")),
  thread: () => native("native tests under ThreadSanitizer", make("thread", "test")),
  stress: async () => {
    const program = (flavor, name) => join("build/addon", flavor, "test/store", name);
    const build = (flavor, name) =>
      native(`building ${name}`, make(flavor, join("..", program(flavor, name))));
    await build("thread", "concurrency_test");
    await native("one writer, four readers, expiry and reload under ThreadSanitizer", [
      program("thread", "concurrency_test"),
      "--seconds",
      String(stressSeconds),
    ]);
    await build("plain", "crash_test");
    await native("kill -9 at full insert speed", [
      program("plain", "crash_test"),
      "--rounds",
      String(stressRounds),
    ]);
  },
  // What is built on processes, sockets, terminals and streams of Node, which its lines may change.
  runtime: () => node("", (file) => runtimeTests.test(file), ["--test-concurrency=3"]),
  // Many wait for a daemon, a browser or a terminal; the default is one file at a time on two cores.
  unit: () => node("", (file) => !file.startsWith("live/"), ["--test-concurrency=3"]),
  fuzz: async () => {
    console.log("# fuzzing");
    const { skips: skipped, ...counts } = await fuzz({ seconds: fuzzSeconds });
    add(counts);
    skips.push(...skipped);
  },
  live: async () => {
    // One at a time: each takes the host's audit stream.
    await native("native live tests", make("plain", "-j1", "live"));
    await node("live", () => true, ["--test-concurrency=1"]);
    process.env["AUDITQL_TEST_BACKEND"] = "ebpf";
    console.log("# live tests with the backend ebpf");
    await node("live", (file) => !onOneBackend.test(file), ["--test-concurrency=1"]);
    delete process.env["AUDITQL_TEST_BACKEND"];
  },
};
takeLock("tests", "another test run of this checkout is going on, waiting for its end ...");
for (const suite of suites) {
  const start = runs[suite];
  if (start === undefined) {
    console.error(`unknown suite ${suite}: one of ${Object.keys(runs).join(", ")}`);
    process.exit(2);
  }
  await start();
}
for (const file of unsteady) console.log(`unsteady: ${file} failed, and passed by itself`);
const isContinuousIntegration = process.env["CI"] === "true";
totals.failed += reportSkips(skips, { isContinuousIntegration });
console.log(`${skips.length} skipped`);
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed > 0 ? 1 : 0;
