#pragma once

#include <string>
#include <string_view>

namespace auditql {

/// Appends RFC 4648 base64 with padding.
void append_base64(std::string& out, std::string_view bytes);

/// osquery's from_base64(): line ends and trailing `=` are left out; anything else that is not of
/// the alphabet makes the result empty.
std::string decode_base64(std::string_view text);

}  // namespace auditql
