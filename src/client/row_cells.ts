import { AuditqlError } from "../errors.js";

/** One value of a row. Numbers keep their text: 64 bits do not fit into a JavaScript number. */
export interface Cell {
  readonly name: string;
  /** Null for NULL. */
  readonly text: string | null;
}

const scalar = /null|true|false|-?\d[\d.eE+-]*/y;

/**
 * Reads a row as the daemon writes it: a flat JSON object. JSON.parse() would round large
 * integers, move columns with numeric names to the front and merge columns of the same name.
 */
export function readCells(line: string): readonly Cell[] {
  return rowMembers(line).map(({ key, value }) => ({
    name: unquote(key),
    text: value === "null" ? null : value[0] === '"' ? unquote(value) : shownNumber(value),
  }));
}

/** Infinities as SQLite shows them. */
function shownNumber(value: string): string {
  if (value === "1e999") return "Inf";
  return value === "-1e999" ? "-Inf" : value;
}

/** A name of a row and its value, both as they stand in the JSON. */
export interface RowMember {
  readonly key: string;
  readonly value: string;
}

export function rowMembers(line: string): readonly RowMember[] {
  const members: RowMember[] = [];
  let at = 1;
  while (line[at] === '"') {
    const keyEnd = stringEnd(line, at);
    const start = keyEnd + 1;
    const end = line[start] === '"' ? stringEnd(line, start) : scalarEnd(line, start);
    members.push({ key: line.slice(at, keyEnd), value: line.slice(start, end) });
    at = end + 1;
  }
  const isWhole = members.length === 0 ? line === "{}" : line.endsWith("}") && at === line.length;
  if (line[0] !== "{" || !isWhole) throw notARow(line);
  return members;
}

/** The texts of the flat objects of a JSON array, which starts at `start`. */
export function splitRows(json: string, start: number): readonly string[] {
  const rows: string[] = [];
  let at = start + 1;
  while (json[at] === "{") {
    const begin = at;
    while (at < json.length && json[at] !== "}")
      at = json[at] === '"' ? stringEnd(json, at) : at + 1;
    rows.push(json.slice(begin, at + 1));
    at += json[at + 1] === "," ? 2 : 1;
  }
  if (json[start] !== "[" || json[at] !== "]") throw notARow(json);
  return rows;
}

/** Position after the closing quote of the string that starts at `start`. */
function stringEnd(line: string, start: number): number {
  for (let at = line.indexOf('"', start + 1); at >= 0; at = line.indexOf('"', at + 1)) {
    let slashes = 0;
    while (line[at - 1 - slashes] === "\\") slashes += 1;
    if (slashes % 2 === 0) return at + 1;
  }
  throw notARow(line);
}

function scalarEnd(line: string, start: number): number {
  scalar.lastIndex = start;
  if (!scalar.test(line)) throw notARow(line);
  return scalar.lastIndex;
}

function unquote(literal: string): string {
  return literal.includes("\\") ? String(JSON.parse(literal)) : literal.slice(1, -1);
}

function notARow(line: string): AuditqlError {
  return new AuditqlError(
    "answer_unexpected",
    `A line of the response is not a row: ${JSON.stringify(line.slice(0, 80))}`,
  );
}
