import { textsEqualTo } from "../constraints.js";
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

const otherPlatformText = "Column of another platform; always NULL on Linux.";

export const auditqlColumns = defineTable("auditql_columns", {
  *generate(request) {
    const wanted = textsEqualTo(request, "table_name");
    for (const { name: tableName, columns } of schemas) {
      if (wanted !== null && !wanted.includes(tableName)) continue;
      for (const [position, column] of columns.entries()) {
        const isOther = column.otherPlatform === true;
        yield {
          table_name: tableName,
          position,
          name: column.name,
          type: column.type.replace("_", " "),
          description: isOther ? otherPlatformText : column.description,
          hidden: column.hidden === true || isOther ? 1 : 0,
          required: column.required === true ? 1 : 0,
          other_platform: isOther ? 1 : 0,
        };
      }
    }
  },
});
