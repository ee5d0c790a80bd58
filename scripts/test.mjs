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
function native(flavor) {
  console.log(`# native tests, ${flavor}`);
  const built = run("make", [
    "-C",
    "addon",
    "-j2",
    "--no-print-directory",
    "-s",
    "programs",
    `FLAVOR=${flavor}`,
  ]);
  const done = run("make", [
    "-C",
    "addon",
    "--no-print-directory",
    "-s",
    "test",
    `FLAVOR=${flavor}`,
  ]);
  let failed = 0;
  for (const [, good, bad] of (done.stdout ?? "").matchAll(/^(\d+) passed, (\d+) failed/gm)) {
    totals.passed += Number(good);
    failed += Number(bad);
  }
  totals.failed += failed;
  if (failed === 0 && (built.status !== 0 || done.status !== 0)) totals.failed++;
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
  const done = run(process.execPath, ["--test", "--test-reporter=spec", ...args, ...files]);
  const count = (name) =>
    Number(
      /^[^\w]*(\w+) (\d+)$/m.test(done.stdout)
        ? (new RegExp(`^\\S+ ${name} (\\d+)$`, "m").exec(done.stdout)?.[1] ?? 0)
        : 0,
    );
  totals.passed += count("pass");
  totals.skipped += count("skipped");
  const failed = count("fail") + count("cancelled");
  totals.failed += failed > 0 || done.status === 0 ? failed : 1;
}

const RUNS = {
  native: () => native("plain"),
  address: () => native("address"),
  thread: () => native("thread"),
  unit: () => node("", (file) => !file.startsWith("live/"), []),
  live: () => node("live", () => true, ["--test-concurrency=1"]),
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
