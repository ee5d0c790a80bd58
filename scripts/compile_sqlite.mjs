// Compiles better-sqlite3, and SQLite in it, for a version of Node.
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { Stamp } from "./build_step.mjs";

/** Where a node keeps its headers: saves node-gyp the download when they are installed. In the
 * environment, because node-gyp prefers what npm's own configuration says to an argument. */
function headersOf(node) {
  const prefix = dirname(dirname(node));
  return existsSync(join(prefix, "include/node/node_api.h")) ? { npm_config_nodedir: prefix } : {};
}

/** SQLite of a checkout at `root`, for the Node whose program is `node`. */
export class SqliteBuild {
  #root;
  #node;
  #directory;
  #flags;

  /** `flags`: of the C compiler, after those that better-sqlite3 sets. */
  constructor({ root, node, flags = "" }) {
    this.#root = root;
    this.#node = node;
    this.#flags = flags;
    this.#directory = join(root, "node_modules/better-sqlite3");
  }

  /** The command, by the node-gyp of npm. Not by `npm rebuild`: to npm, whether a package is compiled
   * is no setting of its own, and it will not pass it on for ever. */
  command() {
    // Why, says the header.
    const include = `-include "${join(this.#root, "scripts/object_wrap_without_hooks.h")}"`;
    const path = [dirname(this.#node), process.env["PATH"]].filter(Boolean).join(delimiter);
    return {
      command: "npm",
      args: ["run", "--silent", "build-release", "--", "--jobs", "max", "--loglevel", "error"],
      cwd: this.#directory,
      env: {
        CFLAGS: [process.env["CFLAGS"], this.#flags].filter(Boolean).join(" "),
        CXXFLAGS: [process.env["CXXFLAGS"], include].filter(Boolean).join(" "),
        PATH: path,
        ...headersOf(this.#node),
      },
    };
  }

  /** `modules` is the ABI of Node (process.versions.modules). */
  #stamp(modules) {
    const { version } = JSON.parse(readFileSync(join(this.#directory, "package.json"), "utf8"));
    const header = readFileSync(join(this.#root, "scripts/object_wrap_without_hooks.h"), "utf8");
    return new Stamp({
      file: join(this.#directory, "build/auditql-stamp"),
      from: `${version} ${modules}\n${header}`,
      built: join(this.#directory, "build/Release/better_sqlite3.node"),
    });
  }

  isDone(modules) {
    return this.#stamp(modules).isFresh();
  }

  /** Notes what was compiled, and removes the 15 MB of objects and copies that led to it. */
  finish(modules) {
    const built = join(this.#directory, "build/Release");
    for (const name of readdirSync(built)) {
      if (name !== "better_sqlite3.node") rmSync(join(built, name), { recursive: true });
    }
    this.#stamp(modules).write();
  }
}
