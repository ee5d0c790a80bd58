#pragma once

#include <string>
#include <string_view>

namespace auditql {

/// Appends `bytes` as the inside of a JSON string: invalid UTF-8 as `\\xHH`, so that what is parsed
/// back reads `\xHH`.
void append_json_text(std::string& out, std::string_view bytes);

/// Whether `bytes` stand for themselves in a JSON string.
bool is_plain_json(std::string_view bytes);

}  // namespace auditql
