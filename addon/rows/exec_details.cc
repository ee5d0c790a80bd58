#include "exec_details.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <climits>

namespace auditql {

namespace {

constexpr size_t kSmallFileBytes = 16 * 1024;
/// An environment may be as long as a quarter of the stack limit (execve(2)); that much is read
/// only where somebody makes it so.
constexpr size_t kMaxEnvironmentBytes = 1024 * 1024;
constexpr std::array<const char*, kNamespaceKinds> kNamespaceLinks = {
    "ns/cgroup", "ns/ipc", "ns/mnt", "ns/net", "ns/pid", "ns/user", "ns/uts"};
constexpr std::string_view kDeleted = " (deleted)";

/// Value of `Name:\t...` at the start of a line.
std::optional<std::string_view> field(std::string_view text, std::string_view name) {
  for (size_t at = 0; at < text.size();) {
    const std::string_view line = text.substr(at, text.find('\n', at) - at);
    if (line.size() > name.size() + 1 && line.starts_with(name) && line[name.size()] == ':') {
      return line.substr(line.find_first_not_of("\t ", name.size() + 1));
    }
    at += line.size() + 1;
  }
  return std::nullopt;
}

std::optional<uint64_t> hexadecimal(std::optional<std::string_view> text) {
  if (!text) return std::nullopt;
  uint64_t number = 0;
  const char* const end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, number, 16);
  return read.ec == std::errc{} && read.ptr == end ? std::optional(number) : std::nullopt;
}

/// `pid:[4026531836]`
uint32_t namespace_number(std::string_view link) {
  uint32_t number = 0;
  const size_t open = link.find('[');
  if (open != std::string_view::npos) {
    std::from_chars(link.data() + open + 1, link.data() + link.size(), number);
  }
  return number;
}

/// The path may hold colons itself; cgroups(7).
std::string first_cgroup(std::string_view text) {
  const std::string_view line = text.substr(0, text.find('\n'));
  const size_t path = line.find(':', line.find(':') + 1);
  return path == std::string_view::npos ? std::string() : std::string(line.substr(path + 1));
}

bool equals_joined(std::string_view bytes, std::span<const std::string_view> arguments) {
  for (const std::string_view each : arguments) {
    if (bytes.size() <= each.size() || !bytes.starts_with(each) || bytes[each.size()] != '\0') {
      return false;
    }
    bytes.remove_prefix(each.size() + 1);
  }
  return bytes.empty();
}

size_t joined_size(std::span<const std::string_view> arguments) {
  size_t size = 0;
  for (const std::string_view each : arguments) size += each.size() + 1;
  return size;
}

}  // namespace

ExecDetailsReader::ExecDetailsReader(const Options& options)
    : environment_(options.environment), procfs_(*options.procfs) {
  for (size_t i = 0; i < kNamespaceKinds; i++) {
    const std::string link = std::string("/proc/self/") + kNamespaceLinks[i];
    kinds_[i] = ::faccessat(AT_FDCWD, link.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  }
  if (options.health == nullptr) return;
  const auto counter = [&](std::string_view name, std::string_view metric,
                           std::string_view reason = {}) {
    return options.health->counter({"identity", name, metric, reason});
  };
  read_ = counter("exec_facts", "read");
  gone_ = counter("exec_facts", "missed", "gone");
  other_image_ = counter("exec_facts", "missed", "other_image");
  if (!environment_.enabled()) return;
  environment_missed_ = counter("environment", "missed");
  environment_cut_ = counter("environment", "cut");
}

std::optional<ExecDetails> ExecDetailsReader::read(const ExecutedImage& image) {
  const HeldProcess process(&procfs_, image.pid);
  const int directory = process.directory();
  if (directory < 0 || !is_running(image)) {
    gone_.add();
    return std::nullopt;
  }
  // A shell that becomes another program at once is not worth the rest.
  if (!still_runs(directory, image.exe)) {
    other_image_.add();
    return std::nullopt;
  }
  ExecDetails details;
  read_status(directory, details);
  read_namespaces(directory, details);
  details.cgroup_path = first_cgroup(procfs_.cgroup(image.pid).value_or(std::string()));
  if (environment_.enabled()) read_environment(directory, image, details);
  if (!still_runs(directory, image.exe)) {
    other_image_.add();
    return std::nullopt;
  }
  read_.add();
  return details;
}

bool ExecDetailsReader::has_namespaces(const ExecDetails& details) const {
  for (size_t i = 0; i < kNamespaceKinds; i++) {
    if (kinds_[i] && details.namespaces[i] == 0) return false;
  }
  return true;
}

bool ExecDetailsReader::is_running(const ExecutedImage& image) {
  const auto stat = procfs_.stat(image.pid);
  return stat && stat->start_ticks == image.start_ticks && stat->state != 'Z' && stat->state != 'X';
}

/// What it runs by now. The name of a file that is removed meanwhile gets a suffix (proc(5)).
bool ExecDetailsReader::still_runs(int directory, std::string_view exe) {
  char target[PATH_MAX];
  const ssize_t length = ::readlinkat(directory, "exe", target, sizeof target);
  if (length <= 0) return false;
  const std::string_view running(target, static_cast<size_t>(length));
  return running == exe || (running.size() == exe.size() + kDeleted.size() &&
                            running.starts_with(exe) && running.ends_with(kDeleted));
}

void ExecDetailsReader::read_status(int directory, ExecDetails& details) {
  if (!file_.read(directory, "status", kSmallFileBytes)) return;
  if (const auto flag = field(file_.text(), "NoNewPrivs")) details.no_new_privileges = *flag == "1";
  const auto inheritable = hexadecimal(field(file_.text(), "CapInh")),
             permitted = hexadecimal(field(file_.text(), "CapPrm")),
             effective = hexadecimal(field(file_.text(), "CapEff")),
             ambient = hexadecimal(field(file_.text(), "CapAmb"));
  if (inheritable && permitted && effective && ambient) {
    details.capabilities = CapabilitySets{*inheritable, *permitted, *effective, *ambient};
  }
}

void ExecDetailsReader::read_namespaces(int directory, ExecDetails& details) {
  for (size_t i = 0; i < kNamespaceKinds; i++) {
    char target[64];
    const ssize_t length = ::readlinkat(directory, kNamespaceLinks[i], target, sizeof target);
    if (length > 0) {
      details.namespaces[i] = namespace_number({target, static_cast<size_t>(length)});
    }
  }
}

/// /proc shows the environment of the image that runs now: it is taken only where the arguments are
/// those of the exec, too, since a shell that runs itself again runs the same file.
void ExecDetailsReader::read_environment(int directory, const ExecutedImage& image,
                                         ExecDetails& details) {
  if (!file_.read(directory, "environ", kMaxEnvironmentBytes)) return environment_missed_.add();
  const bool whole = file_.text().size() < kMaxEnvironmentBytes;
  Environment environment = environment_.filter(file_.text());
  const size_t wanted = joined_size(image.arguments);
  const bool same = whole && wanted != 0 && file_.read(directory, "cmdline", wanted + 1) &&
                    equals_joined(file_.text(), image.arguments);
  if (!same) return environment_missed_.add();
  if (environment.cut) environment_cut_.add();
  details.environment = std::move(environment);
}

}  // namespace auditql
