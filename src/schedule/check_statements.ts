import type { Diagnostic } from "../config/diagnostic.js";
import type { ConfiguredStatement } from "../config/statement.js";
import { messageOf } from "../errors.js";
import type { StatementInfo } from "../native/connection.js";
import type { QueryRunner } from "../sql/query.js";
import { constructedProblem } from "../sql/user_tables.js";
import { quotedName } from "../util/sql_tokens.js";
import { isMeantForThisVersion } from "./audience.js";

type Finding = Pick<Diagnostic, "severity" | "message">;

/**
 * Prepares the SQL of a configuration, without running it, and tells what cannot be prepared against
 * the tables of this version. What is for other platforms or versions is not looked at.
 */
export async function checkStatements(
  statements: readonly ConfiguredStatement[],
  runner: Pick<QueryRunner, "inspect">,
): Promise<readonly Diagnostic[]> {
  const problems: Diagnostic[] = [];
  for (const statement of statements) {
    if (!statement.audiences.every(isMeantForThisVersion)) continue;
    const finding = await findingOf(statement, runner);
    if (finding !== null) problems.push({ ...finding, position: statement.position });
  }
  return problems;
}

async function findingOf(
  statement: ConfiguredStatement,
  runner: Pick<QueryRunner, "inspect">,
): Promise<Finding | null> {
  const { kind, subject, sql } = statement;
  try {
    if (kind === "constructed") {
      const reason = constructedProblem(sql);
      return reason === null ? null : failure(statement, reason);
    }
    const info = await runner.inspect(sql);
    const reason = await reasonAgainst(statement, info, runner);
    if (reason !== null) return failure(statement, reason);
    // Queries that use a view may constrain what the view itself does not.
    return kind === "view" ? null : rejection(subject, info);
  } catch (error) {
    return failure(statement, messageOf(error));
  }
}

/** Null for SQL that can be used; throws what preparing it throws. */
async function reasonAgainst(
  { kind, subject }: ConfiguredStatement,
  info: StatementInfo,
  runner: Pick<QueryRunner, "inspect">,
): Promise<string | null> {
  // SQLite looks at what a view selects only when it is used.
  if (kind === "view") await runner.inspect(`SELECT * FROM ${quotedName(nameOf(subject))}`);
  if (kind === "view" && info.statementCount > 1) return "a view must be a single statement";
  return emptiness(info) ?? (kind === "file_paths_query" ? pathlessness(info) : null);
}

const nameOf = (subject: string) => subject.slice(subject.indexOf(" ") + 1);

const emptiness = ({ columns }: StatementInfo) =>
  columns.length === 0 ? "no statement returns rows" : null;

const pathlessness = ({ columns }: StatementInfo) =>
  columns.includes("path") ? null : 'its result lacks the column "path"';

/** As osquery, which runs such a query and logs a warning. */
function rejection(subject: string, { rejections }: StatementInfo): Finding | null {
  if (rejections.length === 0) return null;
  return {
    severity: "warning",
    message: `${subject} fails when it runs: ${rejections.join("; ")}`,
  };
}

/** The discovery of a pack may be there to keep it from hosts without a table. */
function failure({ subject, isDiscovered }: ConfiguredStatement, reason: string): Finding {
  if (isDiscovered && reason.startsWith("no such table")) {
    const message = `${subject} cannot run even when the discovery of its pack matches: ${reason}`;
    return { severity: "warning", message };
  }
  return { severity: "skip", message: `${subject} cannot run: ${reason}` };
}
