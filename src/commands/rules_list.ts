import { loadAddon } from "../native/addon.js";
import { defineCommand } from "./define_command.js";
import { printRules, ruleFormatOption } from "./rule_output.js";

export const rulesListCommand = defineCommand({
  name: "rules list",
  summary: "list the audit rules of the kernel",
  operands: "",
  description: [
    "Prints every loaded audit rule in the format of auditctl -l, in the order in which the kernel evaluates them. Rules with the key 'auditql' belong to a capturing daemon, which removes them when it stops. Requires CAP_AUDIT_CONTROL.",
  ],
  options: ruleFormatOption,
  errors: ["audit_permission", "audit_unavailable", "audit_timeout", "audit_request_failed"],
  examples: [
    { command: "sudo auditql rules list", effect: "List all loaded rules." },
    {
      command: "sudo auditql rules list | grep -v key=auditql",
      effect: "List the rules of other programs.",
    },
  ],
  async run({ options, io }) {
    printRules(loadAddon().listRules(), options.format, io);
    return 0;
  },
});
