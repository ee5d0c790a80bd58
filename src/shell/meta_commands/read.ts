import { readFile } from "node:fs/promises";
import { fileReason } from "../../config/file_reason.js";
import { AuditqlError } from "../../errors.js";
import { defineMetaCommand, wrongUse } from "./define_meta_command.js";

/** Files that include each other end here. */
const maxDepth = 16;
let depth = 0;

export const readCommand = defineMetaCommand({
  name: "read",
  aliases: [],
  operands: "FILE",
  description: "Run the statements and commands of a file.",
  async run(session, args, rest) {
    if (args.length !== 1) throw wrongUse(".read FILE");
    if (depth >= maxDepth) {
      throw new AuditqlError("usage", `.read goes deeper than ${maxDepth} files: ${rest}`);
    }
    const text = await readFile(rest, "utf8").catch((cause: Error) => {
      throw new AuditqlError("file_unreadable", `${rest}: ${fileReason(cause)}`, { cause });
    });
    depth += 1;
    try {
      await session.takeText(text);
    } finally {
      depth -= 1;
    }
  },
});
