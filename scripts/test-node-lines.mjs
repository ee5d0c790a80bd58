// Runs the tests of the runtime on other lines of Node, in copies of this checkout, which must be set up.
//   node scripts/test-node-lines.mjs [20] [22] [24]      default: all that this node is not of
// The addon is built once: its interface (Node-API) is the same. better-sqlite3 is compiled for each.
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { sqliteCompilation } from "./compile_sqlite.mjs";

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

/** A copy by hard links but for better-sqlite3, which is compiled anew in it. */
function copyCheckout(tree) {
  mkdirSync(tree, { recursive: true });
  const parts = readdirSync(root).filter((part) => !left.includes(part));
  const sources = parts.map((part) => join(root, part));
  require(run("cp", ["-al", ...sources, tree]), "cp");
  const sqlite = "node_modules/better-sqlite3";
  rmSync(join(tree, sqlite), { recursive: true });
  require(run("cp", ["-a", join(root, sqlite), join(tree, sqlite)]), "cp");
}

function testOn(line) {
  const folder = join(root, "build", `node-${line}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const tree = join(folder, "checkout");
  copyCheckout(tree);
  const node = installNode(line, join(folder, "runtime"));
  const { command, args, env } = sqliteCompilation({ root: tree, node });
  require(run(command, args, { env: { ...process.env, ...env } }), "compiling SQLite");
  const path = `${dirname(node)}${delimiter}${process.env["PATH"] ?? ""}`;
  const options = { cwd: tree, env: { ...process.env, PATH: path } };
  require(run(node, ["scripts/test.mjs", "runtime"], options), `tests on node ${line}`);
  rmSync(folder, { recursive: true });
}

const asked = process.argv.slice(2);
for (const line of asked.length > 0 ? asked : claimedLines.filter((each) => each !== ownLine)) {
  if (!claimedLines.includes(line)) throw new Error(`no line that auditql claims: ${line}`);
  console.log(`# node ${line}`);
  testOn(line);
}
