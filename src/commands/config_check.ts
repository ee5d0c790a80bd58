import { displayLines } from "../client/display_text.js";
import { loadConfig } from "../config/load_config.js";
import { errorCodes } from "../error_codes/all.js";
import { checkConfiguration } from "./check_configuration.js";
import { defineCommand } from "./define_command.js";
import { refuseStray } from "./refuse_stray.js";

export const configCheckCommand = defineCommand({
  name: "config check",
  summary: "check the configuration for errors",
  operands: "",
  hasOwnOptions: true,
  description: [
    "Reads the flags, the configuration file and all files that it names like the daemon, prepares every SQL statement without running it, and prints each problem as 'file:line:column: severity: message'. It does not write, capture or listen; modules of custom loggers are loaded.",
    "The exit status is 78 when there is an error: a value that the daemon rejects, or a query, pack, decorator, view or other part that it would skip. Use this command in CI. A warning is about a part that behaves differently or has no effect; the exit status stays 0. 'auditql config import' reports on a whole osquery directory.",
    "Packs and queries for other platforms or versions are not prepared. In a pack with discovery queries, a query over a table that does not exist is a warning. Files, users and groups are looked up on this host, with the caller's permissions.",
    "Accepts the daemon's flags (auditql daemon --help); --config_path and --flagfile are useful here.",
  ],
  options: {},
  errors: ["config_broken"],
  examples: [
    { command: "auditql config check", effect: "Check the files that the daemon would use." },
    {
      command: "auditql config check --config_path=/etc/osquery/osquery.conf",
      effect: "Check whether a configuration of osquery works unmodified.",
    },
  ],
  async run({ operands, io }) {
    refuseStray(operands);
    const { ok, text } = await checkConfiguration(loadConfig({ args: operands }));
    (ok ? io.stdout : io.stderr).write(`${displayLines(text)}\n`);
    return ok ? 0 : errorCodes.config_broken.exitCode;
  },
});
