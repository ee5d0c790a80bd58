#include "file_call.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <vector>

#include "../../decode/audit_names.h"
#include "../../decode/field_value.h"
#include "../../decode/path_record.h"
#include "../../decode/record_type.h"
#include "path_text.h"

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
  if (arch == Arch::x32) number &= ~kX32SyscallBit;
  if (number < 0 || static_cast<size_t>(number) >= kNumbers) return nullptr;
  return table[static_cast<size_t>(arch)][static_cast<size_t>(number)];
}

const Record* syscall_of(const RawEvent& event) {
  const auto found = std::find_if(event.records.begin(), event.records.end(),
                                  [](const Record& r) { return r.type == record_type::syscall; });
  return found == event.records.end() ? nullptr : &*found;
}

struct Item {
  std::string name, nametype;
  std::optional<FileKey> key;
  bool is_folder = false;
};

/// Records of one event, taken apart.
class CallReader {
 public:
  CallReader(const RawEvent& event, const CallShape& shape) : shape_(shape) {
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
      add_moves();
    } else if (shape_.operation == "link") {
      add_link();
    } else if (const Item* item = object()) {
      add({named_file(*item, argument(shape_.file != kNone ? shape_.file : shape_.folder)), {}});
    }
    call_.made = named("CREATE") != nullptr;
    if (call_.acts.empty()) return std::nullopt;
    return std::move(call_);
  }

 private:
  void take(const Record& record) {
    if (record.type == record_type::syscall) {
      call_.record = parse_syscall(record.body);
    } else if (record.type == record_type::cwd) {
      call_.cwd = decoded(find_field(record.body, "cwd").value_or(std::string_view()));
    } else if (record.type == record_type::path) {
      items_.push_back(item_of(parse_path(record.body, arena_)));
    } else if (record.type == record_type::openat2) {
      const auto flags = find_field(record.body, "oflag");
      if (flags) open_flags_ = parse_octal(*flags);
    }
  }

  static Item item_of(const PathItem& path) {
    Item item{std::string(path.name), std::string(path.nametype), std::nullopt, S_ISDIR(path.mode)};
    if (path.has_inode) item.key = FileKey{path.device_major, path.device_minor, path.inode};
    return item;
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

  std::vector<const Item*> all_named(std::string_view nametype) const {
    std::vector<const Item*> all;
    for (const Item& each : items_) {
      if (each.nametype == nametype) all.push_back(&each);
    }
    return all;
  }
  const Item* named(std::string_view nametype) const {
    const auto all = all_named(nametype);
    return all.empty() ? nullptr : all.front();
  }

  /// The item that a call with one path is about.
  const Item* object() const {
    for (const char* type : {"DELETE", "CREATE", "NORMAL"}) {
      if (const Item* item = named(type)) return item;
    }
    return nullptr;
  }

  int32_t argument(int number) const {
    return number == kNone
               ? AT_FDCWD
               : static_cast<int32_t>(call_.record.arguments[static_cast<size_t>(number)]);
  }

  NamedFile named_file(const Item& item, int32_t start) const {
    return {item.name, start, item.key, folders_of(item), item.is_folder};
  }

  /// A PARENT item has the name up to its last slash, and the working directory for a name without
  /// one, also where that starts from a descriptor; its inode is the true folder's (audit_inode()).
  std::vector<FileKey> folders_of(const Item& item) const {
    std::vector<FileKey> same_text, all;
    const std::string_view text = folder_text(item.name);
    const auto add_once = [](std::vector<FileKey>& keys, const FileKey& key) {
      if (std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    };
    for (const Item* each : all_named("PARENT")) {
      if (!each->key) continue;
      add_once(all, *each->key);
      const bool is_same = text.empty() ? each->name == call_.cwd : each->name == text;
      if (is_same) add_once(same_text, *each->key);
    }
    return same_text.empty() ? all : same_text;
  }

  /// A file that is moved is deleted under one name and created under another. Two are where it
  /// takes the place of another file: with RENAME_EXCHANGE that has a new name as well, else it is
  /// gone.
  void add_moves() {
    const auto old_names = all_named("DELETE");
    auto new_names = all_named("CREATE");
    const int32_t from = argument(shape_.folder), to = argument(shape_.dest_folder);
    for (size_t i = 0; i < old_names.size(); i++) {
      const Item* made = take_new_name(*old_names[i], new_names);
      if (made == nullptr) continue;
      // The first is of the first path, the second of the one that was in the way.
      add({named_file(*old_names[i], i == 0 ? from : to), named_file(*made, i == 0 ? to : from)});
    }
    if (!call_.acts.empty()) return;
    // File systems that give a file another inode with another name, and records that are lost.
    add_pair(old_names.empty() ? nullptr : old_names.front(),
             new_names.empty() ? nullptr : new_names.back());
  }

  /// The item of the same inode, under another name before one of the same: both paths may be the
  /// same text in two folders.
  static const Item* take_new_name(const Item& old_name, std::vector<const Item*>& new_names) {
    const auto is_it = [&](const Item* each) {
      return each->key && old_name.key && *each->key == *old_name.key;
    };
    auto found = std::find_if(new_names.begin(), new_names.end(), [&](const Item* each) {
      return is_it(each) && each->name != old_name.name;
    });
    if (found == new_names.end()) found = std::find_if(new_names.begin(), new_names.end(), is_it);
    if (found == new_names.end()) return nullptr;
    const Item* const taken = *found;
    new_names.erase(found);
    return taken;
  }

  /// The folder of the first path is not recorded.
  void add_link() {
    add_pair(named("NORMAL"), named("CREATE"));
    if (!call_.acts.empty()) call_.acts.front().file.folders.clear();
  }

  void add_pair(const Item* file, const Item* made) {
    if (file == nullptr && made == nullptr) return;
    if (file == nullptr || made == nullptr) call_.partial = true;
    FileAct act;
    if (file != nullptr) act.file = named_file(*file, argument(shape_.folder));
    if (made != nullptr) act.dest = named_file(*made, argument(shape_.dest_folder));
    add(std::move(act));
  }

  void add(FileAct act) { call_.acts.push_back(std::move(act)); }

  const CallShape& shape_;
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

bool is_file_call_name(std::string_view name) { return shape_of(name) != nullptr; }

bool is_file_call(const RawEvent& event) { return shape_of(event) != nullptr; }

std::optional<FileCall> read_file_call(const RawEvent& event) {
  const CallShape* shape = shape_of(event);
  if (shape == nullptr) return std::nullopt;
  auto call = CallReader(event, *shape).read();
  if (call && !call->record.outcome.success) return std::nullopt;
  return call;
}

}  // namespace auditql
