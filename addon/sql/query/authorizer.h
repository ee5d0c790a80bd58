#pragma once

#include <set>
#include <string>

#include "../values/sqlite_api.h"

namespace auditql {

/// Lets a connection read and nothing else: no writes, no schema changes, no ATTACH, no pragma that
/// changes something, no extension loading, no transactions. Installed for the connection's life.
class Authorizer {
 public:
  /// Returns an SQLite result code.
  int install(sqlite3* db);

  /// Tables that statements prepared since start_recording() read.
  const std::set<std::string, std::less<>>& tables_read() const { return tables_read_; }
  /// The same with each column of them that is named: `table.column`.
  const std::set<std::string>& columns_read() const { return columns_read_; }
  /// Whether they call count(*), perhaps among others.
  bool calls_count() const { return calls_count_; }
  void start_recording();
  /// What was denied last, in words; empty when nothing was since start_recording().
  const std::string& denial() const { return denial_; }

  /// While it lives, CREATE VIEW is allowed: views come from the configuration.
  class ViewDefinition {
   public:
    explicit ViewDefinition(Authorizer& authorizer) : authorizer_(authorizer) {
      authorizer_.defining_view_ = true;
    }
    ~ViewDefinition() { authorizer_.defining_view_ = false; }
    ViewDefinition(const ViewDefinition&) = delete;
    ViewDefinition& operator=(const ViewDefinition&) = delete;

   private:
    Authorizer& authorizer_;
  };

 private:
  static int decide(void* self, int action, const char* first, const char* second,
                    const char* database, const char* trigger);
  bool allows(int action, const char* first, const char* second);
  bool allows_view_definition(int action, const char* first) const;
  int deny(std::string what);

  sqlite3* db_ = nullptr;
  std::set<std::string, std::less<>> tables_read_;
  std::set<std::string> columns_read_;
  std::string denial_;
  bool calls_count_ = false;
  bool defining_view_ = false;
};

}  // namespace auditql
