#pragma once

#include <napi.h>

#include <memory>

#include "../sql/state_tables/table_generator.h"

namespace auditql {

struct DeclaredTable {
  StateTable table;
  /// Its rows come from a function, which is called on the thread of its environment while a
  /// statement steps there.
  std::shared_ptr<TableGenerator> generator;
};

/// The declaration of a NativeTable of src/native/connection.ts.
DeclaredTable declared_table_of(const Napi::Value& given);

/// A JavaScript value for SQLite; an error where SQLite has no type for it.
Result<SqlValue> sql_value_of(const Napi::Value& value);

}  // namespace auditql
