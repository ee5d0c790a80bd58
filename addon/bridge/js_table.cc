#include "js_table.h"

#include <cmath>

#include "js_fields.h"
#include "js_values.h"

namespace auditql {

namespace {

// 2^53: from there on not every integer is a JavaScript number.
constexpr double kEndOfSafeIntegers = 9007199254740992.0;

SqlType sql_type_named(const std::string& name) {
  if (name == "INTEGER") return SqlType::integer;
  if (name == "BIGINT") return SqlType::bigint;
  if (name == "UNSIGNED_BIGINT") return SqlType::unsigned_bigint;
  if (name == "DOUBLE") return SqlType::real;
  return name == "BLOB" ? SqlType::blob : SqlType::text;
}

bool read_column_type(const Napi::Value& given, StateColumn& column) {
  std::string name;
  if (!read_js(given, name)) return false;
  column.type = sql_type_named(name);
  return true;
}

}  // namespace

template <>
struct JsFields<StateColumn> {
  static constexpr const char* type = "NativeColumn";
  /// The declaration in schemas/tables/ says more of a column than the addon needs.
  static constexpr bool others = true;
  static constexpr JsField<StateColumn> all[] = {
      field<&StateColumn::name>("name"),
      field_by<&read_column_type>("type"),
      optional_field<&StateColumn::index>("index"),
      optional_field<&StateColumn::required>("required"),
      optional_field<&StateColumn::additional>("additional"),
      optional_field<&StateColumn::optimized>("optimized"),
      optional_field<&StateColumn::scope>("scope"),
      optional_field<&StateColumn::patterns>("patterns"),
      optional_field<&StateColumn::filled>("filled"),
      optional_field<&StateColumn::collation>("collation"),
      optional_field<&StateColumn::aliases>("aliases"),
  };
};

namespace {

/// A NativeTable as it is given.
struct TableDeclaration {
  StateTable table;
  Napi::Function generate;
};

template <auto Member>
bool read_declared(const Napi::Value& value, TableDeclaration& into) {
  return read_js(value, into.table.*Member);
}

bool read_generate(const Napi::Value& value, TableDeclaration& into) {
  if (!value.IsFunction()) return false;
  into.generate = value.As<Napi::Function>();
  return true;
}

}  // namespace

template <>
struct JsFields<TableDeclaration> {
  static constexpr const char* type = "NativeTable";
  static constexpr JsField<TableDeclaration> all[] = {
      field_by<&read_declared<&StateTable::name>>("name"),
      field_by<&read_declared<&StateTable::sql>>("sql"),
      field_by<&read_declared<&StateTable::columns>>("columns"),
      optional_field_by<&read_declared<&StateTable::user_data>>("userData"),
      field_by<&read_generate>("generate"),
  };
};

namespace {

SqlValue number_of(double number) {
  const bool integer = number == std::floor(number) && std::fabs(number) < kEndOfSafeIntegers;
  if (integer) return static_cast<int64_t>(number);
  return number;
}

SqlValue bigint_of(const Napi::BigInt& number) {
  bool lossless = false;
  const int64_t value = number.Int64Value(&lossless);
  if (lossless) return value;
  // Unsigned 64-bit numbers keep their bits, as in event tables.
  const uint64_t bits = number.Uint64Value(&lossless);
  return lossless ? SqlValue(static_cast<int64_t>(bits)) : SqlValue();
}

Napi::Value js_value_of(Napi::Env env, const SqlValue& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) {
    const bool safe = std::fabs(static_cast<double>(*number)) < kEndOfSafeIntegers;
    if (!safe) return Napi::BigInt::New(env, *number);
    return Napi::Number::New(env, static_cast<double>(*number));
  }
  if (const auto* real = std::get_if<double>(&value)) return Napi::Number::New(env, *real);
  if (const auto* text = std::get_if<std::string>(&value)) return js_string(env, *text);
  if (const auto* blob = std::get_if<SqlBlob>(&value)) {
    return Napi::Buffer<char>::Copy(env, blob->bytes.data(), blob->bytes.size());
  }
  return env.Null();
}

std::string_view operator_name(ConstraintOperator op) {
  constexpr std::string_view kNames[] = {"=", "in", "<", "<=", ">", ">=", "like", "glob", "regexp"};
  return kNames[static_cast<size_t>(op)];
}

/// Columns of a table by name, shared by its generator and its scans.
using ColumnNames = std::vector<std::string>;

Napi::Object table_request_of(Napi::Env env, const TableRequest& request,
                              const ColumnNames& names) {
  Napi::Array constraints = Napi::Array::New(env);
  for (const TableConstraint& each : request.constraints) {
    Napi::Array values = Napi::Array::New(env);
    for (const SqlValue& value : each.values) values.Set(values.Length(), js_value_of(env, value));
    Napi::Object constraint = Napi::Object::New(env);
    constraint.Set("column", js_string(env, names[each.column]));
    constraint.Set("operator", js_string(env, operator_name(each.op)));
    constraint.Set("values", values);
    constraints.Set(constraints.Length(), constraint);
  }
  Napi::Array used = Napi::Array::New(env);
  for (const uint16_t column : request.columns) {
    used.Set(used.Length(), js_string(env, names[column]));
  }
  const Napi::Function set = env.Global().Get("Set").As<Napi::Function>();
  Napi::Object result = Napi::Object::New(env);
  result.Set("constraints", constraints);
  result.Set("columns", set.New({used}));
  return result;
}

/// Pulls rows from an iterator, one at a time: a query that stops early stops the table, too.
class JsScan : public StateScan {
 public:
  struct Options {
    Napi::Env env;
    std::shared_ptr<const ColumnNames> names;
    std::vector<uint16_t> columns;
  };
  JsScan(Options options, const Napi::Object& iterator)
      : options_(std::move(options)), iterator_(Napi::Persistent(iterator)) {}

