// Builds the libFuzzer harnesses of test/addon/*/fuzz under AddressSanitizer and UBSan, and runs them
// side by side, each from its kept corpus. What they find goes to build/fuzz/.
//   node scripts/fuzz.mjs [SECONDS [HARNESS ...]]      default: 60 s, all harnesses
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runPrinting } from "./run_printing.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const sources = "test/addon";
const output = "build/fuzz";
const defaultSeconds = 60;
/** An input that takes longer is reported as a hang. */
const maxInputSeconds = 10;
const maxInputBytes = 16384;

function harnesses() {
  return readdirSync(join(root, sources), { recursive: true })
    .map((file) => /^([\w/]+)\/fuzz\/(\w+)_fuzz\.cc$/.exec(file))
    .filter((found) => found !== null)
    .map(([, folder, name]) => ({ folder, name }));
}

/** Why nothing can be fuzzed here; null when it can. */
function whyNoFuzzing() {
  const args = ["-x", "c++", "-fsanitize=fuzzer,address", "-o", "/dev/null", "-"];
  const input = 'extern "C" int LLVMFuzzerTestOneInput(const char*, unsigned long) { return 0; }';
  const tried = spawnSync("clang++", args, { input });
  return tried.status === 0
    ? null
    : "needs clang and its libFuzzer (apt install clang, and what it recommends)";
}

async function run({ folder, name }, seconds) {
  const found = join(output, name);
  mkdirSync(join(root, found), { recursive: true });
  const done = await runPrinting(
    `build/addon/address/test/${folder}/fuzz/${name}_fuzz`,
    [
      `-max_total_time=${seconds}`,
      `-timeout=${maxInputSeconds}`,
      `-max_len=${maxInputBytes}`,
      "-rss_limit_mb=1024",
      "-print_final_stats=1",
      `-artifact_prefix=${found}-`,
      found,
      join(sources, folder, "fuzz/corpus", name),
    ],
    { cwd: root, isQuiet: true },
  );
  const number = (pattern) => Number(pattern.exec(done.stderr)?.[1] ?? 0).toLocaleString("en");
  const inputs = number(/^stat::number_of_executed_units:\s+(\d+)/m);
  const edges = number(/^#\d+\s+DONE\s+cov: (\d+)/m);
  const ok = done.status === 0;
  if (!ok) console.log(done.stderr.split("\n").slice(-100).join("\n"));
  console.log(
    `${ok ? "ok" : "not ok"}: ${name}: ${inputs} inputs in ${seconds} s, ${edges} edges reached, ${ok ? "no crash, no hang" : `status ${done.status}`}`,
  );
  return ok;
}

/** Counts of harnesses that found nothing, that found something, and that could not run. */
export async function fuzz({ seconds = defaultSeconds, names = [] } = {}) {
  const chosen = harnesses().filter(({ name }) => names.length === 0 || names.includes(name));
  const why = whyNoFuzzing();
  if (why !== null) {
    console.log(`skipped: fuzzing (${why})`);
    return { passed: 0, failed: 0, skips: chosen.map(() => `fuzzing (${why})`) };
  }
  const args = ["-C", "addon", "--no-print-directory", "-s", "-j2", "FLAVOR=address", "fuzzers"];
  const built = await runPrinting("make", args, { cwd: root });
  if (built.status !== 0) return { passed: 0, failed: chosen.length, skips: [] };
  const results = await Promise.all(chosen.map((harness) => run(harness, seconds)));
  const passed = results.filter((ok) => ok).length;
  return { passed, failed: results.length - passed, skips: [] };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [seconds = defaultSeconds, ...names] = process.argv.slice(2);
  const { passed, failed, skips } = await fuzz({ seconds: Number(seconds), names });
  console.log(
    `${passed} passed, ${failed} failed${skips.length > 0 ? `, ${skips.length} skipped` : ""}`,
  );
  process.exitCode = failed > 0 ? 1 : 0;
}
