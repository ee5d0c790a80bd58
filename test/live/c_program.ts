import { execFile, execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before } from "node:test";
import { promisify } from "node:util";

/** Why programs in C cannot be compiled here; null when they can. */
export function whyNoCompiler(): string | null {
  return spawnSync("cc", ["--version"]).error === undefined ? null : "needs a C compiler (cc)";
}

/** A program of test/live/programs, compiled for the enclosing suite. */
export class CProgram {
  readonly path: string;

  constructor(folder: string, name: string) {
    this.path = join(folder, name);
  }

  /** Runs it until nobody holds its output any more; the words of each line that was printed. */
  async run(...args: readonly string[]): Promise<readonly (readonly string[])[]> {
    const running = promisify(execFile)(this.path, args, { maxBuffer: 1 << 26 });
    running.child.stdin?.end();
    const { stdout } = await running;
    return stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.split(" "));
  }
}

export function compiledProgram(name: string): CProgram {
  const folder = mkdtempSync("/tmp/auditql-program-");
  const program = new CProgram(folder, name);
  before(() => {
    const source = `test/live/programs/${name}.c`;
    execFileSync("cc", ["-O1", "-pthread", "-o", program.path, source]);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  return program;
}
