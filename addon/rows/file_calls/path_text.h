#pragma once

#include <string>
#include <string_view>

namespace auditql {

/// The absolute path without `.`, `..` and doubled slashes, by its text alone, as osquery does it:
/// the file may be gone.
std::string normalised_path(std::string_view path);

/// Up to and with the last slash that is not at the end; empty where there is none.
std::string_view folder_text(std::string_view path);
/// The last name, without slashes behind it.
std::string_view last_name(std::string_view path);
/// `name` in an absolute folder.
std::string path_in(std::string_view folder, std::string_view name);

}  // namespace auditql
