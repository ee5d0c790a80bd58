#pragma once

#include <dirent.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../decode/event.h"
#include "../system/proc_stat.h"
#include "../system/result.h"
#include "../system/unique_fd.h"
#include "proc_file.h"

namespace auditql {

/// What a row about a process found in /proc needs beyond ProcStat and ProcStatus.
struct ProcDetails {
  std::string exe;  ///< target of /proc/PID/exe; empty for kernel threads
  std::string cwd;
  std::string cmdline;  ///< NUL-separated; what the process shows now, which it may have rewritten
  std::string cgroup;   ///< all lines of /proc/PID/cgroup
  uint32_t loginuid = kUnsetId;
  uint32_t audit_session = kUnsetId;
};

/// The credentials of a process, as records of its calls have them.
Credentials credentials_of(const ProcStatus& status, const ProcDetails& details);

/// The live processes of the host. Every read may fail because the process has just ended: absent
/// means gone (or hidden), never an error. Called on the decoding thread only.
class ProcFs {
 public:
  virtual ~ProcFs() = default;
  /// Also answers for the id of a thread that leads no group.
  virtual std::optional<ProcStat> stat(int32_t pid) = 0;
  virtual std::optional<ProcStatus> status(int32_t pid) = 0;
  virtual std::optional<ProcDetails> details(int32_t pid) = 0;
  /// All lines of /proc/PID/cgroup.
  virtual std::optional<std::string> cgroup(int32_t pid) = 0;
  /// Is the process in the pid namespace that pids of events are numbered in (ours)?
  virtual std::optional<bool> in_own_pid_namespace(int32_t pid) = 0;
  /// Will its next child be in that namespace? (unshare(2) and setns(2) change it without a
  /// record.)
  virtual std::optional<bool> forks_into_own_pid_namespace(int32_t pid) = 0;
  /// Live children of the process's first thread, in order of creation.
  virtual std::vector<int32_t> children(int32_t pid) = 0;
  /// Appends up to `limit` further pids in ascending order; false when that ended the round, the
  /// next call then starts over.
  virtual bool list(size_t limit, std::vector<int32_t>& pids) = 0;
};

/// A mounted procfs, or a tree of files of the same shape.
class ProcDirectory final : public ProcFs {
 public:
  /// Fails with `procfs_open_failed` where `root` cannot be opened.
  static Result<std::unique_ptr<ProcDirectory>> open(const std::string& root = "/proc");

  std::optional<ProcStat> stat(int32_t pid) override;
  std::optional<ProcStatus> status(int32_t pid) override;
  std::optional<ProcDetails> details(int32_t pid) override;
  std::optional<std::string> cgroup(int32_t pid) override;
  std::optional<bool> in_own_pid_namespace(int32_t pid) override;
  std::optional<bool> forks_into_own_pid_namespace(int32_t pid) override;
  std::vector<int32_t> children(int32_t pid) override;
  bool list(size_t limit, std::vector<int32_t>& pids) override;

  /// `<root>/sys/kernel/random/boot_id`, without the newline; empty when it cannot be read.
  std::string boot_id();

 private:
  friend class HeldProcess;
  /// One process that is looked at in several ways.
  struct Held {
    explicit Held(int32_t number) : pid(number) {}
    int32_t pid;
    UniqueFd directory;  ///< O_PATH; closed when it was gone, or is not opened yet
    bool is_opened = false, is_stat_read = false, is_cgroup_read = false;
    std::optional<ProcStat> stat;
    std::optional<std::string> cgroup;
  };
  struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
  };

  ProcDirectory(UniqueFd root, std::string path, bool ascending)
      : root_(std::move(root)), path_(std::move(path)), ascending_(ascending) {}
  int held_directory();
  bool read_file(const std::string& name);
  bool read_file(int32_t pid, const char* name);
  static std::string link_below(int directory, const char* name);
  std::string link_of(int32_t pid, const char* name);
  std::optional<ProcStat> read_stat(int32_t pid);
  std::optional<std::string> read_cgroup(int32_t pid);
  std::optional<bool> is_own_pid_namespace(const std::string& link);

  UniqueFd root_;
  std::string path_;
  bool ascending_;  ///< a real procfs lists pids in order (next_tgid, fs/proc/base.c)
  ProcFile file_;
  std::string own_pid_namespace_;
  std::unique_ptr<DIR, CloseDirectory> round_;
  std::optional<Held> held_;
};

/// What is known of a process before it is looked at.
enum class HeldState : uint8_t { unknown, ended };

/// While it lives, everything of one process is read below one open directory: nothing of a later
/// holder of its pid, and its stat and cgroup once. They nest: within one of the same process it is
/// the same, within one of another that one rests.
class HeldProcess {
 public:
  /// `procfs` may be null: nothing is held. One that has ended is not looked at.
  HeldProcess(ProcDirectory* procfs, int32_t pid, HeldState state = HeldState::unknown);
  ~HeldProcess();
  HeldProcess(const HeldProcess&) = delete;
  HeldProcess& operator=(const HeldProcess&) = delete;

  /// Its directory (O_PATH), for what nobody else reads; -1 when the process is gone.
  int directory() const;

 private:
  ProcDirectory* procfs_ = nullptr;
  bool is_shared_ = false;
  std::optional<ProcDirectory::Held> outer_;
};

}  // namespace auditql
