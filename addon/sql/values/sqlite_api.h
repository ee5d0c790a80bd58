#pragma once

// One include for both ways of linking: inside Node every SQLite call goes through the API table of
// the library that loaded the extension; test programs define SQLITE_CORE and link SQLite itself.
#include <sqlite3ext.h>

SQLITE_EXTENSION_INIT3
