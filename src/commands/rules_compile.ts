import { loadAddon } from "../native/addon.js";
import { defineCommand } from "./define_command.js";
import { readRulesFile, refuseWrongLines, reportRuleProblems } from "./read_rules_file.js";
import { printRules, ruleFormatOption } from "./rule_output.js";

export const rulesCompileCommand = defineCommand({
  name: "rules compile",
  summary: "compile audit rules and print the result",
  operands: "FILE",
  description: [
    "Reads a file in the format of audit.rules(7), or '-' for standard input. Prints each rule as auditctl -l would list it after loading, and each setting unchanged. Nothing is sent to the kernel, and no capabilities are required.",
    "Every invalid line is reported to standard error as 'FILE:LINE: error: REASON'. Rules of the other lines are still printed, and the exit status is 78. Lines that only auditctl -R rejects are invalid too, because it loads the file at boot and stops there: it does not remove quotes, splits only at spaces, and does not support comments after a rule. A warning is printed when it interprets a line differently.",
    "The bytes are exactly the struct audit_rule_data that auditctl would send. System call names are those of the architecture in -F arch, or of this machine; auditctl -l prints other names for some numbers (ipc for setresuid without an arch, sys_kexec_load).",
    "Rules of the list io_uring give operations with -S (openat, connect, ... or numbers). auditctl before audit 3.1 does not support that list and rejects such lines.",
  ],
  options: ruleFormatOption,
  errors: ["audit_rule_invalid", "file_unreadable"],
  examples: [
    {
      command: "auditql rules compile /etc/audit/audit.rules",
      effect: "Check a file before loading it.",
    },
    {
      command: "echo '-w /etc/shadow -p wa -k shadow' | auditql rules compile - -f json",
      effect: "Print what the kernel would receive.",
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
