// Compiles better-sqlite3, and SQLite in it, for a version of Node.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where a node keeps its headers: saves node-gyp the download when they are installed. */
export function headersOf(node) {
  const prefix = dirname(dirname(node));
  return existsSync(join(prefix, "include/node/node_api.h")) ? ["--nodedir", prefix] : [];
}

/** The command for a checkout at `root` and its environment. Not by `npm rebuild`: to npm, whether a
 * package is compiled is no setting of its own, and it will not pass it on for ever. */
export function sqliteCompilation({ root, node }) {
  const gyp = join(root, "node_modules/node-gyp/bin/node-gyp.js");
  const directory = join(root, "node_modules/better-sqlite3");
  // Why, says the header.
  const include = `-include "${join(root, "scripts/object_wrap_without_hooks.h")}"`;
  return {
    command: node,
    args: [
      ...[gyp, "rebuild", "--release", "--directory", directory],
      ...["--jobs", "max", "--loglevel", "error", ...headersOf(node)],
    ],
    env: { CXXFLAGS: [process.env["CXXFLAGS"], include].filter(Boolean).join(" ") },
  };
}
