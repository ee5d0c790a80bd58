import { defineTable } from "../define_table.js";
import { tableSchemas } from "../generated/table_schemas.js";
import type { TableSchema } from "../table_schema.js";

const schemas: readonly TableSchema[] = Object.values(tableSchemas);

export const auditqlTables = defineTable("auditql_tables", {
  *generate() {
    for (const { name, kind, description, attributes, aliases } of schemas) {
      yield {
        name,
        kind,
        description,
        attributes: attributes.join(","),
        aliases: aliases.join(","),
      };
    }
  },
});
