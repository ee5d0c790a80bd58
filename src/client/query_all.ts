import type { AnswerOutcome, QuerySource, Question } from "./query_source.js";

/** A result that is small, or of which the first rows are enough. */
export interface AllRows {
  /** Rows as JSON. */
  readonly rows: readonly string[];
  readonly outcome: AnswerOutcome;
}

/** Runs a statement for the shell's own use. */
export async function queryAll(
  source: QuerySource,
  question: Omit<Question, "limits">,
  maxRows = 10_000,
): Promise<AllRows> {
  const rows: string[] = [];
  const outcome = await source.query({ ...question, limits: { maxRows } }, async (lines) => {
    rows.push(...lines);
  });
  return { rows, outcome };
}
