#include "event_sources/device_message.h"

#include <arpa/inet.h>

#include <string>

#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

using namespace std::string_literals;

const std::string kProperties =
    "ACTION=add\0DEVPATH=/devices/usb1/1-1\0SUBSYSTEM=usb\0DEVTYPE=usb_device\0"
    "DEVNAME=bus/usb/001/002\0EMPTY=\0noise\0"s;

std::string of_udevd(const std::string& properties) {
  const uint32_t fields[8] = {htonl(0xfeedcafe), 40, 40, static_cast<uint32_t>(properties.size())};
  return "libudev\0"s + std::string(reinterpret_cast<const char*>(fields), sizeof fields) +
         properties;
}

void claim_messages() {
  claim("the kernel's and udevd's messages have the same properties", [] {
    for (const std::string& bytes :
         {"add@/devices/usb1/1-1\0"s + kProperties, of_udevd(kProperties)}) {
      const auto message = DeviceMessage::parse(bytes);
      EXPECT(message.has_value());
      EXPECT_EQ(message->action, "add");
      EXPECT_EQ(message->property("DEVNAME"), "bus/usb/001/002");
      EXPECT_EQ(message->property("EMPTY"), "");
      EXPECT_EQ(message->properties.size(), 6u);
    }
  });
  claim("messages that are cut anywhere, or say nothing, do no harm", [] {
    for (const std::string& bytes :
         {"add@/devices/usb1/1-1\0"s + kProperties, of_udevd(kProperties)}) {
      for (size_t size = 0; size < bytes.size(); size++) {
        const auto message = DeviceMessage::parse(bytes.substr(0, size));
        EXPECT(!message || !message->action.empty());
      }
    }
    EXPECT(!DeviceMessage::parse("no message at all\0ACTION=add\0"s).has_value());
    EXPECT(!DeviceMessage::parse("x@/y\0DEVPATH=/y\0"s).has_value());
  });
}

}  // namespace

int main(int argc, char** argv) {
  claim_messages();
  return run_claims(argc, argv);
}
