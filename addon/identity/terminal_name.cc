#include "terminal_name.h"

#include <sys/sysmacros.h>
#include <sys/types.h>

#include <charconv>

namespace auditql {

std::string terminal_name(int32_t device) {
  if (device == 0) return {};
  // tty_nr of /proc/PID/stat is new_encode_dev(): the low 32 bits of a dev_t.
  const auto number = static_cast<dev_t>(static_cast<uint32_t>(device));
  const unsigned kind = major(number), line = minor(number);
  // Documentation/admin-guide/devices.txt
  if (kind >= 136 && kind <= 143) return "pts" + std::to_string((kind - 136) * 256 + line);
  if (kind == 4 && line < 64) return "tty" + std::to_string(line);
  if (kind == 4) return "ttyS" + std::to_string(line - 64);
  return std::to_string(kind) + ":" + std::to_string(line);
}

int32_t terminal_device(std::string_view name) {
  struct Kind {
    std::string_view prefix;
    unsigned major, first_minor, lines;
  };
  // The kernel gives 8 majors of 256 pseudo terminals (UNIX98_PTY_MAJOR_COUNT).
  constexpr Kind kKinds[] = {{"pts", 136, 0, 8 * 256}, {"ttyS", 4, 64, 192}, {"tty", 4, 0, 64}};
  for (const Kind& kind : kKinds) {
    if (!name.starts_with(kind.prefix)) continue;
    const std::string_view digits = name.substr(kind.prefix.size());
    unsigned line = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), line);
    if (error != std::errc{} || end != digits.data() + digits.size() || line >= kind.lines)
      continue;
    const unsigned minor_number = kind.first_minor + line;
    return static_cast<int32_t>(makedev(kind.major + minor_number / 256, minor_number % 256));
  }
  return 0;
}

}  // namespace auditql
