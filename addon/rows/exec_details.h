#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "../health/health_region.h"
#include "../identity/proc_file.h"
#include "../identity/procfs.h"
#include "filters/environment_filter.h"

namespace auditql {

/// Capability sets as in /proc/PID/status (capabilities(7)): bit N is capability N.
struct CapabilitySets {
  uint64_t inheritable = 0, permitted = 0, effective = 0, ambient = 0;
};

/// cgroup, ipc, mnt, net, pid, user, uts.
constexpr size_t kNamespaceKinds = 7;

/// What no record of an exec tells, of a process that still runs the image.
struct ExecDetails {
  std::optional<CapabilitySets> capabilities;
  std::optional<bool> no_new_privileges;
  std::array<uint32_t, kNamespaceKinds> namespaces{};  ///< inode numbers; 0 unknown
  std::string cgroup_path;                             ///< of the first line of /proc/PID/cgroup
  std::optional<Environment> environment;
};

/// Which image of which process is asked for.
struct ExecutedImage {
  int32_t pid = 0;
  uint64_t start_ticks = 0;
  std::string_view exe;
  std::span<const std::string_view> arguments;  ///< all of them; empty when some are missing
};

/// Reads them from /proc, on the decoding thread, some milliseconds after the exec. Everything is
/// read below one open directory of the process, so that nothing of a later holder of the pid is
/// taken; what it runs is looked at last. A process that is gone or runs another image by then is
/// counted as missed.
class ExecDetailsReader {
 public:
  struct Options {
    EnvironmentChoice environment;
    HealthRegion* health = nullptr;
    ProcDirectory* procfs = nullptr;
  };
  explicit ExecDetailsReader(const Options& options);

  std::optional<ExecDetails> read(const ExecutedImage& image);
  bool reads_environment() const { return environment_.enabled(); }
  /// Whether each kind of namespace that this kernel has was read.
  bool has_namespaces(const ExecDetails& details) const;
  /// A process that is known to be gone.
  void missed() { gone_.add(); }

 private:
  bool is_running(const ExecutedImage& image);
  bool still_runs(int directory, std::string_view exe);
  void read_status(int directory, ExecDetails& details);
  void read_namespaces(int directory, ExecDetails& details);
  void read_environment(int directory, const ExecutedImage& image, ExecDetails& details);

  EnvironmentFilter environment_;
  std::array<bool, kNamespaceKinds> kinds_{};  ///< that this kernel has
  ProcDirectory& procfs_;
  ProcFile file_;
  Counter read_, gone_, other_image_, environment_missed_, environment_cut_;
};

}  // namespace auditql
