#include "file_call.h"

#include <fcntl.h>

#include <algorithm>
#include <array>
#include <vector>

#include "../decode/audit_names.h"
#include "../decode/field_value.h"
#include "../decode/path_record.h"
#include "../decode/record_type.h"

namespace auditql {

namespace {

constexpr int kNone = -1;

/// Where the arguments of a call lie that its paths depend on.
struct CallShape {
  std::string_view name, operation;  ///< operation empty: by its flags
  int folder = kNone;                ///< argument with the folder that the first path starts from
  int dest_folder = kNone;           ///< the same of the second path
  int file = kNone;                  ///< argument with the file itself
  int flags = kNone;                 ///< argument with open flags
};

constexpr CallShape kShapes[] = {
    {"open", "", kNone, kNone, kNone, 1},
    {"openat", "", 0, kNone, kNone, 2},
    {"openat2", "", 0},
    {"creat", "write"},
    {"truncate", "write"},
    {"truncate64", "write"},
    {"ftruncate", "write", kNone, kNone, 0},
    {"ftruncate64", "write", kNone, kNone, 0},
    {"rename", "rename"},
    {"renameat", "rename", 0, 2},
    {"renameat2", "rename", 0, 2},
    {"link", "link"},
    {"linkat", "link", 0, 2},
    {"symlink", "symlink"},
    {"symlinkat", "symlink", 1},
    {"unlink", "unlink"},
    {"unlinkat", "unlink", 0},
    {"rmdir", "unlink"},
    {"mkdir", "mkdir"},
    {"mkdirat", "mkdir", 0},
    {"mknod", "mknod"},
    {"mknodat", "mknod", 0},
    {"chmod", "chmod"},
    {"fchmod", "chmod", kNone, kNone, 0},
    {"fchmodat", "chmod", 0},
    {"fchmodat2", "chmod", 0},
    {"chown", "chown"},
    {"lchown", "chown"},
    {"fchown", "chown", kNone, kNone, 0},
    {"fchownat", "chown", 0},
    {"chown32", "chown"},
    {"lchown32", "chown"},
    {"fchown32", "chown", kNone, kNone, 0},
    {"setxattr", "setxattr"},
    {"lsetxattr", "setxattr"},
    {"fsetxattr", "setxattr", kNone, kNone, 0},
    {"setxattrat", "setxattr", 0},
    {"removexattr", "removexattr"},
    {"lremovexattr", "removexattr"},
    {"fremovexattr", "removexattr", kNone, kNone, 0},
    {"removexattrat", "removexattr", 0},
};

const CallShape* shape_of(std::string_view call) {
  const auto* found = std::find_if(std::begin(kShapes), std::end(kShapes),
                                   [&](const CallShape& each) { return each.name == call; });
  return found == std::end(kShapes) ? nullptr : found;
}

constexpr size_t kNumbers = 1024;
constexpr size_t kArches = static_cast<size_t>(Arch::s390) + 1;
using ShapeTable = std::array<std::array<const CallShape*, kNumbers>, kArches>;

ShapeTable make_table() {
  ShapeTable table{};
  for (size_t arch = 0; arch < kArches; arch++) {
    for (size_t number = 0; number < kNumbers; number++) {
      table[arch][number] =
          shape_of(syscall_name(static_cast<Arch>(arch), static_cast<int32_t>(number)));
    }
  }
  return table;
}

const CallShape* shape_of(Arch arch, int32_t number) {
  static const ShapeTable table = make_table();
  constexpr int32_t kX32SyscallBit = 0x40000000;
  if (arch == Arch::x32) number &= ~kX32SyscallBit;
  if (number < 0 || static_cast<size_t>(number) >= kNumbers) return nullptr;
  return table[static_cast<size_t>(arch)][static_cast<size_t>(number)];
}

const Record* syscall_of(const RawEvent& event) {
  const auto found = std::find_if(event.records.begin(), event.records.end(),
                                  [](const Record& r) { return r.type == record_type::syscall; });
  return found == event.records.end() ? nullptr : &*found;
}

/// `.` and `..` taken out by the text alone, as osquery does: the file may be gone.
std::string normalised(std::string_view path) {
  std::vector<std::string_view> parts;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = path.substr(at, end - at);
    at = end + 1;
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      parts.push_back(part);
    } else if (!parts.empty()) {
      parts.pop_back();
    }
  }
  std::string text;
  for (const std::string_view part : parts) text.append("/").append(part);
  return text.empty() ? "/" : text;
}

struct Item {
  std::string name, nametype;
};

/// Records of one event, taken apart.
class CallReader {
 public:
  CallReader(const RawEvent& event, const CallShape& shape, const ResolveDescriptor& resolve)
      : shape_(shape), resolve_(resolve) {
    size_t bytes = 0;
    for (const Record& each : event.records) bytes += each.body.size();
    arena_.reset(bytes);
    for (const Record& each : event.records) take(each);
    call_.call = shape.name;
    call_.partial = event.partial;
    call_.exe = decoded(call_.record.exe);
  }

