import { buffer } from "node:stream/consumers";
import { displayText } from "../client/display_text.js";
import { readUserFile } from "../config/user_file.js";
import { AuditqlError } from "../errors.js";
import type { RuleProblem } from "../native/audit_rules.js";
import { fileReason } from "../util/file_reason.js";
import type { CommandIo } from "./define_command.js";

/** A rules file that was named on the command line. */
export interface RulesFile {
  /** For messages. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The kernel lists rules one after the other: a file with more than a million lines is none. */
const maxBytes = 64 * 2 ** 20;

/** Reads the one file that the operands name; '-' is standard input. */
export async function readRulesFile(
  operands: readonly string[],
  io: CommandIo,
): Promise<RulesFile> {
  const [path] = operands;
  if (path === undefined || operands.length > 1) {
    throw new AuditqlError("usage", "Expected one rules file, or '-' for standard input.");
  }
  if (path === "-") return { name: "standard input", bytes: await buffer(io.stdin) };
  try {
    return { name: path, bytes: readUserFile(path, { maxBytes, isPipeTaken: true }) };
  } catch (cause) {
    throw new AuditqlError("file_unreadable", `${path}: ${fileReason(cause)}`, { cause });
  }
}

/** Writes problems as compilers do, so that editors can jump to them. */
export function reportRuleProblems(
  problems: readonly RuleProblem[],
  where: {
    readonly file: RulesFile;
    readonly severity: "error" | "warning";
    readonly io: CommandIo;
  },
): void {
  for (const { line, message } of problems) {
    where.io.stderr.write(
      `${where.file.name}:${line}: ${where.severity}: ${displayText(message)}\n`,
    );
  }
}

/** Ends the command where lines are wrong; they were reported before. */
export function refuseWrongLines(errors: readonly RuleProblem[], file: RulesFile): void {
  if (errors.length === 0) return;
  const lines = errors.length === 1 ? "1 line" : `${errors.length} lines`;
  throw new AuditqlError(
    "audit_rule_invalid",
    `${file.name}: ${lines} cannot be compiled. Correct the errors listed above; auditctl(8) describes the syntax.`,
  );
}
