// Sets the checkout up: dependencies, native addon, TypeScript, web page, and what tests need besides.
// Steps that are up to date are skipped; two set-ups of one checkout run one after the other.
//   node scripts/setup.mjs [--tests]
// --tests: with the packages of linters and tests, and with test/ and bench/. Once is enough: later
// set-ups of the checkout keep both.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { cpuSeconds, fingerprint, runStep, Stamp, say, seconds } from "./build_step.mjs";
import { SqliteBuild } from "./compile_sqlite.mjs";
import { takeLock } from "./take_lock.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const path = (...parts) => join(root, ...parts);
const withTests =
  process.argv.includes("--tests") || existsSync(path("node_modules/@biomejs/biome"));

const compilerRemedy =
  "python3, make and g++ with C++20 are needed (Debian: apt install python3 make g++)";

let lock = null;
let hasRun = false;
function run(title, step) {
  hasRun = true;
  return runStep(title, { cwd: root, lock, ...step });
}

// `npm install` keeps to the lock file as `npm ci` does, and does not begin with removing everything.
// Scripts of packages are not run: the one that is needed compiles SQLite, and does so below.
async function installDependencies() {
  const lock = createHash("sha256")
    .update(readFileSync(path("package-lock.json")))
    .digest("hex");
  const stamp = new Stamp({
    file: path("node_modules/.auditql-stamp"),
    from: `${lock} ${withTests ? "tests" : "start"}`,
    built: path("node_modules"),
  });
  if (stamp.isFresh()) return;
  await run("installing dependencies", {
    command: "npm",
    args: [
      ...["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"],
      ...(withTests ? [] : ["--omit=dev"]),
    ],
    remedy: "npm must be installed and reach its registry",
  });
  stamp.write();
}

/** Whether this set-up compiles SQLite, which the other steps leave the CPUs to. */
let compilesSqlite = false;

async function compileSqlite() {
  const { modules } = process.versions;
  const build = new SqliteBuild({ root, node: process.execPath });
  if (build.isDone(modules)) return;
  compilesSqlite = true;
  await run("compiling SQLite", { ...build.command(), isQuiet: true, remedy: compilerRemedy });
  build.finish(modules);
}

async function buildAddon() {
  const stamp = new Stamp({
    file: path("build/stamps/addon"),
    from: fingerprint(
      [path("addon"), path("package-lock.json")],
      [".cc", ".h", ".bpf", "Makefile"],
    ),
    built: path("dist/addon/auditql.node"),
  });
  if (stamp.isFresh()) return;
  await run("building the native addon", {
    command: "make",
    args: [
      ...["-C", "addon", "--no-print-directory", "-s", `-j${availableParallelism()}`],
      ...["FLAVOR=plain", "addon"],
    ],
    remedy: compilerRemedy,
    yields: compilesSqlite,
  });
  stamp.write();
}

const typeScriptFolders = withTests ? ["src", "test", "bench"] : ["src"];

/** tsc leaves what it made of a source that is gone. */
function removeOrphans() {
  for (const folder of ["src", "test", "bench"]) {
    if (!existsSync(path("dist", folder))) continue;
    for (const entry of readdirSync(path("dist", folder), { recursive: true })) {
      const [, source] = /^(.*)\.js(?:\.map)?$/.exec(entry) ?? [];
      if (source === undefined || existsSync(path(folder, `${source}.ts`))) continue;
      rmSync(path("dist", folder, entry));
    }
  }
}

async function compileTypeScript() {
  const project = withTests ? "tsconfig.json" : "tsconfig.start.json";
  const sources = [...typeScriptFolders, "tsconfig.json", project, "package-lock.json"];
  const stamp = new Stamp({
    file: path("build/stamps/typescript"),
    from: fingerprint(
      sources.map((name) => path(name)),
      [".ts"],
    ),
    built: path("dist/src/main.js"),
  });
  if (stamp.isFresh()) return;
  await run("compiling TypeScript", {
    command: process.execPath,
    args: [path("node_modules/typescript/bin/tsc"), "-p", project],
    yields: compilesSqlite,
  });
  removeOrphans();
  stamp.write();
}

async function buildWebPage() {
  const sources = ["web", "src/client", "scripts/build-web.mjs", "package-lock.json"];
  const stamp = new Stamp({
    file: path("build/stamps/page"),
    from: fingerprint(
      sources.map((name) => path(name)),
      [".ts", ".tsx", ".css", ".html", ".svg"],
    ),
    built: path("dist/web/index.html.br"),
  });
  if (stamp.isFresh()) return;
  await run("bundling the web page", {
    command: process.execPath,
    args: [path("scripts/build-web.mjs")],
    yields: compilesSqlite,
  });
  stamp.write();
}

/** Waits for all, then ends the set-up when some failed: the last line names what failed. */
async function all(steps) {
  const done = await Promise.allSettled(steps);
  const failures = done.filter(({ status }) => status === "rejected").map(({ reason }) => reason);
  if (failures.length === 0) return;
  const remedies = new Set(failures.map(({ remedy }) => remedy).filter(Boolean));
  for (const line of [...remedies, ...failures.map(({ message }) => message)]) say(line);
  process.exit(1);
}

const major = Number(process.versions.node.split(".")[0]);
if (major < 20) {
  say(`node ${process.versions.node} is too old; install node 20 or later`);
  process.exit(1);
}
lock = takeLock("setup", "another set-up of this checkout is running, waiting for its end ...");
const started = performance.now();
await all([installDependencies()]);
// SQLite is one file, and the longest job: it starts first, and the others yield to it.
await all([compileSqlite(), buildAddon(), compileTypeScript(), buildWebPage()]);
if (hasRun) {
  const wall = (performance.now() - started) / 1000;
  say(`set-up done in ${seconds(wall)}, ${seconds(cpuSeconds())} of CPU`);
}
