#include "rows/executed_file.h"

#include <fcntl.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

/// Long after now, so that the file is older than the event.
constexpr uint64_t kLater = 4'000'000'000'000'000'000;
constexpr int32_t kNobody = 0x3fffff;

/// A process in a made-up /proc that runs the program beside it, on a file system whose device has
/// no major number, as that of Btrfs and of overlays: what its mount shows is made up as well.
struct MadeUpProcess {
  MadeUpProcess() {
    char pattern[] = "/dev/shm/auditql-executed-XXXXXX";
    path = ::mkdtemp(pattern);
    program = path + "/program";
    std::ofstream(program) << "x";
    std::filesystem::create_symlink(program, path + "/exe");
    directory.reset(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    ::statx(AT_FDCWD, program.c_str(), 0, STATX_BASIC_STATS | kWantMountId, &status);
  }
  ~MadeUpProcess() { std::filesystem::remove_all(path); }
  void mount_shows(const char* device) {
    const std::string id = std::to_string(mount_id(status).value_or(0));
    std::ofstream(path + "/mountinfo") << "1" << id << " 1 9:9 / /a rw - x x rw\n"
                                       << id << " 1 " << device << " / /dev/shm rw - x x rw\n";
  }
  ExecutedFileSearch find(const PathItem& item, uint64_t time_ns = kLater) const {
    MountDevices mounts;
    return find_executed_file({directory.get(), kNobody, program, {&item, 1}, time_ns}, mounts);
  }
  PathItem item(uint32_t minor) const {
    PathItem made;
    made.has_inode = true;
    made.inode = status.stx_ino;
    made.device_minor = minor;
    return made;
  }

  std::string path, program;
  UniqueFd directory;
  struct statx status {};
};

bool has_anonymous_device() {
  struct statx status {};
  const bool is_there = ::statx(AT_FDCWD, "/dev/shm", 0, kWantMountId, &status) == 0;
  if (is_there && status.stx_dev_major == 0 && mount_id(status)) return true;
  std::printf("skipped: executables on other devices than stat's (/dev/shm is no tmpfs)\n");
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  claim("a mount's device is the third field of its line in mountinfo", [] {
    // As Linux 6.18 wrote them.
    constexpr std::string_view kText =
        "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/root rw\n"
        "122 22 0:38 /a b /mnt\\040x rw - btrfs /dev/loop0 rw,subvol=/sub\n"
        "2 1 0:5 / /dev rw - devtmpfs none rw";
    EXPECT(mount_device(kText, 122) == (DeviceNumber{0, 38}));
    EXPECT(mount_device(kText, 22) == (DeviceNumber{254, 0}));
    EXPECT(mount_device(kText, 2) == (DeviceNumber{0, 5}));
    EXPECT(!mount_device(kText, 12));
    EXPECT(!mount_device("", 1));
    EXPECT(!mount_device("1 2 x", 1));
    EXPECT(!mount_device("1 2 3:4", 1));
  });
  claim("inodes repeat where stat gives another device than the superblock's, and in subvolumes",
        [] {
          struct statx file {};
          file.stx_dev_minor = 0x27;
          EXPECT(is_unique_inode(file, {0, 0x27}));
          EXPECT(!is_unique_inode(file, {0, 0x26}));
          file.stx_mask |= kHasSubvolume;
          EXPECT(!is_unique_inode(file, {0, 0x27}));
        });
  const bool can_differ = has_anonymous_device();
  claim("the file that a process runs is the event's where the mount's device is the record's",
        [=] {
          if (!can_differ) return;
          MadeUpProcess process;
          process.mount_shows("0:4091");
          EXPECT(process.find(process.item(4091)).file.has_value());
          PathItem other = process.item(4091);
          other.inode++;
          EXPECT(!process.find(other).file);
          EXPECT(process.find(other).why_not == NotFound::other_file);
        });
  claim("a mount of another device is not the event's, and that is the reason", [=] {
    if (!can_differ) return;
    MadeUpProcess process;
    process.mount_shows("0:4092");
    const auto found = process.find(process.item(4091));
    EXPECT(!found.file);
    EXPECT(found.why_not == NotFound::other_file);
  });
  claim("each way of not finding a file has its own reason", [=] {
    if (!can_differ) return;
    MadeUpProcess process;
    const PathItem item = process.item(process.status.stx_dev_minor);
    process.mount_shows(("0:" + std::to_string(item.device_minor)).c_str());
    EXPECT(process.find(item).file.has_value());
    EXPECT(process.find(item, 1).why_not == NotFound::changed);
    std::filesystem::remove(process.program);
    EXPECT(process.find(item).why_not == NotFound::gone);
    std::ofstream(process.program + "2") << "y";
    std::filesystem::rename(process.program + "2", process.program);
    EXPECT(process.find(item).why_not == NotFound::other_file);
  });
  return run_claims(argc, argv);
}
