#include "extension.h"

#include <atomic>

// The table of functions of the SQLite that loaded the extension (sqlite3ext.h).
SQLITE_EXTENSION_INIT1

namespace auditql {

namespace {

thread_local std::weak_ptr<SqlConnection> last;

void release_connection(void* held) {
  auto* connection = static_cast<std::shared_ptr<SqlConnection>*>(held);
  (*connection)->close();
  delete connection;
}

}  // namespace

Result<std::shared_ptr<SqlConnection>> attach_extension(sqlite3* db) {
  auto opened = SqlConnection::open(db);
  if (!opened.ok()) return opened;
  // SQLite calls the destructor when the connection closes.
  auto* held = new std::shared_ptr<SqlConnection>(opened.value());
  sqlite3_set_clientdata(db, "auditql", held, release_connection);
  last = opened.value();
  return opened;
}

std::shared_ptr<SqlConnection> last_connection() { return last.lock(); }

}  // namespace auditql

#ifndef SQLITE_CORE

namespace {

/// Calls go through one table for the whole process, so a second SQLite library in it (node:sqlite,
/// another build of better-sqlite3) cannot load the extension.
bool belongs_to_another_library(const sqlite3_api_routines* api) {
  static std::atomic<const sqlite3_api_routines*> first{nullptr};
  const sqlite3_api_routines* none = nullptr;
  return !first.compare_exchange_strong(none, api) && none != api;
}

}  // namespace

/// Entry point of the SQLite face; SQLite derives its name from the file's (auditql.node).
extern "C" __attribute__((visibility("default"))) int sqlite3_auditql_init(
    sqlite3* db, char** error, const sqlite3_api_routines* api) {
  if (belongs_to_another_library(api)) {
    *error = api->mprintf("auditql is already loaded by another SQLite library in this process");
    return SQLITE_ERROR;
  }
  SQLITE_EXTENSION_INIT2(api);
  const auto opened = auditql::attach_extension(db);
  if (opened.ok()) return SQLITE_OK;
  *error = sqlite3_mprintf("%s", opened.error().message.c_str());
  return SQLITE_ERROR;
}

#endif
