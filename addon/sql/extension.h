#pragma once

#include <memory>

#include "connection.h"

namespace auditql {

/// Sets up `db` as the extension's entry point does and ties the result to the connection's life.
Result<std::shared_ptr<SqlConnection>> attach_extension(sqlite3* db);

/// The connection that loaded the extension last on this thread; null when none did.
std::shared_ptr<SqlConnection> last_connection();

}  // namespace auditql
