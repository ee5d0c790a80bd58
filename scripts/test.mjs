// Runs tests and prints one closing line: `N passed, N failed`.
//   node scripts/test.mjs [unit] [native] [address] [thread] [live]      default: native unit
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const asked = process.argv.slice(2);
const suites = asked.length > 0 ? asked : ["native", "unit"];
const totals = { passed: 0, failed: 0, skipped: 0 };

function run(command, args) {
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
    maxBuffer: 1 << 30,
  });
  process.stdout.write(done.stdout ?? "");
  return done;
}

/** C++ programs: each ends with `N passed, N failed`. */
function native(title, target, flavor) {
  console.log(`# ${title}`);
  const make = ["-C", "addon", "--no-print-directory", "-s", `FLAVOR=${flavor}`];
  const built = target === "test" ? run("make", [...make, "-j2", "programs"]).status : 0;
  const done = run("make", [...make, target]);
  let failed = 0;
  for (const [, good, bad] of (done.stdout ?? "").matchAll(/^(\d+) passed, (\d+) failed/gm)) {
    totals.passed += Number(good);
    failed += Number(bad);
  }
  totals.failed += failed;
  if (failed === 0 && (built !== 0 || done.status !== 0)) totals.failed++;
}

const maxTestMs = 240_000;

function runFiles(files, args) {
  return run(process.execPath, [
    "--test",
    "--test-reporter=spec",
    `--test-timeout=${maxTestMs}`,
    ...args,
    ...files,
  ]);
}

/** Compiled test files of node:test, by an explicit list: node 20 expands no globs. */
function node(folder, filter, args) {
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
  const first = runFiles(files, args);
  const failing = files.filter((file) => first.stdout.includes(`test at ${file}:`));
  // A loaded host can break what is right: what failed beside others gets one more try alone.
  const again = failing.length > 0 ? runFiles(failing, ["--test-concurrency=1"]) : null;
  if (again !== null) {
    console.log(`${again.status === 0 ? "passed" : "failed"} when run again: ${failing.join(" ")}`);
  }
  const done = again !== null && again.status !== 0 ? again : first;
  const count = (name) =>
    Number(new RegExp(`^\\S+ ${name} (\\d+)$`, "m").exec(done.stdout)?.[1] ?? 0);
  totals.passed += count("pass");
  totals.skipped += count("skipped");
  if (again?.status === 0) return;
  const failed = count("fail") + count("cancelled");
  totals.failed += failed > 0 || done.status === 0 ? failed : 1;
}

const RUNS = {
  native: () => native("native tests", "test", "plain"),
  address: () => native("native tests under AddressSanitizer and UBSan", "test", "address"),
  thread: () => native("native tests under ThreadSanitizer", "test", "thread"),
  unit: () => node("", (file) => !file.startsWith("live/"), []),
  live: () => {
    native("native live tests", "live", "plain");
    node("live", () => true, ["--test-concurrency=1"]);
  },
};
for (const suite of suites) {
  const start = RUNS[suite];
  if (start === undefined) {
    console.error(`unknown suite ${suite}: one of ${Object.keys(RUNS).join(", ")}`);
    process.exit(2);
  }
  start();
}
if (totals.skipped > 0) console.log(`${totals.skipped} skipped`);
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed > 0 ? 1 : 0;
