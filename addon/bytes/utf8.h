#pragma once

#include <string_view>

namespace auditql {

/// Whether the bytes are well-formed UTF-8 as Unicode 15, table 3-7 defines it: no overlong forms,
/// no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view bytes);

}  // namespace auditql
