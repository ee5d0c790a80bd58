#pragma once

#include <string>

namespace auditql {

/// osquery's CastVisitor: 15 significant digits as an ostream writes them, `.0` where no point is.
void append_osquery_real(std::string& out, double number);

/// Numbers as rapidjson's Writer has them (Prettify() of its dtoa.h): the shortest digits, always
/// with a point or an exponent, and plain up to 21 digits.
/// `number` must be finite.
void append_rapidjson_real(std::string& out, double number);

}  // namespace auditql
