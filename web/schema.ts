import { read } from "./api.ts";

export interface ColumnDescription {
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly hidden: boolean;
  readonly required: boolean;
}

export interface TableDescription {
  readonly name: string;
  readonly kind: string;
  readonly description: string;
  readonly examples: readonly string[];
  readonly columns: readonly ColumnDescription[];
}

/** Names of the SQL functions. */
export async function readFunctions(signal: AbortSignal): Promise<readonly string[]> {
  return (await read<{ functions: readonly string[] }>("/v1/functions", { signal })).functions;
}

let known: readonly TableDescription[] | null = null;

/** The tables of the daemon; asked for until they are known. */
export async function readTables(signal: AbortSignal): Promise<readonly TableDescription[]> {
  known ??= (await read<{ tables: readonly TableDescription[] }>("/v1/tables", { signal })).tables;
  return known;
}

/** Another daemon, or the same after its restart, may have others. */
export function forgetTables(): void {
  known = null;
}
