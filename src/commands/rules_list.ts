import { loadAddon } from "../native/addon.js";
import { defineCommand } from "./define_command.js";
import { printRules, ruleFormatOption } from "./rule_output.js";

export const rulesListCommand = defineCommand({
  name: "rules list",
  summary: "list the audit rules of the kernel",
  operands: "",
  description: [
    "Prints every audit rule that is loaded, in the order in which the kernel tests them and as auditctl -l prints them. Rules with the key 'auditql' belong to a daemon that captures; it removes them when it stops. Needs CAP_AUDIT_CONTROL.",
  ],
  options: ruleFormatOption,
  errors: ["audit_permission", "audit_unavailable", "audit_timeout", "audit_request_failed"],
  examples: [
    { command: "sudo auditql rules list", effect: "What is loaded." },
    {
      command: "sudo auditql rules list | grep -v key=auditql",
      effect: "What others have loaded.",
    },
  ],
  async run({ options, io }) {
    printRules(loadAddon().listRules(), options.format, io);
    return 0;
  },
});
