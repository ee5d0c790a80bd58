import { defineMetaCommand, wrongUse } from "./define_meta_command.js";

export const connectCommand = defineMetaCommand({
  name: "connect",
  aliases: ["socket"],
  operands: "SOCKET|URL",
  description: "Send what follows to another daemon; '.socket' alone shows which it is now.",
  async run(session, args) {
    const [where] = args;
    if (args.length > 1) throw wrongUse(".connect SOCKET|URL");
    if (where !== undefined) await session.connect(where);
    await session.print(`Connected to ${session.address}\n`);
  },
});
