#!/usr/bin/env node
import { allCommands } from "./commands/all.js";
import { runCommandLine } from "./commands/run_command_line.js";
import { version } from "./version.js";

process.exitCode = await runCommandLine(process.argv.slice(2), allCommands, {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  version,
});
