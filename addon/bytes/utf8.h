#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace auditql {

/// Length of the well-formed UTF-8 sequence that `bytes` starts with; 0 where there is none.
/// Well-formed as Unicode 15, table 3-7 defines it: no overlong forms, no surrogates, nothing above
/// U+10FFFF.
size_t utf8_sequence_length(std::string_view bytes);

/// Whether all bytes are of well-formed sequences.
bool is_utf8(std::string_view bytes);

/// Appends `bytes`, with each byte that is not part of valid UTF-8 as `\xHH` (upper-case hex).
void append_escaped_text(std::string& out, std::string_view bytes);

}  // namespace auditql
