import type { SqlValue, TableRequest } from "../native/connection.js";

/** Values that `column` must be equal to, without repetition; null when any would do. */
function equalTo(request: TableRequest, column: string): readonly SqlValue[] | null {
  const constraint = request.constraints.find(
    ({ column: name, operator }) => name === column && (operator === "=" || operator === "in"),
  );
  return constraint === undefined ? null : [...new Set(constraint.values)];
}

/** The same for a column of text. */
export function textsEqualTo(request: TableRequest, column: string): readonly string[] | null {
  return equalTo(request, column)?.filter((value) => typeof value === "string") ?? null;
}

/** The same for a column of whole numbers; text that is a number counts, as in SQLite. */
export function integersEqualTo(request: TableRequest, column: string): readonly number[] | null {
  const values = equalTo(request, column);
  return values?.map(Number).filter((value) => Number.isSafeInteger(value)) ?? null;
}

/** LIKE patterns that `column` must match. */
export function likePatterns(request: TableRequest, column: string): readonly string[] {
  return request.constraints
    .filter(({ column: name, operator }) => name === column && operator === "like")
    .flatMap(({ values }) => values)
    .filter((value) => typeof value === "string");
}

/** Whether the query reads one of the columns. */
export function readsAny(request: TableRequest, columns: readonly string[]): boolean {
  return columns.some((column) => request.columns.has(column));
}
