import { loadAddon } from "../native/addon.js";
import { defineCommand } from "./define_command.js";
import { readRulesFile, refuseWrongLines, reportRuleProblems } from "./read_rules_file.js";

export const rulesLoadCommand = defineCommand({
  name: "rules load",
  summary: "load a file of audit rules into the kernel",
  operands: "FILE",
  description: [
    "Runs the lines of a rules file in order, as auditctl -R does, and stops at the first line that the kernel rejects, unless the file contains -i or -c. Rules that are already loaded stay unchanged. Requires CAP_AUDIT_CONTROL.",
    "The whole file is compiled first; if a line is invalid, nothing is changed. Unlike auditctl, auditql removes quotes, with a warning. It rejects -e 2, which locks the rules until the next reboot, and -f 2, which panics the host when a record is lost.",
    "A capturing daemon restores its own rules when -D in a file removes them.",
  ],
  options: {},
  errors: [
    "audit_rule_invalid",
    "audit_rule_refused",
    "audit_invalid",
    "audit_not_found",
    "audit_permission",
    "audit_unavailable",
    "audit_timeout",
    "audit_request_failed",
    "file_unreadable",
  ],
  examples: [
    { command: "sudo auditql rules load extra.rules", effect: "Load the rules of a file." },
    {
      command: "printf '%s\\n' '-D -k mine' | sudo auditql rules load -",
      effect: "Delete every rule with the key mine.",
    },
  ],
  async run({ operands, io }) {
    const addon = loadAddon();
    const file = await readRulesFile(operands, io);
    const { errors, warnings, refused } = addon.compileRules(file.bytes);
    reportRuleProblems([...warnings, ...refused], { file, severity: "warning", io });
    reportRuleProblems(errors, { file, severity: "error", io });
    refuseWrongLines(errors, file);
    const loaded = addon.loadRules(file.bytes);
    reportRuleProblems(loaded.failures, { file, severity: "error", io });
    io.stdout.write(
      `${loaded.added} added, ${loaded.deleted} deleted, ${loaded.alreadyPresent} already loaded, ${loaded.failures.length} failed\n`,
    );
    return loaded.failures.length === 0 ? 0 : 1;
  },
});
