// Runs the tests of the runtime on other lines of Node, in copies of this checkout, which must be set up.
//   node scripts/test-node-lines.mjs [20] [22] [24]      default: all that this node is not of
// The addon is built once: its interface (Node-API) is the same. better-sqlite3 is compiled for each.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { SqliteBuild } from "./compile_sqlite.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
/** Those that README claims; a test compares them. */
const claimedLines = ["20", "22", "24"];
const ownLine = process.versions.node.split(".")[0] ?? "";

/** Not copied: the copies are made in `build`. */
const left = [".git", "build"];

function run(command, args, options = {}) {
  const done = spawnSync(command, args, { stdio: "inherit", ...options });
  if (done.error !== undefined) throw done.error;
  return done.status === 0;
}

function require(done, what) {
  if (!done) throw new Error(`${what} failed`);
}

/** Installs the line's newest node; gives the program's path. */
function installNode(line, folder) {
  const runtime = `node-linux-${process.arch}`;
  const place = ["--prefix", folder, "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"];
  require(run("npm", [
    "install",
    ...place,
    `${runtime}@${line}`,
  ]), `npm install ${runtime}@${line}`);
  return join(folder, "node_modules", runtime, "bin/node");
}

/** A copy by hard links, but for what is compiled: tsc and node-gyp write into files that are there. */
function copyCheckout(tree) {
  mkdirSync(tree, { recursive: true });
  const parts = readdirSync(root).filter((part) => !left.includes(part));
  const sources = parts.map((part) => join(root, part));
  require(run("cp", ["-al", ...sources, tree]), "cp");
  for (const folder of ["dist", "node_modules/better-sqlite3"]) {
    rmSync(join(tree, folder), { recursive: true });
    require(run("cp", ["-a", join(root, folder), join(tree, folder)]), "cp");
  }
}

/** A checkout for another line of Node, with its SQLite. */
async function prepare(line) {
  const folder = join(root, "build", `node-${line}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const tree = join(folder, "checkout");
  copyCheckout(tree);
  const node = installNode(line, join(folder, "runtime"));
  // Whether it works is tested, not how fast: that takes half the time to compile.
  const { command, args, cwd, env } = new SqliteBuild({ root: tree, node, flags: "-O1" }).command();
  const options = { cwd, env: { ...process.env, ...env }, stdio: "inherit" };
  const [status] = await once(spawn(command, args, options), "close");
  require(status === 0, `compiling SQLite for node ${line}`);
  return { line, folder, tree, node };
}

function testOn({ line, folder, tree, node }) {
  console.log(`# node ${line}`);
  const path = `${dirname(node)}${delimiter}${process.env["PATH"] ?? ""}`;
  const options = { cwd: tree, env: { ...process.env, PATH: path } };
  require(run(node, ["scripts/test.mjs", "runtime"], options), `tests on node ${line}`);
  rmSync(folder, { recursive: true });
}

const asked = process.argv.slice(2);
const lines = asked.length > 0 ? asked : claimedLines.filter((each) => each !== ownLine);
for (const line of lines) {
  if (!claimedLines.includes(line)) throw new Error(`auditql does not claim node ${line}`);
}
// SQLite is compiled on one core: that of all lines at once.
for (const checkout of await Promise.all(lines.map(prepare))) testOn(checkout);
