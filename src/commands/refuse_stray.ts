import { parseFlags } from "../config/flag_values.js";
import { AuditqlError } from "../errors.js";

/** Refuses arguments that are no flags of the daemon: words that would change nothing. */
export function refuseStray(args: readonly string[]): void {
  const [stray] = parseFlags(args).rest;
  if (stray === undefined) return;
  throw new AuditqlError(
    "usage",
    `Unexpected argument ${JSON.stringify(stray)}. A flag is written --name=value, e.g. --config_path=FILE.`,
  );
}
