import { Type } from "typebox";
import { AuditqlError } from "../../errors.js";
import type { TableSchema } from "../../tables/table_schema.js";
import { defineRoutes } from "./define_routes.js";

const ColumnAnswer = Type.Object({
  name: Type.String(),
  type: Type.String(),
  description: Type.String(),
  hidden: Type.Boolean({ description: "Left out of SELECT *." }),
  required: Type.Boolean({ description: "A query must constrain one of the required columns." }),
});

const TableAnswer = Type.Object({
  name: Type.String(),
  kind: Type.String({ description: "event, state, health or view." }),
  description: Type.String(),
  examples: Type.Array(Type.String()),
  columns: Type.Array(ColumnAnswer),
});

const TablesAnswer = Type.Object({ tables: Type.Array(TableAnswer) });
const TableName = Type.Object({ name: Type.String({ maxLength: 100 }) });

/** The tables that can be queried, with their columns. */
export const tablesRoutes = defineRoutes({
  name: "tables",
  register(app, { context }) {
    const tables = context.tables.map(toAnswer);
    app.get(
      "/v1/tables",
      { schema: { summary: "List the tables", response: { 200: TablesAnswer } } },
      async () => ({
        tables,
      }),
    );
    app.get(
      "/v1/tables/:name",
      {
        schema: { summary: "Describe a table", params: TableName, response: { 200: TableAnswer } },
      },
      async (request) => {
        const { name } = request.params;
        const table = tables.find((candidate) => candidate.name === name);
        if (table === undefined) {
          throw new AuditqlError("table_missing", `There is no table ${JSON.stringify(name)}.`);
        }
        return table;
      },
    );
  },
});

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
