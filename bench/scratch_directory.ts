import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Runs `use` with a directory of its own, which is removed afterwards. */
export async function withScratchDirectory<T>(use: (path: string) => Promise<T>): Promise<T> {
  const path = mkdtempSync(join(tmpdir(), "auditql-bench-"));
  const remove = () => rmSync(path, { recursive: true, force: true });
  // A signal may end the bench in the midst of it.
  process.once("exit", remove);
  try {
    return await use(path);
  } finally {
    process.off("exit", remove);
    remove();
  }
}
