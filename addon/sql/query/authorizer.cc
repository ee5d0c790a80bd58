#include "authorizer.h"

#include <algorithm>
#include <string_view>

namespace auditql {

namespace {

/// Pragmas that tell about tables, functions and collations; none takes a setting.
constexpr std::string_view kHarmlessPragmas[] = {
    "table_info",  "table_xinfo",    "table_list",      "function_list", "module_list",
    "pragma_list", "collation_list", "compile_options", "database_list", "index_list",
};

/// Functions that reach outside the connection.
constexpr std::string_view kDeniedFunctions[] = {"load_extension", "fts3_tokenizer", "readfile",
                                                 "writefile", "edit"};

std::string_view view_of(const char* text) { return text == nullptr ? "" : text; }

template <size_t N>
bool contains(const std::string_view (&list)[N], std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string describe(int action, std::string_view first) {
  const std::string name(first);
  switch (action) {
    case SQLITE_ATTACH:
      return "ATTACH is not allowed";
    case SQLITE_DETACH:
      return "DETACH is not allowed";
    case SQLITE_PRAGMA:
      return "PRAGMA " + name + " is not allowed";
    case SQLITE_FUNCTION:
      return "function " + name + "() is not allowed";
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT:
      return "transactions are not allowed";
    case SQLITE_INSERT:
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
      return "tables are read-only";
    default:
      return "only SELECT, EXPLAIN and VALUES are allowed";
  }
}

}  // namespace

int Authorizer::install(sqlite3* db) {
  db_ = db;
  return sqlite3_set_authorizer(db, decide, this);
}

void Authorizer::start_recording() {
  tables_read_.clear();
  columns_read_.clear();
  denial_.clear();
  calls_count_ = false;
}

int Authorizer::deny(std::string what) {
  // The statement that is refused makes SQLite ask about what it would do to the schema, too: the
  // first denial is the one that explains.
  if (denial_.empty()) denial_ = std::move(what);
  return SQLITE_DENY;
}

bool Authorizer::allows_view_definition(int action, const char* first) const {
  if (!defining_view_) return false;
  if (action == SQLITE_CREATE_VIEW) return true;
  const bool writes = action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE;
  return writes && view_of(first) == "sqlite_master";
}

bool Authorizer::allows(int action, const char* first, const char* second) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
      return true;
    case SQLITE_READ:
      // Also asked with an empty column name, for tables and CTEs of which no column is read.
      tables_read_.insert(std::string(view_of(first)));
      columns_read_.insert(std::string(view_of(first)).append(".").append(view_of(second)));
      return true;
    case SQLITE_FUNCTION: {
      const std::string name = lower(view_of(second));
      calls_count_ |= name == "count";
      return !contains(kDeniedFunctions, name);
    }
    case SQLITE_PRAGMA:
      return contains(kHarmlessPragmas, lower(view_of(first)));
    default:
      return allows_view_definition(action, first);
  }
}

int Authorizer::decide(void* self, int action, const char* first, const char* second, const char*,
                       const char*) {
  auto& authorizer = *static_cast<Authorizer*>(self);
  // While a statement is prepared SQLite itself looks for an interrupt only between its words.
  if (sqlite3_is_interrupted(authorizer.db_) != 0) return SQLITE_DENY;
  if (authorizer.allows(action, first, second)) return SQLITE_OK;
  const char* subject = action == SQLITE_FUNCTION ? second : first;
  return authorizer.deny(describe(action, view_of(subject)));
}

}  // namespace auditql
