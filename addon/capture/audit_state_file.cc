#include "audit_state_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include "../bytes/hex.h"
#include "../system/proc_stat.h"
#include "../system/unique_fd.h"

namespace auditql {
namespace {

constexpr char kStateHeading[] = "auditql audit status journal 1";

std::string slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

/// In clock ticks since boot; 0 when there is no such process, or only its zombie.
uint64_t start_time_of(uint32_t pid) {
  const auto stat = parse_proc_stat(slurp("/proc/" + std::to_string(pid) + "/stat"));
  const bool lives = stat && stat->state != 'Z' && stat->state != 'X';
  return lives ? stat->start_ticks : 0;
}

/// Empty where it is not hex.
std::string bytes_of_hex(const std::string& hex) {
  std::string bytes(hex.size() / 2, '\0');
  return decode_hex(hex, bytes.data()) ? bytes : std::string();
}

void print_status(std::ostream& out, const std::string& prefix, const AuditStatus& status) {
  out << prefix << "enabled=" << status.enabled << "\n"
      << prefix << "failure=" << status.failure << "\n"
      << prefix << "pid=" << status.pid << "\n"
      << prefix << "backlog_limit=" << status.backlog_limit << "\n"
      << prefix << "backlog_wait_time=" << status.backlog_wait_time << "\n";
}

Status write_all(int fd, const std::string& text, const std::string& path) {
  size_t written = 0;
  while (written < text.size()) {
    const ssize_t n = ::write(fd, text.data() + written, text.size() - written);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return Error::from_errno("audit_journal_failed", "write " + path);
    written += static_cast<size_t>(n);
  }
  if (::fsync(fd) != 0) return Error::from_errno("audit_journal_failed", "fsync " + path);
  return Done{};
}

}  // namespace

std::string current_boot_id() {
  std::string id = slurp("/proc/sys/kernel/random/boot_id");
  while (!id.empty() && id.back() == '\n') id.pop_back();
  return id;
}

AuditStateFile AuditStateFile::of_this_process() {
  AuditStateFile state;
  state.boot_id = current_boot_id();
  state.pid = static_cast<uint32_t>(::getpid());
  state.pid_start = start_time_of(state.pid);
  return state;
}

bool AuditStateFile::writer_lives() const {
  return pid_start != 0 && start_time_of(pid) == pid_start;
}

std::string AuditStateFile::to_text() const {
  std::ostringstream out;
  out << kStateHeading << "\nboot_id=" << boot_id << "\npid=" << pid << "\npid_start=" << pid_start
      << "\n";
  print_status(out, "found_", found);
  print_status(out, "set_", set);
  for (const std::string& rule : keyless_rules) out << "rule=" << hex_text(rule) << "\n";
  // The last line tells a whole file from a cut one.
  out << "end=1\n";
  return out.str();
}

Result<AuditStateFile> AuditStateFile::parse(const std::string& text) {
  AuditStateFile state;
  std::map<std::string, uint64_t> numbers;
  std::istringstream in(text);
  std::string line;
  if (!std::getline(in, line) || line != kStateHeading) {
    return Error{"audit_journal_invalid", "not an audit state file", 0};
  }
  while (std::getline(in, line)) {
    const size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    const std::string name = line.substr(0, equals), value = line.substr(equals + 1);
    if (name == "boot_id") {
      state.boot_id = value;
    } else if (name == "rule") {
      state.keyless_rules.push_back(bytes_of_hex(value));
    } else {
      std::from_chars(value.data(), value.data() + value.size(), numbers[name]);
    }
  }
  if (numbers["end"] != 1)
    return Error{"audit_journal_invalid", "the audit state file is truncated", 0};
  const auto number = [&](const std::string& name) { return static_cast<uint32_t>(numbers[name]); };
  state.pid = number("pid");
  state.pid_start = numbers["pid_start"];
  for (auto [prefix, status] : {std::pair("found_", &state.found), {"set_", &state.set}}) {
    const std::string start = prefix;
    status->enabled = number(start + "enabled");
    status->failure = number(start + "failure");
    status->pid = number(start + "pid");
    status->backlog_limit = number(start + "backlog_limit");
    status->backlog_wait_time = number(start + "backlog_wait_time");
  }
  return state;
}

Status AuditStateFile::write(const std::string& path) const {
  const std::string temporary = path + ".new";
  ::unlink(temporary.c_str());
  UniqueFd file(
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return Error::from_errno("audit_journal_failed", "create " + temporary);
  if (Status written = write_all(file.get(), to_text(), temporary); !written) return written;
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    return Error::from_errno("audit_journal_failed", "rename to " + path);
  }
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  UniqueFd directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || ::fsync(directory.get()) != 0) {
    return Error::from_errno("audit_journal_failed", "fsync " + folder);
  }
  return Done{};
}

Result<std::optional<AuditStateFile>> AuditStateFile::read(const std::string& path) {
  UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file && errno == ENOENT) return std::optional<AuditStateFile>();
  if (!file) return Error::from_errno("audit_journal_failed", "open " + path);
  Result<AuditStateFile> state = parse(slurp(path));
  if (!state) {
    return Error{
        state.error().code,
        path + ": " + state.error().message +
            "; compare `auditctl -s` with the host's intended settings, then delete the file",
        0};
  }
  return std::optional<AuditStateFile>(state.take());
}

}  // namespace auditql
