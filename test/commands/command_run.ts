import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { allCommands } from "../../src/commands/all.js";
import { runCommandLine } from "../../src/commands/run_command_line.js";

export interface CommandRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `auditql ARGS` in this process and collects what it prints. */
export async function runAuditql(args: readonly string[], input = ""): Promise<CommandRun> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const texts = Promise.all([text(stdout), text(stderr)]);
  const status = await runCommandLine(args, allCommands, {
    stdin: Readable.from(input === "" ? [] : [Buffer.from(input)]),
    stdout,
    stderr,
    env: {},
    version: "1.2.3",
  });
  stdout.end();
  stderr.end();
  const [out, err] = await texts;
  return { status, stdout: out, stderr: err };
}
