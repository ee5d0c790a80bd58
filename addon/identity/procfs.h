#pragma once

#include <dirent.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "../decode/event.h"
#include "../system/result.h"
#include "../system/unique_fd.h"
#include "proc_file.h"
#include "proc_stat.h"

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
  struct CloseDirectory {
    void operator()(DIR* directory) const { ::closedir(directory); }
  };

  ProcDirectory(UniqueFd root, std::string path, bool ascending)
      : root_(std::move(root)), path_(std::move(path)), ascending_(ascending) {}
  bool read_file(const std::string& name);
  std::string read_link(const std::string& name);
  std::optional<bool> is_own_pid_namespace(const std::string& link);

  UniqueFd root_;
  std::string path_;
  bool ascending_;  ///< a real procfs lists pids in order (next_tgid, fs/proc/base.c)
  ProcFile file_;
  std::string own_pid_namespace_;
  std::unique_ptr<DIR, CloseDirectory> round_;
};

}  // namespace auditql
