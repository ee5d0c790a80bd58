// libFuzzer over device messages of the kernel and of udevd: properties are parts of the message.
// Run by `node scripts/test.mjs fuzz`.
#include <cstdlib>
#include <string_view>

#include "event_sources/device_message.h"

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace auditql;
  constexpr auto kNone = std::string_view::npos;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto message = DeviceMessage::parse(bytes);
  if (!message) return 0;
  require(!message->action.empty());
  require(message->property("ACTION") == message->action);
  size_t taken = 0;
  for (const auto& [name, value] : message->properties) {
    require(name.find('=') == kNone && name.find('\0') == kNone && value.find('\0') == kNone);
    require(bytes.find(name + "=" + value) != kNone);
    taken += name.size() + 1 + value.size();
  }
  require(taken <= size);
  return 0;
}
