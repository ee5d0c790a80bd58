// Generates from schemas/tables/*.json what C++, TypeScript and the docs need of every table.
//   node scripts/generate-schemas.mjs [--check]
import { cxxHeader, cxxSource } from "./schemas/cxx_tables.mjs";
import {
  createTable,
  isFilled,
  notice,
  pascal,
  readTables,
  sqlTypes,
} from "./schemas/declared_tables.mjs";
import { root, writeGenerated } from "./write_generated.mjs";

function rowType(table) {
  const fields = table.columns.map((column) => {
    const type =
      { text: "string", blob: "Uint8Array", real: "number" }[sqlTypes[column.type]] ??
      "number | bigint";
    return `  readonly ${column.name}?: ${type} | null;`;
  });
  return `/** A row of ${table.name}; a column that is left out is empty text, or NULL where it holds no
 * text or is auditql's own. */
export interface ${pascal(table.name)}Row {
${fields.join("\n")}
}
`;
}

function typeScript(tables) {
  const declarations = tables.map((table) => {
    const shown = {
      name: table.name,
      kind: table.kind,
      description: table.description,
      ...(table.own ? { own: true } : {}),
      ...(table.removed ? { removed: table.removed } : {}),
      ...(table.instead ? { instead: table.instead } : {}),
      attributes: table.attributes ?? [],
      aliases: table.aliases ?? [],
      examples: table.examples ?? [],
      sql: createTable(table),
      ...(table.select === undefined ? {} : { select: table.select.join(" ") }),
      columns: table.columns.map(({ storage, derive, from, fact, hash_index, ...column }) =>
        isFilled(table, column) ? { ...column, filled: true } : column,
      ),
    };
    return `  ${table.name}: ${JSON.stringify(shown)},`;
  });
  return `// ${notice}
import type { TableSchema } from "../table_schema.js";

/** Every table of schemas/tables/, by name. */
export const tableSchemas = {
${declarations.join("\n")}
} as const satisfies Readonly<Record<string, TableSchema>>;

/** Row type of each table. */
export interface TableRows {
${tables.map((table) => `  readonly ${table.name}: ${pascal(table.name)}Row;`).join("\n")}
}

${tables.map(rowType).join("\n")}`;
}

function markdown(tables) {
  const cell = (text) => String(text).replaceAll("|", "\\|");
  const flags = (column) =>
    ["index", "required", "additional", "optimized", "scope", "hidden", "own"]
      .filter((flag) => column[flag])
      .concat(column.otherPlatform ? ["hidden"] : [])
      .join(", ");
  const sections = tables.map(
    (table) => `## ${table.name}

${table.description}${table.own ? " (own)" : ""}

| column | type | | description |
|---|---|---|---|
${table.columns.map((column) => `| ${column.name} | ${column.type} | ${flags(column)} | ${cell(column.description || "For queries written for other platforms; always NULL on Linux.")} |`).join("\n")}
${(table.examples ?? []).map((sql) => `\n    ${sql}\n`).join("")}`,
  );
  return `<!-- ${notice} -->
# Tables

${tables.length} tables. Event tables are filled by the capture and bounded; state tables are read from the host when they are queried; views are queries over event tables.

| word | meaning |
|---|---|
| index | = and IN look up rows instead of reading all |
| required | a query that does not compare one of these columns is rejected |
| additional | the table knows the condition and may read less |
| optimized | the values of an IN are looked up together |
| scope | = and IN choose what is read. Without them the table reads a default, which its description names |
| hidden | a query for * leaves it out |
| own | auditql's own column of an osquery table |

A text column of osquery without a value is empty text, as in osquery, and never NULL. A number without a value is NULL. Own columns, and all columns of tables that osquery does not have (marked own), are NULL where the value is not known.

${sections.join("\n")}`;
}

const tables = readTables(root);
const events = tables.filter((table) => table.kind === "event");
writeGenerated({
  "addon/store/generated/event_tables.h": cxxHeader(events),
  "addon/store/generated/event_tables.cc": cxxSource(events),
  "src/tables/generated/table_schemas.ts": typeScript(tables),
  "docs/reference/tables.md": markdown(tables),
});
