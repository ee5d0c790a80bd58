import { call } from "./api.ts";
import { type ExactNumber, linesOf, parseExact } from "./lines.ts";

export type Cell = string | number | ExactNumber | null;
/** Cells by the columns of the result; undefined where the row is of a statement without it. */
export type Row = readonly (Cell | undefined)[];

/** A result as far as it has come. */
export interface QueryResult {
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** Null while it comes. */
  readonly outcome: Outcome | null;
}

export interface Outcome {
  readonly rows: number;
  readonly elapsedMs: number;
  readonly truncatedBy: string | null;
  readonly evictedRows: number;
  /** Files whose content this role may not be told. */
  readonly refusedFiles: number;
  /** What tables say of rows that they leave out. */
  readonly warnings: readonly string[];
  readonly error: { readonly code: string; readonly message: string } | null;
  /** Names that several columns have: the last of each is shown. */
  readonly repeated: readonly string[];
}

export interface QueryCall {
  readonly sql: string;
  readonly explain?: boolean;
  readonly maxRows?: number;
  readonly signal?: AbortSignal;
  /** Called now and then while rows come. */
  readonly onProgress?: (result: QueryResult) => void;
}

const progressMs = 120;

/** Runs a statement and keeps its rows as arrays, which take a third of the memory of objects. */
export async function runQuery(query: QueryCall): Promise<QueryResult> {
  const { sql, explain = false, maxRows = 100_000, signal, onProgress = () => {} } = query;
  const answer = await call("/v1/query", {
    method: "POST",
    body: { sql, explain, limits: { maxRows } },
    accept: "application/x-ndjson",
    ...(signal === undefined ? {} : { signal }),
  });
  const rows: Row[] = [];
  // Several statements have rows of different columns: each keeps its own.
  let columns: readonly string[] = [];
  let last = "";
  let spokeAt = 0;
  const take = (line: string) => {
    const row = parseExact(line) as Readonly<Record<string, Cell>>;
    for (const name in row) {
      if (!columns.includes(name)) {
        columns = union(columns, namesOf(line));
        break;
      }
    }
    rows.push(columns.map((name) => row[name]));
  };
  for await (const lines of linesOf(answer)) {
    for (const line of lines) {
      if (line === "") continue;
      // The last line is no row, and known to be the last only when there are no more.
      if (last !== "") take(last);
      last = line;
    }
    if (performance.now() - spokeAt > progressMs && rows.length > 0) {
      spokeAt = performance.now();
      onProgress({ columns, rows, outcome: null });
    }
  }
  const end = readEnd(last);
  return { columns: union(columns, end.columns), rows, outcome: end.outcome };
}

/** All names, each once, those of the first list first. */
function union(first: readonly string[], second: readonly string[]): readonly string[] {
  return [...new Set([...first, ...second])];
}

interface End {
  readonly columns: readonly string[];
  readonly outcome: Outcome;
}

/** The last line, which is no row; an answer without it is not whole. */
function readEnd(line: string): End {
  const end: Partial<End> = line.startsWith('{"columns":[') ? JSON.parse(line) : {};
  const { columns, outcome } = end;
  if (columns === undefined || outcome === undefined) {
    throw new Error("The response was truncated: rows are missing.");
  }
  return { columns, outcome: { ...outcome, repeated: repeatedNames(columns) } };
}

function repeatedNames(columns: readonly string[]): readonly string[] {
  return [...new Set(columns.filter((name, at) => columns.indexOf(name) !== at))];
}

/** Names of the columns in their order, which objects do not keep of names that are numbers. */
function namesOf(line: string): readonly string[] {
  const names = Object.keys(JSON.parse(line));
  return names.some((name) => /^\d+$/.test(name))
    ? names.sort((a, b) => keyAt(line, a) - keyAt(line, b))
    : names;
}

/** Where a row has a key. It is the first of its kind: a value that looks like it is escaped. */
function keyAt(line: string, name: string): number {
  return line.indexOf(`${JSON.stringify(name)}:`);
}

/** Rows of a small result by column name. */
export async function queryRows(
  sql: string,
  signal?: AbortSignal,
): Promise<readonly Readonly<Record<string, Cell>>[]> {
  const options = signal === undefined ? {} : { signal };
  const { columns, rows, outcome } = await runQuery({ sql, maxRows: 5000, ...options });
  if (outcome?.error) throw new Error(outcome.error.message);
  return rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null])));
}
