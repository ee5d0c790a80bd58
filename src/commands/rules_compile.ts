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
    "Every line that is wrong is reported to standard error as 'FILE:LINE: error: what is wrong'. The rules of the other lines are printed all the same, and the exit status is 78. Wrong is also what only auditctl -R refuses, which reads the file at boot and stops there: it takes off no quotes, splits at spaces only, and knows no comment behind a rule. Where it takes a line otherwise, a warning says so.",
    "The bytes are the struct audit_rule_data that auditctl would send, byte for byte. The name of a call is that of the table of -F arch, or of this machine; auditctl -l prints another for some numbers (ipc for setresuid without an arch, sys_kexec_load).",
    "Rules of the list io_uring name operations with -S (openat, connect, ... or numbers). audit before 3.1 has no word for that list: its auditctl refuses such lines.",
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
    const { commands, errors: wrong, warnings, refused } = loadAddon().compileRules(file.bytes);
    // At boot the file is read by auditctl, which stops at the first line that it refuses.
    const errors = [...wrong, ...refused].sort((a, b) => a.line - b.line);
    printRules(commands, options.format, io);
    reportRuleProblems(warnings, { file, severity: "warning", io });
    reportRuleProblems(errors, { file, severity: "error", io });
    refuseWrongLines(errors, file);
    return 0;
  },
});
