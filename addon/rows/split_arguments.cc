#include "split_arguments.h"

namespace auditql {

std::vector<std::string_view> split_arguments(std::string_view cmdline) {
  std::vector<std::string_view> arguments;
  while (!cmdline.empty()) {
    const size_t end = cmdline.find('\0');
    arguments.push_back(cmdline.substr(0, end));
    cmdline = end == std::string_view::npos ? std::string_view() : cmdline.substr(end + 1);
  }
  return arguments;
}

}  // namespace auditql
