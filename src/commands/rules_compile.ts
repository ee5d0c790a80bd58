import { loadAddon } from "../native/addon.js";
import { defineCommand } from "./define_command.js";
import { readRulesFile, refuseWrongLines, reportRuleProblems } from "./read_rules_file.js";
import { printRules, ruleFormatOption } from "./rule_output.js";

export const rulesCompileCommand = defineCommand({
  name: "rules compile",
  summary: "compile audit rules and print what they mean",
  operands: "FILE",
  description: [
    "Reads a file in the format of audit.rules(7), or standard input as '-', and prints each rule as auditctl -l would list it once it is loaded, and each setting as it stands. Nothing is sent to the kernel and no rights are needed.",
    "Every line that is wrong is reported to standard error as 'FILE:LINE: error: what is wrong'. The rules of the other lines are printed all the same, and the exit status is 78.",
    "The bytes are the struct audit_rule_data that auditctl would send, byte for byte.",
  ],
  options: ruleFormatOption,
  errors: ["audit_rule_invalid", "file_unreadable"],
  examples: [
    {
      command: "auditql rules compile /etc/audit/audit.rules",
      effect: "Check a file before it is loaded.",
    },
    {
      command: "echo '-w /etc/shadow -p wa -k shadow' | auditql rules compile - -f json",
      effect: "What the kernel would get.",
    },
  ],
  async run({ options, operands, io }) {
    const file = await readRulesFile(operands, io);
    const { commands, errors, warnings } = loadAddon().compileRules(file.bytes);
    printRules(commands, options.format, io);
    reportRuleProblems(warnings, { file, severity: "warning", io });
    reportRuleProblems(errors, { file, severity: "error", io });
    refuseWrongLines(errors, file);
    return 0;
  },
});
