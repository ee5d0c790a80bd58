// The event tables as C++ declares them.
import { createHash } from "node:crypto";
import { createTable, isFilled, notice, pascal, sqlTypes } from "./declared_tables.mjs";

// `int` and the like are words of C++.
const reserved = new Set([
  "new",
  "default",
  "class",
  "operator",
  "register",
  "signed",
  "int",
  "namespace",
  "private",
  "public",
]);
const enumerator = (name) => (reserved.has(name) ? `${name}_` : name);
const cxxString = (text) => `R"sql(${text})sql"`;

/// Own columns, then one hidden column per alias, which reads the column it stands for.
function storedColumns(table) {
  const own = table.columns.map((column) => ({ ...column }));
  const aliases = table.columns.flatMap((column) =>
    (column.aliases ?? []).map((alias) => ({
      ...column,
      name: alias,
      hidden: true,
      aliasOf: column.name,
    })),
  );
  return [...own, ...aliases];
}

function layoutHash(table) {
  const layout = table.columns
    .filter((column) => column.storage !== undefined && column.storage !== "absent")
    .map((column) => `${column.name}:${column.storage}:${column.hash_index ? 1 : 0}`);
  return `0x${createHash("sha256").update(layout.join(",")).digest("hex").slice(0, 16)}`;
}

function cxxColumn(table, column, indexOf) {
  const derivation = column.derive ?? "none";
  const source = column.from === undefined ? 0 : indexOf(column.from);
  return `    {"${column.name}", SqlType::${sqlTypes[column.type]}, Storage::${column.storage ?? "absent"}, Derivation::${derivation}, ${source}, ${Boolean(column.hidden)}, ${Boolean(column.hash_index)}, ${isFilled(table, column)}, "${column.collation ?? ""}"${cxxFact(column.fact)}},`;
}

/// "table.column", as the two members of ColumnSpec that say so.
function cxxFact(fact) {
  if (fact === undefined) return "";
  const [table, column] = fact.split(".");
  return `, &k${pascal(table)}, static_cast<uint16_t>(${pascal(table)}Column::${enumerator(column)})`;
}

/** event_tables.h */
export function cxxHeader(tables) {
  const enums = tables.map(
    (table) => `/// Columns of ${table.name}, in declared order.
enum class ${pascal(table.name)}Column : uint16_t {
${table.columns.map((column) => `  ${enumerator(column.name)},`).join("\n")}
};
`,
  );
  return `// ${notice}
// clang-format off
#pragma once

#include "../table_spec.h"

namespace auditql {

${enums.join("\n")}
${tables.map((table) => `extern const TableSpec k${pascal(table.name)};`).join("\n")}
/// Every event table.
extern const std::span<const TableSpec* const> kEventTables;

}  // namespace auditql
`;
}

/** event_tables.cc */
export function cxxSource(tables) {
  const specs = tables.map((table) => {
    const columns = storedColumns(table);
    const indexOf = (name) => {
      const index = table.columns.findIndex((column) => column.name === name);
      if (index < 0) throw new Error(`${table.name}: no column ${name}`);
      return index;
    };
    const name = pascal(table.name);
    return `constexpr ColumnSpec k${name}Columns[] = {
${columns
  .map((column) =>
    column.aliasOf ? cxxAlias(column, indexOf(column.aliasOf)) : cxxColumn(table, column, indexOf),
  )
  .join("\n")}
};
`;
  });
  const definitions = tables.map((table) => {
    const name = pascal(table.name);
    const ntime = table.columns.findIndex((column) => column.name === "ntime");
    return `const TableSpec k${name}{"${table.name}", ${cxxString(createTable(table))}, k${name}Columns, ${ntime}, ${layoutHash(table)}};`;
  });
  return `// ${notice}
// clang-format off
#include "event_tables.h"

namespace auditql {

namespace {

${specs.join("\n")}
}  // namespace

${definitions.join("\n")}

namespace {
constexpr const TableSpec* kAll[] = {${tables.map((table) => `&k${pascal(table.name)}`).join(", ")}};
}
const std::span<const TableSpec* const> kEventTables(kAll);

}  // namespace auditql
`;
}

function cxxAlias(column, source) {
  return `    {"${column.name}", SqlType::${sqlTypes[column.type]}, Storage::absent, Derivation::alias, ${source}, true, false, false, ""},`;
}
