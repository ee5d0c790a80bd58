// Everything that must hold before a change is done; prints one line per step.
//   node scripts/check.mjs [--no-live] [--no-sanitizers] [--tested]
// --tested: `npm test` has just passed; --no-sanitizers: neither sanitizers, nor stress, nor fuzzing.
import { spawnSync } from "node:child_process";
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
if (!process.argv.includes("--no-sanitizers")) {
  for (const suite of ["address", "thread", "stress", "fuzz"]) {
    steps.push([`${suite} tests`, node, ["scripts/test.mjs", suite]]);
  }
}
if (process.argv.includes("--no-live") || process.getuid() !== 0) {
  console.log("skipped: live tests (they need root)");
} else {
  steps.push(["live tests", node, ["scripts/test.mjs", "live"]]);
}

let failed = 0;
for (const [title, command, args] of steps) {
  const started = Date.now();
  const done = spawnSync(command, args, { cwd: root, stdio: "inherit" });
  const ok = done.status === 0;
  if (!ok) failed++;
  console.log(
    `${ok ? "ok" : "not ok"}: ${title} (${((Date.now() - started) / 1000).toFixed(0)} s)`,
  );
}
console.log(`${steps.length - failed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
