#pragma once

#include <string_view>

namespace auditql {

// How names and values of fields stand in the text of a record, beside what belongs to them.

/// The part of a name that is a field's: `hostname` of `(hostname`; nothing for what auditd adds in
/// capitals.
std::string_view field_key(std::string_view name);

/// Without quotes and blanks at both ends.
std::string_view trimmed(std::string_view value);

/// A value that is text as it stands, without what the record's writer put around it.
std::string_view plain_text(std::string_view value);

/// `?`, `(null)` or empty: the kernel and auditd have no value.
bool says_nothing(std::string_view value);

}  // namespace auditql
