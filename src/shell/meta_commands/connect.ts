import { defineMetaCommand, wrongUse } from "./define_meta_command.js";

export const connectCommand = defineMetaCommand({
  name: "connect",
  aliases: ["socket"],
  operands: "SOCKET|URL",
  description: "Connect to another daemon; without an argument, show the current one.",
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
  description: "Reconnect to the daemon that the shell started with.",
  async run(session) {
    await session.disconnect();
    await session.print(`Connected to ${session.address}\n`);
  },
});
