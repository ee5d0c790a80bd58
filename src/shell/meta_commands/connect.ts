import { defineMetaCommand, wrongUse } from "./define_meta_command.js";

export const connectCommand = defineMetaCommand({
  name: "connect",
  aliases: ["socket"],
  operands: "SOCKET|URL",
  description: "Send what follows to another daemon; alone, show which it is now.",
  async run(session, args) {
    const [where] = args;
    if (args.length > 1) throw wrongUse(".connect SOCKET|URL");
    if (where !== undefined) await session.connect(where);
    await session.print(`Connected to ${session.address}\n`);
  },
});

export const disconnectCommand = defineMetaCommand({
  name: "disconnect",
  aliases: [],
  operands: "",
  description: "Send what follows to the daemon that the shell began with.",
  async run(session) {
    await session.disconnect();
    await session.print(`Connected to ${session.address}\n`);
  },
});
