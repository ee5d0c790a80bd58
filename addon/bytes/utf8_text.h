#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace auditql {

/// Length of the well-formed UTF-8 sequence that `bytes` starts with (RFC 3629: no surrogates, no
/// overlong forms), 0 where there is none.
size_t utf8_sequence_length(std::string_view bytes);

/// Appends `bytes`, with each byte that is not part of valid UTF-8 as `\xHH` (upper-case hex).
void append_escaped_text(std::string& out, std::string_view bytes);

/// Appends `bytes` as the inside of a JSON string: invalid UTF-8 as `\\xHH`, so that what is parsed
/// back reads `\xHH`.
void append_json_text(std::string& out, std::string_view bytes);

/// Whether `bytes` stand for themselves in a JSON string.
bool is_plain_json(std::string_view bytes);

}  // namespace auditql
