import { checkConfig } from "../config/check_config.js";
import { errorCodes } from "../error_codes/all.js";
import { displayLines } from "../shell/display_text.js";
import { defineCommand } from "./define_command.js";
import { refuseStray } from "./refuse_stray.js";

export const configCheckCommand = defineCommand({
  name: "config check",
  summary: "say what is wrong with the configuration",
  operands: "",
  hasOwnOptions: true,
  description: [
    "Reads the flags, the configuration file and everything it names as the daemon would, and prints each problem as 'file:line:column: severity: message'. Errors make the configuration unusable; a warning leaves out what it is about.",
    "Takes the flags of the daemon, of which --config_path and --flagfile are the useful ones here.",
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
    const { ok, text } = checkConfig({ args: operands });
    (ok ? io.stdout : io.stderr).write(`${displayLines(text)}\n`);
    return ok ? 0 : errorCodes.config_broken.exitCode;
  },
});
