import { loadAddon } from "../native/addon.js";
import { defineCommand } from "./define_command.js";
import { readRulesFile, refuseWrongLines, reportRuleProblems } from "./read_rules_file.js";

export const rulesLoadCommand = defineCommand({
  name: "rules load",
  summary: "load a file of audit rules into the kernel",
  operands: "FILE",
  description: [
    "Runs the lines of a rules file in order, as auditctl -R does, and stops at the first that the kernel refuses unless the file says -i or -c. Rules that are there already are left alone. Needs CAP_AUDIT_CONTROL.",
    "The whole file is compiled first: where a line is wrong, nothing is changed. Quotes are taken off, unlike by auditctl; a warning says so. The same holds for -e 2, which locks the rules until the next reboot, and -f 2, which panics the host when a record is lost: auditql never does either.",
    "A daemon that captures keeps its own rules: it restores those that -D in a file has removed.",
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
    { command: "sudo auditql rules load extra.rules", effect: "Add the rules of a file." },
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
      `${loaded.added} added, ${loaded.deleted} deleted, ${loaded.alreadyPresent} already there, ${loaded.failures.length} failed\n`,
    );
    return loaded.failures.length === 0 ? 0 : 1;
  },
});
