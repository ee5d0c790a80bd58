// Everything that must hold before a change is done; prints one line per step.
//   node scripts/check.mjs [--no-live] [--no-sanitizers] [--tested]
// --tested: `npm test` has just passed; --no-sanitizers: neither sanitizers, nor stress, nor fuzzing.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const node = process.execPath;
const bin = (name, file) => join(root, "node_modules", name, file);

function has(command) {
  return spawnSync(command, ["--version"], { stdio: "ignore" }).status === 0;
}

const steps = [
  ["build", node, ["scripts/setup.mjs", "--tests"]],
  ...["schemas", "flags", "json-schemas", "errors", "cli"].map((name) => [
    `generated ${name} fresh`,
    node,
    [`scripts/generate-${name}.mjs`, "--check"],
  ]),
  ["eBPF programs fresh", node, ["scripts/generate-ebpf.mjs", "--check"]],
  ["lint", node, [bin("@biomejs/biome", "bin/biome"), "check", "."]],
  ["types", node, [bin("typescript", "bin/tsc"), "-p", "tsconfig.json", "--noEmit"]],
  [
    "types of the page",
    node,
    [bin("typescript", "bin/tsc"), "-p", "web/tsconfig.json", "--noEmit"],
  ],
  ["dead code", node, [bin("knip", "bin/knip.js")]],
  ["English of texts", node, ["scripts/check-english.mjs"]],
  ["dead C++", node, ["scripts/dead-native-code.mjs"]],
];
if (has("clang-format")) {
  steps.push(["C++ format", node, ["scripts/format-native.mjs", "--check"]]);
} else {
  console.log("skipped: C++ format (clang-format is not installed)");
}
if (!process.argv.includes("--tested")) {
  steps.push(["tests", node, ["scripts/test.mjs", "native", "unit"]]);
}
const hasSanitizers = !process.argv.includes("--no-sanitizers");
const live = ["live tests", node, ["scripts/test.mjs", "live"]];
if (process.argv.includes("--no-live") || process.getuid() !== 0) {
  console.log("skipped: live tests (they need root)");
} else {
  steps.push(live);
}
if (hasSanitizers) {
  for (const suite of ["address", "thread", "stress", "fuzz"]) {
    steps.push([`${suite} tests`, node, ["scripts/test.mjs", suite]]);
  }
}

/**
 * Compiles what the sanitizers run, of the lowest priority: live tests mostly wait. What does not
 * compile fails in its own step, which compiles it once more.
 */
async function compileForSanitizers() {
  for (const [flavor, ...targets] of [
    ["address", "programs", "fuzzers"],
    ["thread", "programs"],
  ]) {
    const make = ["make", "-C", "addon", "-s", "-k", "-j2", `FLAVOR=${flavor}`, ...targets];
    await once(spawn("nice", ["-n", "19", ...make], { cwd: root, stdio: "ignore" }), "close");
  }
}

/** Exit status of a step, with what it prints as it comes. */
async function run([, command, args]) {
  const [status] = await once(spawn(command, args, { cwd: root, stdio: "inherit" }), "close");
  return status;
}

let failed = 0;
for (const step of steps) {
  const [title] = step;
  const started = Date.now();
  const compiled = step === live && hasSanitizers ? compileForSanitizers() : null;
  const ok = (await run(step)) === 0;
  if (!ok) failed++;
  console.log(
    `${ok ? "ok" : "not ok"}: ${title} (${((Date.now() - started) / 1000).toFixed(0)} s)`,
  );
  await compiled;
}
console.log(`${steps.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
