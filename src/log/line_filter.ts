import { namePattern } from "../config/glob.js";
import type { FilterConfig } from "../config/settings_schema.js";
import type { LogBatch } from "../schedule/result_sink.js";

/** What a logger gets of a batch; null when nothing. */
export type LineFilter = (batch: LogBatch) => LogBatch | null;

type Columns = Readonly<Record<string, unknown>>;

/** A filter that passes what its configuration names; a key that is not set passes everything. */
export function makeLineFilter(config: FilterConfig): LineFilter {
  const queries = config.queries?.map(namePattern);
  const packs = config.packs?.map(namePattern);
  const matches = (patterns: readonly RegExp[] | undefined, name: string) =>
    patterns === undefined || patterns.some((pattern) => pattern.test(name));
  const changeFields = fieldChange(config);
  return (batch) => {
    if (config.kinds !== undefined && !config.kinds.includes(batch.kind)) return null;
    if (batch.kind === "status") return filterStatus(batch, config.min_severity ?? 0);
    if (!matches(queries, batch.query) || !matches(packs, batch.pack)) return null;
    return changeFields === null ? batch : mapLines(batch, (line) => editRows(line, changeFields));
  };
}

function filterStatus(batch: LogBatch, minSeverity: number): LogBatch | null {
  if (minSeverity === 0) return batch;
  const filtered = mapLines(batch, (line) => {
    const { severity } = line;
    return typeof severity === "number" && severity >= minSeverity ? line : null;
  });
  return filtered.count === 0 ? null : filtered;
}

function fieldChange(config: FilterConfig): ((columns: Columns) => Columns) | null {
  const removed = new Set(config.remove_fields ?? []);
  const renamed = new Map(Object.entries(config.rename_fields ?? {}));
  if (removed.size === 0 && renamed.size === 0) return null;
  return (columns) =>
    Object.fromEntries(
      Object.entries(columns)
        .filter(([name]) => !removed.has(name))
        .map(([name, value]) => [renamed.get(name) ?? name, value]),
    );
}

/** Changes the rows of a result line, in each of osquery's formats. */
function editRows(line: Columns, change: (columns: Columns) => Columns): Columns {
  const edit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(edit);
    return isRecord(value) ? change(value) : value;
  };
  const { columns, snapshot, diffResults } = line;
  if (columns !== undefined) return { ...line, columns: edit(columns) };
  if (snapshot !== undefined) return { ...line, snapshot: edit(snapshot) };
  if (!isRecord(diffResults)) return line;
  const sides = Object.entries(diffResults).map(([side, rows]) => [side, edit(rows)]);
  return { ...line, diffResults: Object.fromEntries(sides) };
}

const isRecord = (value: unknown): value is Columns => typeof value === "object" && value !== null;

function mapLines(batch: LogBatch, change: (line: Columns) => Columns | null): LogBatch {
  const lines = batch.lines
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .flatMap((text) => {
      const line: Columns = JSON.parse(text);
      const changed = change(line);
      return changed === null ? [] : [changed === line ? text : JSON.stringify(changed)];
    });
  return {
    ...batch,
    lines: Buffer.from(lines.map((line) => `${line}\n`).join("")),
    count: lines.length,
  };
}
