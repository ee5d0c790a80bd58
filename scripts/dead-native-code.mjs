// Lists functions of the data plane that the addon does not need: those that its linker removes.
//   node scripts/dead-native-code.mjs
// Without optimisation, since the linker does not see what was inlined. Not functions in COMDAT groups:
// those of headers and templates, which each object has that includes them.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
/** Where its objects lie, as seen from addon/. */
const out = "../build/addon/dead";

/** What a command prints to one of its outputs; fails with the command. */
function printed(command, args, { input, stream = "stdout" } = {}) {
  const options = { cwd: root, encoding: "utf8", maxBuffer: 256 << 20, input };
  const done = spawnSync(command, args, { ...options, env: { ...process.env, LC_ALL: "C" } });
  if (done.error !== undefined) throw done.error;
  if (done.status === 0) return done[stream];
  process.stderr.write(done.stderr.replaceAll(/^.*removing unused section.*\n/gm, ""));
  throw new Error(`${command} exited ${done.status}`);
}

/** Mangled names of the functions that the linker of the addon removes. */
function removedFunctions() {
  rmSync(join(root, "addon", out, "auditql.node"), { force: true }); // The linker says it once.
  const text = printed(
    "make",
    [
      ...["-C", "addon", "--no-print-directory", "-s", `-j${availableParallelism()}`, "addon"],
      ...[`OUT=${out}`, "ADDON=$(OUT)/auditql.node", "FLAGS_plain=-O0 -ffunction-sections"],
      "LDFLAGS=-Wl,--gc-sections,--print-gc-sections",
    ],
    { stream: "stderr" },
  );
  // Ours alone, not what the compiler makes of std for them. A section in a group has the group's
  // name behind it, in brackets.
  const removed = text.matchAll(/removing unused section '\.text\.(_ZNK?7auditql[^'[]+)'/g);
  return [...removed].map(([, name]) => name);
}

const dead = printed("c++filt", [], { input: removedFunctions().join("\n") })
  .split("\n")
  .filter(Boolean);
for (const name of dead.sort()) console.log(`not needed by the addon: ${name}`);
if (dead.length > 0) {
  console.log("Delete them; what only tests need belongs to test/addon/.");
  process.exitCode = 1;
}
