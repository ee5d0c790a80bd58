#pragma once

#include <bitset>
#include <optional>
#include <string_view>

namespace auditql {

using ByteSet = std::bitset<256>;

/// Bytes of a POSIX class in the C locale: alpha, digit, space, ...; none for unknown names.
std::optional<ByteSet> posix_class(std::string_view name);

/// `\d \D \w \W \s \S`; none for other letters.
std::optional<ByteSet> escape_class(char letter);

/// Every byte but line ends, which is what `.` takes.
ByteSet any_but_line_end();

ByteSet byte_range(unsigned char low, unsigned char high);

/// Adds the other case of each letter.
ByteSet either_case(ByteSet set);

}  // namespace auditql
