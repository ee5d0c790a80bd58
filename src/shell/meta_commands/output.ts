import { defineMetaCommand, wrongUse } from "./define_meta_command.js";

export const outputCommand = defineMetaCommand({
  name: "output",
  aliases: [],
  operands: "[FILE]",
  description: "Send what follows to a file; alone, to the terminal again.",
  async run(session, args, rest) {
    if (args.length > 1) throw wrongUse(".output [FILE]");
    if (rest === "" || rest === "stdout") return session.output.restore();
    await session.output.redirect(rest, false);
  },
});

export const onceCommand = defineMetaCommand({
  name: "once",
  aliases: [],
  operands: "FILE",
  description: "Send the next result to a file.",
  async run(session, args, rest) {
    if (args.length !== 1) throw wrongUse(".once FILE");
    await session.output.redirect(rest, true);
  },
});