  std::optional<FileCall> read() {
    set_operation();
    if (shape_.operation == "rename") {
      set_path(call_.path, named("DELETE"), shape_.folder);
      set_path(call_.dest_path, named("CREATE"), shape_.dest_folder);
    } else if (shape_.operation == "link") {
      set_path(call_.path, named("NORMAL"), shape_.folder);
      set_path(call_.dest_path, named("CREATE"), shape_.dest_folder);
    } else if (shape_.file != kNone) {
      call_.path = descriptor(shape_.file);
      if (call_.path.empty()) call_.partial = true;
    } else {
      set_path(call_.path, object(), shape_.folder);
    }
    if (call_.path.empty() && call_.dest_path.empty()) return std::nullopt;
    return std::move(call_);
  }

 private:
  void take(const Record& record) {
    if (record.type == record_type::syscall) {
      call_.record = parse_syscall(record.body);
    } else if (record.type == record_type::cwd) {
      call_.cwd = decoded(find_field(record.body, "cwd").value_or(std::string_view()));
    } else if (record.type == record_type::path) {
      const PathItem item = parse_path(record.body, arena_);
      items_.push_back({std::string(item.name), std::string(item.nametype)});
    } else if (record.type == record_type::openat2) {
      const auto flags = find_field(record.body, "oflag");
      if (flags) open_flags_ = parse_octal(*flags);
    }
  }

  std::string decoded(std::string_view value) {
    ByteArena arena;
    arena.reset(value.size());
    return std::string(decode_text(value, arena).value_or(std::string_view()));
  }

  void set_operation() {
    call_.operation = shape_.operation;
    if (!shape_.operation.empty() && shape_.name != "creat") return;
    if (shape_.flags != kNone) {
      open_flags_ = call_.record.arguments[static_cast<size_t>(shape_.flags)];
    }
    constexpr uint64_t kWrites = O_WRONLY | O_RDWR | O_TRUNC;
    // Without its flags (openat2 before Linux 5.16) a call that a rule for writes told of wrote.
    const bool writes = shape_.name == "creat" || !open_flags_ || (*open_flags_ & kWrites) != 0;
    call_.operation = named("CREATE") != nullptr ? "create" : writes ? "write" : "open";
  }

  /// First item of that kind; of CREATE the last, a rename may create its target's folder entry
  /// too.
  const Item* named(std::string_view nametype) const {
    const auto is_it = [&](const Item& item) { return item.nametype == nametype; };
    if (nametype == "CREATE") {
      const auto last = std::find_if(items_.rbegin(), items_.rend(), is_it);
      return last == items_.rend() ? nullptr : &*last;
    }
    const auto first = std::find_if(items_.begin(), items_.end(), is_it);
    return first == items_.end() ? nullptr : &*first;
  }

  /// The item that a call with one path is about.
  const Item* object() const {
    for (const char* type : {"DELETE", "CREATE", "NORMAL"}) {
      if (const Item* item = named(type)) return item;
    }
    return nullptr;
  }

  std::string descriptor(int argument) const {
    const auto number = static_cast<int32_t>(call_.record.arguments[static_cast<size_t>(argument)]);
    return resolve_ ? resolve_(call_.record.pid, number) : std::string();
  }

  /// The kernel writes paths as the caller gave them: a relative one starts from its working
  /// directory, or from the folder of a descriptor, which no record names.
  void set_path(std::string& path, const Item* item, int folder) {
    if (item == nullptr || item->name.empty()) {
      call_.partial = true;
      return;
    }
    if (item->name.starts_with('/')) {
      path = normalised(item->name);
      return;
    }
    const bool is_from_cwd =
        folder == kNone ||
        static_cast<int32_t>(call_.record.arguments[static_cast<size_t>(folder)]) == AT_FDCWD;
    const std::string start = is_from_cwd ? call_.cwd : descriptor(folder);
    if (start.empty()) call_.partial = true;
    path = start.empty() ? item->name : normalised(start + "/" + item->name);
  }

  const CallShape& shape_;
  const ResolveDescriptor& resolve_;
  ByteArena arena_;
  std::vector<Item> items_;
  std::optional<uint64_t> open_flags_;
  FileCall call_;
};

const CallShape* shape_of(const RawEvent& event) {
  const Record* record = syscall_of(event);
  if (record == nullptr) return nullptr;
  // The first fields of the record, without the rest: this is asked of every event.
  const auto arch = find_field(record->body, "arch");
  const auto number = find_field(record->body, "syscall");
  if (!arch || !number) return nullptr;
  return shape_of(arch_of(static_cast<uint32_t>(parse_hex_number(*arch).value_or(0))),
                  static_cast<int32_t>(parse_signed(*number).value_or(-1)));
}

}  // namespace

bool is_file_call(const RawEvent& event) { return shape_of(event) != nullptr; }

std::optional<FileCall> read_file_call(const RawEvent& event, const ResolveDescriptor& resolve) {
  const CallShape* shape = shape_of(event);
  if (shape == nullptr) return std::nullopt;
  auto call = CallReader(event, *shape, resolve).read();
  if (call && !call->record.outcome.success) return std::nullopt;
  return call;
}

}  // namespace auditql
