#include "terminal_name.h"

#include <sys/sysmacros.h>
#include <sys/types.h>

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

}  // namespace auditql
