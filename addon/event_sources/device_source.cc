#include "device_source.h"

#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "../store/generated/event_tables.h"
#include "../system/clocks.h"

namespace auditql {

namespace {

/// Groups of NETLINK_KOBJECT_UEVENT: systemd's sd-device/device-monitor.c.
constexpr uint32_t kKernelGroup = 1;
constexpr uint32_t kUdevGroup = 2;
constexpr int kReceiveBytes = 8 << 20;
/// The kernel's messages have at most UEVENT_BUFFER_SIZE, 2048; udevd's a few KiB.
constexpr size_t kMaxMessage = 16 * 1024;
/// Until there is a message, or stop().
constexpr int kForever = -1;
/// Messages before a look at whether to stop.
constexpr int kMessagesPerTurn = 4096;

CounterKey device_counter_key(std::string_view metric, std::string_view reason = {}) {
  return {"capture", "hardware_events", metric, reason};
}

Result<UniqueFd> open_socket(uint32_t group) {
  UniqueFd fd(
      ::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
  if (!fd) return Error::from_errno("capture_start_failed", "open the device event socket");
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kReceiveBytes, sizeof kReceiveBytes) != 0)
    (void)::setsockopt(fd.get(), SOL_SOCKET, SO_RCVBUF, &kReceiveBytes, sizeof kReceiveBytes);
  constexpr int kOn = 1;
  if (::setsockopt(fd.get(), SOL_SOCKET, SO_PASSCRED, &kOn, sizeof kOn) != 0) {
    return Error::from_errno("capture_start_failed", "request sender credentials of device events");
  }
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = group;
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Error::from_errno("capture_start_failed", "subscribe to device events");
  }
  return fd;
}

/// Any process may send to the socket; the kernel has port 0, udevd the user id 0 (libudev's
/// check).
bool is_trusted(const msghdr& message, const sockaddr_nl& sender, bool from_udevd) {
  if (!from_udevd) return sender.nl_pid == 0;
  const cmsghdr* control = CMSG_FIRSTHDR(&message);
  if (control == nullptr || control->cmsg_type != SCM_CREDENTIALS) return false;
  ucred credentials;
  std::memcpy(&credentials, CMSG_DATA(control), sizeof credentials);
  return credentials.uid == 0;
}

/// First of these properties that there is.
std::string first_property(const DeviceMessage& message,
                           std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    const std::string_view value = message.property(name);
    if (!value.empty()) return std::string(value);
  }
  return {};
}

/// What sysfs says of the device, where no udevd has added it; a device that is gone has no files.
std::string attribute(const DeviceMessage& message, const char* name) {
  const std::string_view path = message.property("DEVPATH");
  if (path.empty() || path.find("..") != std::string_view::npos) return {};
  std::ifstream file("/sys" + std::string(path) + "/" + name);
  std::string line;
  std::getline(file, line);
  return line;
}

std::string either(std::string property, const DeviceMessage& message, const char* name) {
  return property.empty() ? attribute(message, name) : property;
}

}  // namespace

DeviceSource::DeviceSource(DeviceOptions options, EventTable& table, HealthRegion& health)
    : options_(std::move(options)),
      table_(table),
      seen_(health.counter(device_counter_key("seen"))),
      filtered_(health.counter(device_counter_key("filtered"))),
      foreign_(health.counter(device_counter_key("dropped", "foreign_sender"))),
      malformed_(health.counter(device_counter_key("dropped", "malformed"))),
      enobufs_(health.counter(device_counter_key("dropped", "enobufs"))),
      errors_(health.counter(device_counter_key("read_errors"))) {}

Status DeviceSource::start() {
  // Where udev_ctrl_new() of udevd listens.
  from_udevd_ = ::access("/run/udev/control", F_OK) == 0;
  auto socket = open_socket(from_udevd_ ? kUdevGroup : kKernelGroup);
  if (!socket) return socket.error();
  socket_ = socket.take();
  return thread_.start("aq-devices", [this] { run(); });
}

