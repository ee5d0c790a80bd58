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
  const { name, aliases, attributes, sql, columns } = table.schema;
  const generate: NativeTable["generate"] = (request) => rowsOf(table, request, host);
  const userData = attributes.includes("user_data");
  return [name, ...aliases].map((shown) => ({ name: shown, sql, columns, userData, generate }));
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

/** Warns that osquery has the table no longer, so that its queries need a change. */
function warnOfRemoval({ name, attributes, removed, instead }: TableSchema, host: Host): void {
  if (removed === undefined) return;
  const isEmpty = attributes.includes("always_empty");
  const advice = instead === undefined ? "" : ` Query ${instead} instead.`;
  host.warn(
    `osquery removed the table ${name} ${removed}${isEmpty ? "; here it is always empty" : ""}.${advice}`,
  );
}

/** Says where the conditions of a query leave the table with what it reads by default. */
function warnOfDefaults(
  { name, attributes, columns }: TableSchema,
  request: TableRequest,
  host: Host,
): void {
  const isAsked = (column: string) => request.constraints.some((each) => each.column === column);
  if (attributes.includes("user_data") && !isAsked("uid")) {
    host.warn(
      `The ${name} table returns data based on the current user by default, consider JOINing against the users table`,
    );
  }
  for (const { column, operator } of request.constraints) {
    const { scope, patterns } = columns.find((each) => each.name === column) ?? {};
    const isPattern = operator === "like" || operator === "glob";
    const isRange = /^[<>]/.test(operator);
    const isUsers = attributes.includes("user_data") && column === "uid" && isRange;
    const isServed = operator === "=" || operator === "in" || (patterns && isPattern) || isUsers;
    if (scope && !isServed) {
      host.warn(
        `Table ${name} reads its default where ${column} is compared with ${operator.toUpperCase()}: use = or IN`,
      );
    }
  }
}

function rowsOf(table: StateTable, request: TableRequest, host: Host): RowIterable {
  warnOfRemoval(table.schema, host);
  warnOfDefaults(table.schema, request, host);
  // Rows were checked against the columns of the table where it was defined.
  return table.generate(request, host) as RowIterable;
}
