import { createHash } from "node:crypto";
import type { RowChanges, StateDatabase } from "./state_database.js";

/** What changed between two runs of a query. */
export interface Difference {
  readonly added: readonly Buffer[];
  readonly removed: readonly Buffer[];
  /** What to remember once `added` and `removed` are logged. */
  readonly changes: RowChanges;
}

/** Rows are compared as text: their columns are sorted by name. */
function hashRow(row: Buffer): Buffer {
  return createHash("sha1").update(row).digest();
}

interface Tally {
  readonly hash: Buffer;
  readonly text: Buffer | null;
  readonly before: number;
  now: number;
}

/** Compares rows with those remembered, as multisets: equal rows count as often as they occur. */
export function compareRows(
  database: StateDatabase,
  query: string,
  rows: readonly Buffer[],
): Difference {
  const tallies = new Map<string, Tally>();
  for (const { hash, copies } of database.rows(query)) {
    tallies.set(hash.toString("latin1"), { hash, text: null, before: copies, now: 0 });
  }
  const added: Buffer[] = [];
  for (const row of rows) {
    const hash = hashRow(row);
    const key = hash.toString("latin1");
    const tally = tallies.get(key) ?? { hash, text: row, before: 0, now: 0 };
    tallies.set(key, tally);
    tally.now++;
    if (tally.now > tally.before) added.push(row);
  }
  return { added, ...removedRows(database, query, tallies) };
}

function removedRows(
  database: StateDatabase,
  query: string,
  tallies: ReadonlyMap<string, Tally>,
): { readonly removed: Buffer[]; readonly changes: RowChanges } {
  const removed: Buffer[] = [];
  const set: { hash: Buffer; copies: number; text: Buffer }[] = [];
  const gone: Buffer[] = [];
  for (const { hash, text, before, now } of tallies.values()) {
    if (now === before) continue;
    const row = text ?? database.rowText(query, hash);
    for (let count = now; count < before; count++) removed.push(row);
    if (now === 0) gone.push(hash);
    else set.push({ hash, copies: now, text: row });
  }
  return { removed, changes: { set, gone } };
}

/** Rows that are in `rows` more often than in `before`. */
export function subtractRows(rows: readonly Buffer[], before: readonly Buffer[]): Buffer[] {
  const left = new Map<string, number>();
  for (const row of before) {
    const key = hashRow(row).toString("latin1");
    left.set(key, (left.get(key) ?? 0) + 1);
  }
  return rows.filter((row) => {
    const key = hashRow(row).toString("latin1");
    const count = left.get(key) ?? 0;
    if (count > 0) left.set(key, count - 1);
    return count === 0;
  });
}
