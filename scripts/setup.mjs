// Sets the checkout up: dependencies, native addon, TypeScript, web page. Steps that are up to date are
// skipped; two set-ups of one checkout run one after the other.
//   node scripts/setup.mjs
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { headersOf, sqliteCompilation } from "./compile_sqlite.mjs";
import { takeLock } from "./take_lock.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const path = (...parts) => join(root, ...parts);

/** Newest mtime below the given files and folders whose names end as asked, in ms; 0 for none. */
function newest(names, endings) {
  let time = 0;
  for (const name of names) {
    const stat = statSync(name, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (!stat.isDirectory()) {
      time = Math.max(time, stat.mtimeMs);
      continue;
    }
    for (const entry of readdirSync(name, { recursive: true })) {
      if (!endings.some((ending) => entry.endsWith(ending))) continue;
      time = Math.max(time, statSync(join(name, entry)).mtimeMs);
    }
  }
  return time;
}

const compilerRemedy =
  "python3, make and g++ with C++20 are needed (Debian: apt install python3 make g++)";

/** Runs a step. The last line of one that fails names it; what may be missing is said before. */
function run(title, command, args, options = {}) {
  const started = Date.now();
  process.stderr.write(`auditql: ${title} ...\n`);
  const done = spawnSync(command, args, {
    cwd: root,
    stdio: ["ignore", 2, 2],
    ...options,
    env: { ...process.env, ...options.env },
  });
  if (done.error !== undefined || done.status !== 0) {
    const { remedy = "" } = options;
    if (remedy !== "") process.stderr.write(`auditql: ${remedy}\n`);
    process.stderr.write(
      `auditql: ${title} failed: ${done.error?.message ?? `${command} exited ${done.status}`}\n`,
    );
    process.exit(1);
  }
  process.stderr.write(
    `auditql: ${title} done in ${((Date.now() - started) / 1000).toFixed(1)} s\n`,
  );
}

// `npm install` keeps to the lock file as `npm ci` does, and does not begin with removing everything.
// Scripts of packages are not run: the one that is needed compiles SQLite, and does so below.
function installDependencies() {
  const stamp = path("node_modules/.auditql-stamp");
  const wanted = createHash("sha256")
    .update(readFileSync(path("package-lock.json")))
    .update(process.versions.modules)
    .digest("hex");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  run(
    "installing dependencies",
    "npm",
    ["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"],
    { remedy: "npm must be installed and reach its registry" },
  );
  const { command, args, env } = sqliteCompilation({ root, node: process.execPath });
  run("compiling SQLite (about a minute)", command, args, { env, remedy: compilerRemedy });
  writeFileSync(stamp, wanted);
}

function buildAddon() {
  const built = path("addon/build/Release/auditql.node");
  const folders = readdirSync(path("addon"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "build")
    .map((entry) => path("addon", entry.name));
  const files = ["addon/binding.gyp", "addon/Makefile", "node_modules/.auditql-stamp"];
  const sources = newest([...folders, ...files.map((file) => path(file))], [".cc", ".h"]);
  if (existsSync(built) && statSync(built).mtimeMs > sources) return;
  run(
    "building the data plane",
    "make",
    [
      ...["-C", "addon", "--no-print-directory", "-s", `-j${availableParallelism()}`],
      ...["FLAVOR=plain", "extension"],
    ],
    { remedy: compilerRemedy },
  );
  // To node-gyp the data plane is a library of others: it would not link a new one by itself. What
  // it linked last lies in obj.target, from where it would only be copied again.
  rmSync(built, { force: true });
  rmSync(path("addon/build/Release/obj.target/auditql.node"), { force: true });
  const gyp = path("node_modules/node-gyp/bin/node-gyp.js");
  run("building the native addon", process.execPath, [
    ...[gyp, "configure", "build", "--directory", "addon"],
    ...["--jobs", "max", "--loglevel", "error", ...headersOf(process.execPath)],
  ]);
}

function compileTypeScript() {
  const stamp = path("dist/.auditql-stamp");
  const sources = newest(
    [path("src"), path("test"), path("bench"), path("tsconfig.json"), path("package-lock.json")],
    [".ts"],
  );
  if (existsSync(stamp) && statSync(stamp).mtimeMs > sources) return;
  run("compiling TypeScript", process.execPath, [
    path("node_modules/typescript/bin/tsc"),
    "-p",
    "tsconfig.json",
  ]);
  writeFileSync(stamp, "");
}

function buildWebPage() {
  const built = path("dist/web/index.html.br");
  const sources = newest(
    [path("web"), path("scripts/build-web.mjs"), path("package-lock.json")],
    [".ts", ".tsx", ".css", ".html", ".svg"],
  );
  if (existsSync(built) && statSync(built).mtimeMs > sources) return;
  run("bundling the web page", process.execPath, [path("scripts/build-web.mjs")]);
}

const major = Number(process.versions.node.split(".")[0]);
if (major < 20) {
  process.stderr.write(
    `auditql: node ${process.versions.node} is too old; install node 20 or later\n`,
  );
  process.exit(1);
}
takeLock("setup", "another set-up of this checkout is running, waiting for its end ...");
installDependencies();
buildAddon();
compileTypeScript();
buildWebPage();
