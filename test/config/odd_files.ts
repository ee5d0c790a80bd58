import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { temporaryFolder } from "./temporary_folder.js";

/** What may stand where a file is expected, by name: each, and a link to it. */
export async function oddFiles(
  context: TestContext,
  largeBytes: number,
): Promise<ReadonlyMap<string, string>> {
  const folder = temporaryFolder(context);
  const at = (name: string) => join(folder, name);
  execFileSync("mkfifo", [at("fifo")]);
  mkdirSync(at("directory"));
  writeFileSync(at("large"), "");
  truncateSync(at("large"), largeBytes);
  const server = createServer().listen(at("socket"));
  await once(server, "listening");
  context.after(() => server.close());
  const paths = new Map<string, string>([
    ...["fifo", "directory", "large", "socket", "missing"].map((name) => [name, at(name)] as const),
    ["device", "/dev/zero"],
    ["terminal", "/dev/ptmx"],
  ]);
  for (const [name, path] of [...paths]) {
    symlinkSync(path, at(`link to ${name}`));
    paths.set(`link to ${name}`, at(`link to ${name}`));
  }
  return paths;
}
