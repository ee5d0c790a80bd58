import type { NativeTable, TableRequest } from "../native/connection.js";
import { type TableRows, tableSchemas } from "./generated/table_schemas.js";
import type { Host } from "./host.js";
import type { TableSchema } from "./table_schema.js";

type TableName = keyof TableRows;

/** A row with a key that is no column of the table fits no type. */
type OnlyColumns<Row, Columns> = Row extends unknown
  ? [Exclude<keyof Row, keyof Columns>] extends [never]
    ? unknown
    : { readonly [Key in Exclude<keyof Row, keyof Columns>]: never }
  : never;

/** A table that is read from the host when it is queried. */
export interface StateTable {
  readonly schema: TableSchema;
  generate(request: TableRequest, host: Host): Iterable<object>;
}

/** What the author of a table writes: rows for a request, made as lazily as they can be. */
interface TableSource<Row> {
  generate(request: TableRequest, host: Host): Iterable<Row>;
}

/** Makes the table that schemas/tables/NAME.json declares; a misspelt column does not compile. */
export function defineTable<Name extends TableName, Row extends TableRows[Name]>(
  name: Name,
  source: TableSource<Row & OnlyColumns<Row, TableRows[Name]>>,
): StateTable {
  return { schema: tableSchemas[name], generate: source.generate };
}

/** The table as the addon takes it, once per name that it has. */
export function nativeTables(table: StateTable, host: Host): readonly NativeTable[] {
  const { name, aliases, sql, columns } = table.schema;
  const generate: NativeTable["generate"] = (request) => rowsOf(table, request, host);
  return [name, ...aliases].map((shown) => ({ name: shown, sql, columns, generate }));
}

/** A query over event tables under a name. */
interface View {
  readonly name: string;
  readonly select: string;
}

/** The views that schemas/tables/ declares, and the further names of event tables. */
export function defineViews(): readonly View[] {
  const schemas: readonly TableSchema[] = Object.values(tableSchemas);
  return schemas.flatMap(({ name, kind, aliases, select }) => {
    if (select !== undefined) return [{ name, select }];
    if (kind !== "event") return [];
    return aliases.map((alias) => ({ name: alias, select: `SELECT * FROM ${name}` }));
  });
}

type RowIterable = ReturnType<NativeTable["generate"]>;

function rowsOf(table: StateTable, request: TableRequest, host: Host): RowIterable {
  // Rows were checked against the columns of the table where it was defined.
  return table.generate(request, host) as RowIterable;
}
