import { Type } from "typebox";
import { AuditqlError } from "../../errors.js";
import type { TableSchema } from "../../tables/table_schema.js";
import { type ConfiguredTable, configuredTables } from "../configured_tables.js";
import { defineRoutes } from "./define_routes.js";

const columnAnswer = Type.Object({
  name: Type.String(),
  type: Type.String(),
  description: Type.String(),
  hidden: Type.Boolean({ description: "true for a column that SELECT * does not include." }),
  required: Type.Boolean({
    description: "true for a required column. A query must constrain one of the required columns.",
  }),
});

const tableAnswer = Type.Object({
  name: Type.String(),
  kind: Type.String({ description: "event, state, health or view." }),
  description: Type.String(),
  examples: Type.Array(Type.String()),
  columns: Type.Array(columnAnswer),
});

const tablesAnswer = Type.Object({ tables: Type.Array(tableAnswer) });
const tableName = Type.Object({ name: Type.String({ maxLength: 100 }) });

/** The tables that can be queried, those of the configuration too, with their columns. */
export const tablesRoutes = defineRoutes({
  name: "tables",
  register(app, { context }) {
    const own = context.tables.map(toAnswer);
    const names = new Set(own.map(({ name }) => name));
    const describeConfigured = configuredTables(context.runner);
    const allTables = async () => {
      const { userTables } = context.config();
      const configured = await describeConfigured(userTables);
      const offered = own.filter(({ name }) => !userTables.disabled.includes(name));
      // The daemon refuses to give a name of its own to another table.
      return [...offered, ...configured.filter(({ name }) => !names.has(name)).map(toConfigured)];
    };
    app.get(
      "/v1/tables",
      { schema: { summary: "List the tables", response: { 200: tablesAnswer } } },
      async () => ({ tables: await allTables() }),
    );
    app.get(
      "/v1/tables/:name",
      {
        schema: { summary: "Describe a table", params: tableName, response: { 200: tableAnswer } },
      },
      async (request) => {
        const { name } = request.params;
        const isName = (table: { readonly name: string }) => table.name === name;
        const table = (await allTables()).find(isName);
        if (table === undefined) {
          throw new AuditqlError("table_missing", `No such table: ${JSON.stringify(name)}.`);
        }
        return table;
      },
    );
  },
});

function toConfigured({ columns, ...table }: ConfiguredTable) {
  const column = { type: "", description: "", hidden: false, required: false };
  return { ...table, examples: [], columns: columns.map((name) => ({ ...column, name })) };
}

function toAnswer(table: TableSchema) {
  return {
    name: table.name,
    kind: table.kind,
    description: table.description,
    examples: [...table.examples],
    columns: table.columns.map((column) => ({
      name: column.name,
      type: column.type,
      description: column.description,
      hidden: column.hidden ?? false,
      required: column.required ?? false,
    })),
  };
}
