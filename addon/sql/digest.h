#pragma once

#include <string>
#include <string_view>

namespace auditql {

/// RFC 1321, FIPS 180-4: the digest as raw bytes.
std::string md5_digest(std::string_view bytes);
std::string sha1_digest(std::string_view bytes);
std::string sha256_digest(std::string_view bytes);

/// Lower-case hex.
std::string hex_text(std::string_view bytes);

}  // namespace auditql
