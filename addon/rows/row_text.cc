#include "row_text.h"

#include <algorithm>

namespace auditql {

std::string_view RowText::nul_ended(std::span<const std::string_view> parts) {
  size_t bytes = 0;
  for (const std::string_view part : parts) bytes += part.size() + 1;
  std::string joined;
  joined.reserve(bytes);
  for (const std::string_view part : parts) {
    joined += part;
    joined += '\0';
  }
  return keep(std::move(joined));
}

std::string_view RowText::comma_separated_keys(std::string_view keys) {
  if (keys.find('\x01') == std::string_view::npos) return keys;
  std::string text(keys);
  std::replace(text.begin(), text.end(), '\x01', ',');
  return keep(std::move(text));
}

std::string_view RowText::octal_mode(uint32_t mode) {
  char text[16];
  const int length = std::snprintf(text, sizeof text, "%04o", mode & 07777);
  return keep(std::string(text, static_cast<size_t>(length)));
}

std::string_view RowText::hexadecimal(uint64_t number) {
  char text[20];
  const int length =
      std::snprintf(text, sizeof text, "%llx", static_cast<unsigned long long>(number));
  return keep(std::string(text, static_cast<size_t>(length)));
}

std::string_view backend_name(BackendKind kind) {
  switch (kind) {
    case BackendKind::audit:
      return "audit";
    case BackendKind::proc_connector:
      return "proc-connector";
    case BackendKind::replay:
      return "replay";
    case BackendKind::ebpf:
      return "ebpf";
  }
  return "";
}

}  // namespace auditql