  Result<bool> next(std::vector<SqlValue>& row) override {
    const Napi::HandleScope scope(options_.env);
    try {
      const Napi::Object iterator = iterator_.Value();
      const Napi::Value step = iterator.Get("next").As<Napi::Function>().Call(iterator, {});
      if (step.As<Napi::Object>().Get("done").ToBoolean()) return false;
      return take(step.As<Napi::Object>().Get("value").As<Napi::Object>(), row);
    } catch (const Napi::Error& thrown) {
      return Error{"sql_error", thrown.Message()};
    }
  }

 private:
  Result<bool> take(const Napi::Object& from, std::vector<SqlValue>& row) {
    for (const uint16_t column : options_.columns) {
      const std::string& name = (*options_.names)[column];
      auto value = sql_value_of(from.Get(name));
      if (!value.ok()) return Error{"sql_error", name + ": " + value.error().message};
      row[column] = value.take();
    }
    return true;
  }

  Options options_;
  Napi::ObjectReference iterator_;
};

class JsGenerator : public TableGenerator {
 public:
  JsGenerator(Napi::Env env, const StateTable& table, const Napi::Function& generate)
      : env_(env), function_(Napi::Persistent(generate)) {
    ColumnNames names;
    for (const StateColumn& column : table.columns) names.push_back(column.name);
    names_ = std::make_shared<const ColumnNames>(std::move(names));
    // The database may be closed after the environment: at the exit of the process.
    function_.SuppressDestruct();
  }

  Result<std::unique_ptr<StateScan>> generate(const TableRequest& request) override {
    const Napi::HandleScope scope(env_);
    try {
      const Napi::Object rows =
          function_.Call({table_request_of(env_, request, *names_)}).As<Napi::Object>();
      const Napi::Value symbol = Napi::Symbol::WellKnown(env_, "iterator");
      const Napi::Value iterator = rows.Get(symbol).As<Napi::Function>().Call(rows, {});
      return std::unique_ptr<StateScan>(
          new JsScan({env_, names_, request.columns}, iterator.As<Napi::Object>()));
    } catch (const Napi::Error& thrown) {
      return Error{"sql_error", thrown.Message()};
    }
  }

 private:
  Napi::Env env_;
  Napi::FunctionReference function_;
  std::shared_ptr<const ColumnNames> names_;
};

}  // namespace

DeclaredTable declared_table_of(const Napi::Value& given) {
  auto declared = fields_of<TableDeclaration>(given);
  auto generator = std::make_shared<JsGenerator>(given.Env(), declared.table, declared.generate);
  return {std::move(declared.table), std::move(generator)};
}

Result<SqlValue> sql_value_of(const Napi::Value& value) {
  if (value.IsNull() || value.IsUndefined()) return SqlValue();
  if (value.IsNumber()) return number_of(value.As<Napi::Number>().DoubleValue());
  if (value.IsString()) return SqlValue(value.As<Napi::String>().Utf8Value());
  if (value.IsBigInt()) return bigint_of(value.As<Napi::BigInt>());
  if (value.IsBoolean()) return SqlValue(int64_t{value.As<Napi::Boolean>().Value() ? 1 : 0});
  if (value.IsTypedArray()) {
    const auto array = value.As<Napi::TypedArray>();
    const auto* data = static_cast<const char*>(array.ArrayBuffer().Data()) + array.ByteOffset();
    return SqlValue(SqlBlob{std::string(data, array.ByteLength())});
  }
  return Error{"sql_error", "values must be null, number, bigint, string or Uint8Array"};
}

}  // namespace auditql
