import { spawn } from "node:child_process";

/**
 * Runs a command and passes on what it prints as it comes, unless it is to be quiet. Resolves with
 * its exit status (null: it could not be started, or a signal ended it) and what it printed.
 */
export function runPrinting(command, args, { cwd, isQuiet = false }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
    const collect = (from, to) => {
      const parts = [];
      from.on("data", (part) => {
        parts.push(part);
        if (!isQuiet) to.write(part);
      });
      return parts;
    };
    const stdout = collect(child.stdout, process.stdout);
    const stderr = collect(child.stderr, process.stderr);
    const text = (parts) => Buffer.concat(parts).toString();
    child.on("error", (error) => {
      console.error(`${command}: ${error.message}`);
      resolve({ status: null, stdout: "", stderr: error.message });
    });
    child.on("close", (status) => resolve({ status, stdout: text(stdout), stderr: text(stderr) }));
  });
}
