#include "procfs.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <climits>
#include <utility>

namespace auditql {
namespace {

/// Files of one process are small except cmdline, which the process itself can make large.
constexpr size_t kMaxFileBytes = 64 * 1024;

std::string path_of(int32_t pid, const char* name) { return std::to_string(pid) + "/" + name; }

/// 0 when the name is no pid.
int32_t pid_of(const char* name) {
  const std::string_view text = name;
  int32_t pid = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), pid);
  return error == std::errc{} && end == text.data() + text.size() ? pid : 0;
}

uint32_t number_or_unset(std::string_view text) {
  uint32_t number = kUnsetId;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

Credentials credentials_of(const ProcStatus& status, const ProcDetails& details) {
  return {
      details.loginuid, status.uid,  status.euid,  status.suid,           status.fsuid, status.gid,
      status.egid,      status.sgid, status.fsgid, details.audit_session, true};
}

Result<std::unique_ptr<ProcDirectory>> ProcDirectory::open(const std::string& root) {
  UniqueFd directory(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return Error::from_errno("procfs_open_failed", "open " + root);
  struct statfs kind {};
  const bool real = ::fstatfs(directory.get(), &kind) == 0 && kind.f_type == PROC_SUPER_MAGIC;
  return std::unique_ptr<ProcDirectory>(new ProcDirectory(std::move(directory), root, real));
}

bool ProcDirectory::read_file(const std::string& name) {
  return file_.read(root_.get(), name.c_str(), kMaxFileBytes);
}

bool ProcDirectory::read_file(int32_t pid, const char* name) {
  if (!held_ || held_->pid != pid) return read_file(path_of(pid, name));
  const int directory = held_directory();
  return directory >= 0 && file_.read(directory, name, kMaxFileBytes);
}

/// Opened when it is needed first: of most processes of a storm nothing is left to be read.
int ProcDirectory::held_directory() {
  if (!std::exchange(held_->is_opened, true)) {
    held_->directory.reset(::openat(root_.get(), std::to_string(held_->pid).c_str(),
                                    O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  return held_->directory.get();
}

std::string ProcDirectory::link_below(int directory, const char* name) {
  char target[PATH_MAX];
  const ssize_t length = ::readlinkat(directory, name, target, sizeof target);
  return length > 0 ? std::string(target, static_cast<size_t>(length)) : std::string();
}

std::string ProcDirectory::link_of(int32_t pid, const char* name) {
  if (!held_ || held_->pid != pid) return link_below(root_.get(), path_of(pid, name).c_str());
  const int directory = held_directory();
  return directory >= 0 ? link_below(directory, name) : std::string();
}

std::optional<ProcStat> ProcDirectory::read_stat(int32_t pid) {
  if (!read_file(pid, "stat")) return std::nullopt;
  return parse_proc_stat(file_.text());
}

std::optional<ProcStat> ProcDirectory::stat(int32_t pid) {
  if (!held_ || held_->pid != pid) return read_stat(pid);
  if (!std::exchange(held_->is_stat_read, true)) held_->stat = read_stat(pid);
  return held_->stat;
}

std::optional<ProcStatus> ProcDirectory::status(int32_t pid) {
  if (!read_file(pid, "status")) return std::nullopt;
  return parse_proc_status(file_.text());
}

std::optional<ProcDetails> ProcDirectory::details(int32_t pid) {
  ProcDetails details;
  if (!read_file(pid, "cmdline")) return std::nullopt;
  details.cmdline = file_.text();
  details.cgroup = cgroup(pid).value_or(std::string());
  if (read_file(pid, "loginuid")) details.loginuid = number_or_unset(file_.text());
  if (read_file(pid, "sessionid")) details.audit_session = number_or_unset(file_.text());
  details.exe = link_of(pid, "exe");
  details.cwd = link_of(pid, "cwd");
  return details;
}

std::optional<std::string> ProcDirectory::read_cgroup(int32_t pid) {
  if (!read_file(pid, "cgroup")) return std::nullopt;
  return file_.text();
}

std::optional<std::string> ProcDirectory::cgroup(int32_t pid) {
  if (!held_ || held_->pid != pid) return read_cgroup(pid);
  if (!std::exchange(held_->is_cgroup_read, true)) held_->cgroup = read_cgroup(pid);
  return held_->cgroup;
}

std::optional<bool> ProcDirectory::is_own_pid_namespace(const std::string& link) {
  if (own_pid_namespace_.empty()) own_pid_namespace_ = link_below(root_.get(), "self/ns/pid");
  if (link.empty() || own_pid_namespace_.empty()) return std::nullopt;
  return link == own_pid_namespace_;
}

std::optional<bool> ProcDirectory::in_own_pid_namespace(int32_t pid) {
  return is_own_pid_namespace(link_of(pid, "ns/pid"));
}

std::optional<bool> ProcDirectory::forks_into_own_pid_namespace(int32_t pid) {
  return is_own_pid_namespace(link_of(pid, "ns/pid_for_children"));
}

std::vector<int32_t> ProcDirectory::children(int32_t pid) {
  std::vector<int32_t> pids;
  const std::string id = std::to_string(pid);
  const std::string name = id + "/task/" + id + "/children";
  if (!file_.read_records(root_.get(), name.c_str(), kMaxFileBytes)) return pids;
  const char *at = file_.text().data(), *end = at + file_.text().size();
  int32_t child = 0;
  while (at < end) {
    const auto [next, error] = std::from_chars(at, end, child);
    if (error == std::errc{}) pids.push_back(child);
    at = next + 1;
  }
  return pids;
}

bool ProcDirectory::list(size_t limit, std::vector<int32_t>& pids) {
  if (!round_) round_.reset(::opendir(path_.c_str()));
  if (!round_) return false;
  const size_t before = pids.size();
  const size_t wanted = ascending_ ? limit : SIZE_MAX;
  while (pids.size() - before < wanted) {
    const dirent* entry = ::readdir(round_.get());
    if (entry == nullptr) {
      round_.reset();
      break;
    }
    if (const int32_t pid = pid_of(entry->d_name); pid > 0) pids.push_back(pid);
  }
  std::sort(pids.begin() + static_cast<ptrdiff_t>(before), pids.end());
  return round_ != nullptr;
}

std::string ProcDirectory::boot_id() {
  if (!read_file("sys/kernel/random/boot_id")) return {};
  return file_.text().substr(0, file_.text().find('\n'));
}

HeldProcess::HeldProcess(ProcDirectory* procfs, int32_t pid, HeldState state) : procfs_(procfs) {
  if (procfs_ == nullptr) return;
  is_shared_ = procfs_->held_ && procfs_->held_->pid == pid;
  if (is_shared_) return;
  outer_ = std::move(procfs_->held_);
  procfs_->held_.emplace(pid).is_opened = state == HeldState::ended;
}

HeldProcess::~HeldProcess() {
  if (procfs_ != nullptr && !is_shared_) procfs_->held_ = std::move(outer_);
}

int HeldProcess::directory() const { return procfs_ == nullptr ? -1 : procfs_->held_directory(); }

}  // namespace auditql
