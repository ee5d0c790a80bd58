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
export async function readFunctions(): Promise<readonly string[]> {
  return (await read<{ functions: readonly string[] }>("/v1/functions")).functions;
}

let known: Promise<readonly TableDescription[]> | null = null;

/** The tables of the daemon; asked for once. */
export function readTables(): Promise<readonly TableDescription[]> {
  known ??= read<{ tables: readonly TableDescription[] }>("/v1/tables").then(
    ({ tables }) => tables,
    (error: unknown) => {
      known = null;
      throw error;
    },
  );
  return known;
}
