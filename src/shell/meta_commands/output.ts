import { defineMetaCommand, wrongUse } from "./define_meta_command.js";

export const outputCommand = defineMetaCommand({
  name: "output",
  aliases: [],
  operands: "[FILE]",
  description: "Write all following results to a file; without an argument, to the terminal.",
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
  description: "Write the next result to a file.",
  async run(session, args, rest) {
    if (args.length !== 1) throw wrongUse(".once FILE");
    await session.output.redirect(rest, true);
  },
});
