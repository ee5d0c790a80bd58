import { defineMetaCommand, wrongUse } from "./define_meta_command.js";

export const exitCommand = defineMetaCommand({
  name: "exit",
  aliases: ["quit", "q"],
  operands: "[STATUS]",
  description: "Exit the shell with this exit status.",
  run(session, [word = "0"]) {
    const status = Number(word);
    if (!Number.isInteger(status) || status < 0 || status > 255) throw wrongUse(".exit [0..255]");
    session.exitStatus = status;
  },
});
