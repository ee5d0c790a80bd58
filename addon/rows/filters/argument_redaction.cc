#include "argument_redaction.h"

namespace auditql {

namespace {

constexpr std::string_view kHidden = "***";

}  // namespace

std::span<const std::string_view> ArgumentRedaction::redact(
    std::span<const std::string_view> arguments) {
  if (!enabled()) return arguments;
  texts_.clear();
  redacted_.clear();
  bool hidden = false;
  for (const std::string_view argument : arguments) {
    redacted_.push_back(hidden ? kHidden : redact_one(argument));
    hidden = !hidden && hides_next(argument);
  }
  return redacted_;
}

/// `--password`, whose value is the next argument.
bool ArgumentRedaction::hides_next(std::string_view argument) const {
  return argument.starts_with('-') && argument.find('=') == std::string_view::npos &&
         names_.match(argument);
}

std::string_view ArgumentRedaction::redact_one(std::string_view argument) {
  const size_t equals = argument.find('=');
  if (equals != std::string_view::npos && names_.match(argument.substr(0, equals))) {
    return texts_.emplace_back(argument.substr(0, equals + 1)).append(kHidden);
  }
  // `-psecret`, where `-p` is named.
  const bool is_short = argument.size() > 2 && argument[0] == '-' && argument[1] != '-';
  if (is_short && names_.match(argument.substr(0, 2)) && !names_.match(argument)) {
    return texts_.emplace_back(argument.substr(0, 2)).append(kHidden);
  }
  return without_password(argument);
}

/// The userinfo of a URL ends at the last `@` before the path (RFC 3986, section 3.2).
std::string_view ArgumentRedaction::without_password(std::string_view argument) {
  const size_t scheme = argument.find("://");
  if (scheme == std::string_view::npos) return argument;
  const size_t begin = scheme + 3;
  const std::string_view authority =
      argument.substr(begin, argument.find_first_of("/?#", begin) - begin);
  const size_t at = authority.rfind('@'), colon = authority.find(':');
  if (at == std::string_view::npos || colon >= at) return argument;
  std::string& text = texts_.emplace_back(argument.substr(0, begin + colon + 1));
  return text.append(kHidden).append(argument.substr(begin + at));
}

}  // namespace auditql
