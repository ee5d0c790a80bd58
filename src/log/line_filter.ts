import { isInteger, isSafeNumber, LosslessNumber, parse, stringify } from "lossless-json";
import type { LoggerConfig } from "../config/config.js";
import type { FilterConfig } from "../config/settings_schema.js";
import { AuditqlError, messageOf } from "../errors.js";
import type { LogBatch } from "../schedule/result_sink.js";
import { namePattern } from "../util/glob.js";
import { type Columns, RowCondition } from "./row_condition.js";

/** What a logger gets of a batch; null when nothing. */
export type LineFilter = (batch: LogBatch) => LogBatch | null;

/** What becomes of a row: itself, changed, or left out (null). */
type RowEdit = (row: Columns, action: string) => Columns | null;

/** The filter of a logger; throws `logger_broken` when its condition is no SQL expression. */
export function readLineFilter({
  name,
  filter,
}: Pick<LoggerConfig, "name" | "filter">): LineFilter {
  try {
    return makeLineFilter(filter);
  } catch (cause) {
    const reason = messageOf(cause);
    throw new AuditqlError(
      "logger_broken",
      `auditql.log.loggers.${name}.filter.where is not an SQL condition: ${reason}.`,
      { cause },
    );
  }
}

/**
 * A filter that passes what its configuration names; a key that is not set passes everything.
 * Throws when its condition is no SQL expression.
 */
export function makeLineFilter(config: FilterConfig): LineFilter {
  const queries = config.queries?.map(namePattern);
  const packs = config.packs?.map(namePattern);
  const matches = (patterns: readonly RegExp[] | undefined, name: string) =>
    patterns === undefined || patterns.some((pattern) => pattern.test(name));
  const changeFields = fieldChange(config);
  const condition = config.where === undefined ? null : new RowCondition(config.where);
  return (batch) => {
    if (config.kinds !== undefined && !config.kinds.includes(batch.kind)) return null;
    if (batch.kind === "status") return filterStatus(batch, config.min_severity ?? 0);
    if (!matches(queries, batch.query) || !matches(packs, batch.pack)) return null;
    if (changeFields === null && condition === null) return batch;
    const about = { query_name: batch.query, pack_name: batch.pack };
    const filtered = mapLines(batch, (line) =>
      editRows(line, (row, action) => {
        if (condition !== null && !condition.holds({ ...about, action, ...row })) return null;
        return changeFields === null ? row : changeFields(row);
      }),
    );
    return filtered.count === 0 ? null : filtered;
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

/** Edits the rows of a result line, in each of osquery's formats; null when no row is left. */
function editRows(line: Columns, edit: RowEdit): Columns | null {
  const { columns, snapshot, diffResults, action } = line;
  if (isRecord(columns)) {
    const edited = edit(columns, String(action));
    if (edited === null || edited === columns) return edited === null ? null : line;
    return { ...line, columns: edited };
  }
  if (Array.isArray(snapshot)) {
    const rows = editAll(snapshot, "snapshot", edit);
    if (rows === snapshot) return line;
    return isEmptied(snapshot, rows) ? null : { ...line, snapshot: rows };
  }
  return isRecord(diffResults) ? editDifference(line, diffResults, edit) : line;
}

function editDifference(line: Columns, diffResults: Columns, edit: RowEdit): Columns | null {
  const { removed, added } = diffResults;
  if (!Array.isArray(removed) || !Array.isArray(added)) return line;
  const edited = {
    removed: editAll(removed, "removed", edit),
    added: editAll(added, "added", edit),
  };
  if (edited.removed === removed && edited.added === added) return line;
  if (isEmptied([...removed, ...added], [...edited.removed, ...edited.added])) return null;
  return { ...line, diffResults: edited };
}

/** The same array when no row changed, so that its line keeps its bytes. */
function editAll(rows: readonly unknown[], action: string, edit: RowEdit): readonly unknown[] {
  const edited = rows.map((row) => (isRecord(row) ? edit(row, action) : row));
  const isSame = edited.every((row, index) => row === rows[index]);
  return isSame ? rows : edited.filter((row) => row !== null);
}

const isEmptied = (before: readonly unknown[], after: readonly unknown[]) =>
  before.length > 0 && after.length === 0;

const isRecord = (value: unknown): value is Columns => typeof value === "object" && value !== null;

/** A run of digits that a JavaScript number may not hold exactly, as of `ntime` or an inode. */
const longNumber = /\d{16}|\d\.\d{15}/;

/** Numbers of `numerics` lines keep all their digits: SQLite's integers have 64 bits. */
function parseLine(text: string): Columns {
  const line: unknown = longNumber.test(text) ? parse(text, null, exactNumber) : JSON.parse(text);
  return isRecord(line) ? line : {};
}

function exactNumber(text: string): number | bigint | LosslessNumber {
  if (isSafeNumber(text)) return Number(text);
  return isInteger(text) ? BigInt(text) : new LosslessNumber(text);
}

function mapLines(batch: LogBatch, change: (line: Columns) => Columns | null): LogBatch {
  const changes = batch.lines
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((text) => {
      const line = parseLine(text);
      const changed = change(line);
      if (changed === null) return null;
      return changed === line ? text : (stringify(changed) ?? text);
    });
  const lines = changes.filter((line) => line !== null);
  const microseconds = batch.microseconds?.filter((_, at) => changes[at] !== null);
  return {
    ...batch,
    lines: Buffer.from(lines.map((line) => `${line}\n`).join("")),
    count: lines.length,
    ...(microseconds === undefined ? {} : { microseconds }),
  };
}
