import type { SqlValue, TableConstraint, TableRequest } from "../native/connection.js";
import { plainPath } from "./os_string.js";
import { globMatcher, likeMatcher } from "./sources/text_patterns.js";

/** Values that `column` must be equal to; null when any would do. */
function equalTo(request: TableRequest, column: string): readonly SqlValue[] | null {
  const constraint = request.constraints.find(
    ({ column: name, operator }) => name === column && (operator === "=" || operator === "in"),
  );
  return constraint === undefined ? null : constraint.values;
}

/** Values that a column of text must be equal to, without repetition; null when any would do. */
export function textsEqualTo(request: TableRequest, column: string): readonly string[] | null {
  const texts = equalTo(request, column)?.filter((value) => typeof value === "string");
  return texts === undefined ? null : [...new Set(texts)];
}

/** The same for a column of whole numbers; text that is a number counts, as in SQLite. */
export function integersEqualTo(request: TableRequest, column: string): readonly number[] | null {
  const values = equalTo(request, column);
  if (values === null) return null;
  return [...new Set(values.map(Number).filter((value) => Number.isSafeInteger(value)))];
}

/** The same for a column of paths: those that differ in slashes alone are one. */
export function pathsEqualTo(request: TableRequest, column: string): readonly string[] | null {
  const texts = textsEqualTo(request, column);
  return texts === null ? null : withoutRespellings(texts);
}

/** Paths without those that differ from another in slashes alone; the plain spelling is kept. */
export function withoutRespellings(paths: readonly string[]): readonly string[] {
  const kept = new Map<string, string>();
  for (const path of paths) {
    const plain = plainPath(path);
    if (path === plain || !kept.has(plain)) kept.set(plain, path);
  }
  return [...kept.values()];
}

function patternsOf(
  request: TableRequest,
  column: string,
  wanted: TableConstraint["operator"],
): readonly string[] {
  return request.constraints
    .filter(({ column: name, operator }) => name === column && operator === wanted)
    .flatMap(({ values }) => values)
    .filter((value) => typeof value === "string");
}

/** LIKE patterns that `column` must match. */
export function likePatterns(request: TableRequest, column: string): readonly string[] {
  return patternsOf(request, column, "like");
}

/** GLOB patterns that `column` must match. */
export function globPatterns(request: TableRequest, column: string): readonly string[] {
  return patternsOf(request, column, "glob");
}

/** Whether a text fulfils what the table is told of a column of text; SQLite knows the rest. */
export function satisfies(request: TableRequest, column: string): (text: string) => boolean {
  const texts = textsEqualTo(request, column);
  const isExact = texts === null ? () => true : (text: string) => texts.includes(text);
  const matchers = [
    isExact,
    ...likePatterns(request, column).map(likeMatcher),
    ...globPatterns(request, column).map(globMatcher),
  ];
  return (text) => matchers.every((isMatch) => isMatch(text));
}

/** Whether a number fulfils what the table is told of a column of numbers. */
export function isWithin(request: TableRequest, column: string): (value: number) => boolean {
  const constraints = request.constraints.filter(({ column: name }) => name === column);
  return (value) => constraints.every((constraint) => holds(constraint, value));
}

function holds({ operator, values }: TableConstraint, value: number): boolean {
  const bounds = values.map(Number);
  const [bound = Number.NaN] = bounds;
  switch (operator) {
    case "=":
    case "in":
      return bounds.includes(value);
    case "<":
      return value < bound;
    case "<=":
      return value <= bound;
    case ">":
      return value > bound;
    case ">=":
      return value >= bound;
    default:
      return true;
  }
}

/** Whether the query reads one of the columns. */
export function readsAny(request: TableRequest, columns: readonly string[]): boolean {
  return columns.some((column) => request.columns.has(column));
}
