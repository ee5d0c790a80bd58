#pragma once

#include <napi.h>

#include <memory>

#include "../sql/state_tables/table_generator.h"

namespace auditql {

/// The declaration of a NativeTable of src/native/connection.ts.
StateTable state_table_of(const Napi::Object& declared);

/// Rows from the table's function `generate`, which is called on the thread of `env` while a
/// statement steps there.
std::shared_ptr<TableGenerator> js_generator(Napi::Env env, const StateTable& table,
                                             const Napi::Function& generate);

/// A JavaScript value for SQLite; an error where SQLite has no type for it.
Result<SqlValue> sql_value_of(const Napi::Value& value);

}  // namespace auditql
