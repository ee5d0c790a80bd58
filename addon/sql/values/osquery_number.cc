#include "osquery_number.h"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace auditql {

void append_osquery_real(std::string& out, double number) {
  char digits[40];
  const int length = std::snprintf(digits, sizeof digits, "%.15g", number);
  const std::string_view text(digits, static_cast<size_t>(length));
  out += text;
  if (text.find('.') == std::string_view::npos) out += ".0";
}

void append_rapidjson_real(std::string& out, double number) {
  char text[40];
  const auto end =
      std::to_chars(text, text + sizeof text, std::abs(number), std::chars_format::scientific).ptr;
  const std::string_view scientific(text, static_cast<size_t>(end - text));
  const size_t e = scientific.find('e');
  std::string digits(1, scientific.front());
  if (e > 2) digits += scientific.substr(2, e - 2);
  int exponent = 0;
  const char* from = scientific.data() + e + (scientific[e + 1] == '+' ? 2 : 1);
  std::from_chars(from, scientific.data() + scientific.size(), exponent);
  const int point = exponent + 1;
  const int count = static_cast<int>(digits.size());
  if (std::signbit(number)) out += '-';
  if (point > 0 && point <= 21) {
    if (count < point) digits.append(static_cast<size_t>(point - count), '0');
    out.append(digits, 0, static_cast<size_t>(point)) += '.';
    out += count > point ? digits.substr(static_cast<size_t>(point)) : "0";
  } else if (point > -6 && point <= 0) {
    out.append("0.").append(static_cast<size_t>(-point), '0') += digits;
  } else {
    out += digits.front();
    if (count > 1) (out += '.').append(digits, 1);
    out += 'e' + std::to_string(exponent);
  }
}

}  // namespace auditql