void DeviceSource::stop() { thread_.stop(); }

void DeviceSource::run() {
  while (true) {
    const bool is_last = thread_.is_stopping();
    for (int read = 0; read < kMessagesPerTurn && read_message(); read++) {
    }
    if (is_last) return;
    thread_.wait(socket_.get(), kForever);
  }
}

bool DeviceSource::read_message() {
  std::array<char, kMaxMessage> bytes;
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(ucred))> control;
  iovec part{bytes.data(), bytes.size()};
  sockaddr_nl sender{};
  msghdr message{};
  message.msg_name = &sender;
  message.msg_namelen = sizeof sender;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  const ssize_t got = ::recvmsg(socket_.get(), &message, 0);
  if (got < 0) {
    if (errno == ENOBUFS) {
      enobufs_.add();
      return true;
    }
    if (errno != EAGAIN && errno != EINTR) errors_.add();
    return false;
  }
  seen_.add();
  if (!is_trusted(message, sender, from_udevd_)) {
    foreign_.add();
    return true;
  }
  const auto parsed = DeviceMessage::parse({bytes.data(), static_cast<size_t>(got)});
  if (!parsed || (message.msg_flags & MSG_TRUNC) != 0) {
    malformed_.add();
  } else if (is_wanted(*parsed)) {
    store(*parsed);
  } else {
    filtered_.add();
  }
  return true;
}

/// osquery's choice: devices that have a kind, and a node or a driver.
bool DeviceSource::is_wanted(const DeviceMessage& message) const {
  const std::string_view type = message.property("DEVTYPE");
  if (type.empty()) return false;
  if (options_.disabled_types.find(type) != std::string::npos) return false;
  return !message.property("DEVNAME").empty() || !message.property("DRIVER").empty();
}

void DeviceSource::store(const DeviceMessage& message) {
  const std::string name(message.property("DEVNAME"));
  // The kernel leaves out the folder, udevd writes it.
  const std::string path = name.empty() || name.starts_with('/') ? name : "/dev/" + name;
  const std::string vendor = either(
      first_property(message, {"ID_VENDOR_FROM_DATABASE", "ID_VENDOR"}), message, "manufacturer");
  const std::string model =
      either(first_property(message, {"ID_MODEL_FROM_DATABASE", "ID_MODEL"}), message, "product");
  const std::string values[] = {
      either(first_property(message, {"ID_VENDOR_ID"}), message, "idVendor"),
      either(first_property(message, {"ID_MODEL_ID"}), message, "idProduct"),
      either(first_property(message, {"ID_SERIAL_SHORT"}), message, "serial"),
      either(first_property(message, {"ID_REVISION"}), message, "bcdDevice")};
  row_.clear();
  row_.set(HardwareEventsColumn::ntime, wall_clock_ns());
  row_.set(HardwareEventsColumn::action, std::string_view(message.action));
  row_.set(HardwareEventsColumn::path, std::string_view(path));
  row_.set(HardwareEventsColumn::type, message.property("DEVTYPE"));
  row_.set(HardwareEventsColumn::driver, message.property("DRIVER"));
  row_.set(HardwareEventsColumn::vendor, std::string_view(vendor));
  row_.set(HardwareEventsColumn::model, std::string_view(model));
  row_.set(HardwareEventsColumn::vendor_id, std::string_view(values[0]));
  row_.set(HardwareEventsColumn::model_id, std::string_view(values[1]));
  row_.set(HardwareEventsColumn::serial, std::string_view(values[2]));
  row_.set(HardwareEventsColumn::revision, std::string_view(values[3]));
  row_.set(HardwareEventsColumn::subsystem, message.property("SUBSYSTEM"));
  row_.set(HardwareEventsColumn::sysfs_path, message.property("DEVPATH"));
  table_.append(row_);
}

}  // namespace auditql
