import { readUserFile } from "../../config/user_file.js";
import { AuditqlError } from "../../errors.js";
import { fileReason } from "../../util/file_reason.js";
import { defineMetaCommand, wrongUse } from "./define_meta_command.js";

/** Files that include each other end here. */
const maxDepth = 16;
let depth = 0;

const maxBytes = 64 * 2 ** 20;

function readStatements(path: string): string {
  try {
    return readUserFile(path, { maxBytes, isPipeTaken: true }).toString();
  } catch (cause) {
    throw new AuditqlError("file_unreadable", `${path}: ${fileReason(cause)}`, { cause });
  }
}

export const readCommand = defineMetaCommand({
  name: "read",
  aliases: [],
  operands: "FILE",
  description: "Run the statements and commands of a file.",
  async run(session, args, rest) {
    if (args.length !== 1) throw wrongUse(".read FILE");
    if (depth >= maxDepth) {
      throw new AuditqlError("usage", `.read is nested deeper than ${maxDepth} files: ${rest}`);
    }
    const text = readStatements(rest);
    depth += 1;
    try {
      await session.takeText(text);
    } finally {
      depth -= 1;
    }
  },
});
