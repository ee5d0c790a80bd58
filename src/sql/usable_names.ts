import type Database from "better-sqlite3";
import type { UserTables } from "../config/user_tables.js";
import { tableSchemas } from "../tables/generated/table_schemas.js";
import type { TableSchema } from "../tables/table_schema.js";
import { functionListStatement, isOfferedFunction } from "./function_list.js";
import type { UsableNames } from "./name_hint.js";

/** The names that statements of a worker may use: auditql's own tables and the configuration's. */
export function usableNames(database: Database.Database, userTables: UserTables): UsableNames {
  const disabled = new Set(userTables.disabled);
  const own = Object.values<TableSchema>(tableSchemas).filter(({ name }) => !disabled.has(name));
  const constructed = new Map(
    userTables.constructed.map(({ name, columns }) => [name, [...columns, "path"]]),
  );
  const columnsOfView = (name: string) =>
    database.prepare<[string], string>("select name from pragma_table_info(?)").pluck().all(name);
  return {
    tables: () => [
      ...own.flatMap(({ name, aliases }) => [name, ...aliases]),
      ...constructed.keys(),
      ...Object.keys(userTables.views),
    ],
    columnsOf: (table) =>
      own
        .find(({ name, aliases }) => name === table || aliases.includes(table))
        ?.columns.map(({ name }) => name) ??
      constructed.get(table) ??
      columnsOfView(table),
    isDisabled: (table) => disabled.has(table),
    functions: () =>
      database.prepare<[], string>(functionListStatement).pluck().all().filter(isOfferedFunction),
  };
}
