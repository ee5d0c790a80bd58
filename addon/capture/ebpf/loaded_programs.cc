#include "loaded_programs.h"

#include <dirent.h>
#include <linux/bpf.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <cstdlib>
#include <string_view>

#include "../../system/unique_fd.h"
#include "object.h"
#include "tracepoint.h"

namespace auditql {
namespace {

/// Parts of the programs that can be left out.
struct ProgramPart {
  const char* name;
  const char* section;  ///< how the sections of its programs begin
};
constexpr ProgramPart kOptionalParts[] = {
    {"calls", "tp/syscalls/"},
    {"datagrams", "cgroup/"},
    {"io_uring", "tp_btf/io_uring"},
    {"open_connections", "syscall"},
};
constexpr size_t kOptionalPartCount = std::size(kOptionalParts);
constexpr size_t kCallsPart = 0, kDatagramsPart = 1, kOpenConnectionsPart = 3;

size_t part_of(std::string_view section) {
  for (size_t i = 0; i < kOptionalPartCount; i++) {
    if (section.starts_with(kOptionalParts[i].section)) return i;
  }
  return kOptionalPartCount;
}

Error libbpf_error(const std::string& tried, int error_number) {
  const std::string complaint = take_libbpf_complaint();
  return Error::from_errno("capture_start_failed",
                           complaint.empty() ? tried : tried + " (" + complaint + ")",
                           error_number);
}

std::string remedy_of(size_t part, const Error& error) {
  if (part == kDatagramsPart && error.error_number == EPERM) {
    return "run as root, or add CAP_NET_ADMIN to AmbientCapabilities= of the systemd unit";
  }
  return "use a newer kernel, or the audit backend";
}

}  // namespace

Result<std::unique_ptr<LoadedPrograms>> LoadedPrograms::load(const ProgramOptions& options) {
  if (ebpf_object().empty()) {
    return Error{"capture_start_failed", "auditql has no eBPF programs for this machine", 0};
  }
  const auto libbpf = load_libbpf();
  if (!libbpf) return libbpf.error();
  std::unique_ptr<LoadedPrograms> programs(new LoadedPrograms(*libbpf.value(), options));
  if (Status loaded = programs->load_most(); !loaded) return loaded.error();
  if (Status attached = programs->attach(); !attached) return attached.error();
  return programs;
}

LoadedPrograms::~LoadedPrograms() {
  for (bpf_link* each : links_) libbpf_.link_destroy(each);
  if (object_ != nullptr) libbpf_.object_close(object_);
}

/// Leaves out each part of which the kernel refuses a program.
Status LoadedPrograms::load_most() {
  settings_.own_tgid = options_.own_tgid;
  settings_.wake_bytes = options_.ring_bytes / 4;
  settings_.open_connection_ns = static_cast<uint64_t>(options_.open_connection_ms) * 1'000'000;
  settings_.exit_by_live_count = options_.exit_by_live_count ? 1 : 0;
  settings_.has_exclusions = 1;
  while (true) {
    if (Status opened = open(); !opened) return opened;
    const int failed = libbpf_.object_load(object_);
    if (failed >= 0) return Done{};
    const Error error = libbpf_error("cannot load the eBPF programs", -failed);
    const size_t part = refused_part(error.message);
    libbpf_.object_close(std::exchange(object_, nullptr));
    if (part == kOptionalPartCount || is_left_out(part)) return error;
    // Older kernels lend programs of cgroups no task storage.
    if (part == kDatagramsPart && std::exchange(settings_.has_exclusions, 0) == 1) continue;
    missing_.push_back({kOptionalParts[part].name, error.message, remedy_of(part, error)});
  }
}

/// libbpf names the program that the kernel refused.
size_t LoadedPrograms::refused_part(std::string_view message) const {
  bpf_program* program = nullptr;
  while ((program = libbpf_.object_next_program(object_, program)) != nullptr) {
    const std::string quoted = std::string("'") + libbpf_.program_name(program) + "'";
    if (message.find(quoted) != std::string_view::npos) {
      return part_of(libbpf_.program_section_name(program));
    }
  }
  return kOptionalPartCount;
}

bool LoadedPrograms::is_left_out(size_t part) const {
  return part < kOptionalPartCount &&
         std::any_of(missing_.begin(), missing_.end(), [part](const MissingPrograms& each) {
           return each.part == kOptionalParts[part].name;
         });
}

Status LoadedPrograms::open() {
  const std::string_view bytes = ebpf_object();
  errno = 0;
  object_ = libbpf_.object_open_mem(bytes.data(), bytes.size(), nullptr);
  if (object_ == nullptr) return libbpf_error("cannot read the eBPF programs", errno);
  bpf_program* program = nullptr;
  while ((program = libbpf_.object_next_program(object_, program)) != nullptr) {
    if (is_left_out(part_of(libbpf_.program_section_name(program)))) {
      (void)libbpf_.program_set_autoload(program, false);
    }
  }
  return set_up_maps();
}

Status LoadedPrograms::set_up_maps() {
  const auto map = [this](const char* name) {
    return libbpf_.object_find_map_by_name(object_, name);
  };
  bpf_map* const ring = map("ring");
  bpf_map* const connections = map("connections");
  bpf_map* const settings = map(".rodata.settings");
  if (ring == nullptr || connections == nullptr || settings == nullptr) {
    return Error{"capture_start_failed", "the eBPF programs lack a map", 0};
  }
  int failed = libbpf_.map_set_max_entries(ring, options_.ring_bytes);
  if (failed == 0) failed = libbpf_.map_set_max_entries(connections, options_.max_connections);
  if (failed == 0) failed = libbpf_.map_set_initial_value(settings, &settings_, sizeof settings_);
  if (failed != 0) return libbpf_error("cannot set up the maps of the eBPF programs", -failed);
  return Done{};
}

int LoadedPrograms::map_fd(const char* name) const {
  return libbpf_.map_fd(libbpf_.object_find_map_by_name(object_, name));
}

int LoadedPrograms::ring_fd() const { return map_fd("ring"); }

void LoadedPrograms::exclude(std::span<const KernelExclusion> exclusions) {
  ebpf_exclusion_masks masks{};
  const uint32_t first = 0;
  const int fd = map_fd(".data.exclusions");
  (void)libbpf_.map_update_elem(fd, &first, &masks, 0);
  for (const char* name : {"excluded_paths", "excluded_uids", "excluded_auids", "excluded_cgroups",
                           "excluded_addresses"}) {
    empty_map(name);
  }
  if (exclusions.empty()) return;
  const ExclusionTables tables = exclusion_tables(exclusions, &masks);
  fill_maps(tables);
  masks.generation = ++generation_;
  // What starts from here on is marked by the programs, what runs already by us.
  (void)libbpf_.map_update_elem(fd, &first, &masks, 0);
  if (!tables.paths.empty()) mark_running(tables);
}

void LoadedPrograms::empty_map(const char* name) {
  const int fd = map_fd(name);
  ebpf_excluded_path key;  // the largest of the keys
  while (libbpf_.map_get_next_key(fd, nullptr, &key) == 0) {
    if (libbpf_.map_delete_elem(fd, &key) != 0) return;
  }
}

void LoadedPrograms::fill_maps(const ExclusionTables& tables) {
  const auto fill = [this](const char* name, const auto& table) {
    const int fd = map_fd(name);
    for (const auto& [key, bits] : table) (void)libbpf_.map_update_elem(fd, &key, &bits, 0);
  };
  fill("excluded_uids", tables.uids);
  fill("excluded_auids", tables.auids);
  fill("excluded_cgroups", tables.cgroups);
  fill("excluded_addresses", tables.addresses);
  const int paths = map_fd("excluded_paths");
  for (const auto& [path, marks] : tables.paths) {
    const auto key = excluded_path(path);
    if (key) (void)libbpf_.map_update_elem(paths, &*key, &marks, 0);
  }
}

/// Processes that ran before are marked by what they run now.
void LoadedPrograms::mark_running(const ExclusionTables& tables) {
  DIR* const directory = ::opendir("/proc");
  if (directory == nullptr) return;
  const int fd = map_fd("marks");
  while (const dirent* entry = ::readdir(directory)) {
    const int pid = std::atoi(entry->d_name);
    if (pid <= 0) continue;
    char path[PATH_MAX] = {};
    const std::string link = "/proc/" + std::to_string(pid) + "/exe";
    if (::readlink(link.c_str(), path, sizeof path - 1) <= 0) continue;
    const auto found = tables.paths.find(path);
    if (found == tables.paths.end()) continue;
    const UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
    if (!pidfd) continue;
    ebpf_program_marks marks = found->second;
    marks.generation = generation_;
    const int key = pidfd.get();
    (void)libbpf_.map_update_elem(fd, &key, &marks, 0);
  }
  ::closedir(directory);
}

Status LoadedPrograms::attach() {
  const auto tracepoints = Tracepoints::open();
  if (!tracepoints && !is_left_out(kCallsPart)) {
    missing_.push_back(
        {kOptionalParts[kCallsPart].name, tracepoints.error().message, kMountTracefs});
  }
  bpf_program* program = nullptr;
  while ((program = libbpf_.object_next_program(object_, program)) != nullptr) {
    const std::string_view section = libbpf_.program_section_name(program);
    if (part_of(section) == kOpenConnectionsPart || is_left_out(part_of(section))) continue;
    Status attached = attach_program(program, tracepoints ? &tracepoints.value() : nullptr);
    if (attached) continue;
    if (section.find("sched_process") != std::string_view::npos) return attached;
    missing_.push_back({libbpf_.program_name(program), attached.error().message,
                        remedy_of(part_of(section), attached.error())});
  }
  return Done{};
}

/// `tracepoints` is null where no program of calls is left.
Status LoadedPrograms::attach_program(bpf_program* program, const Tracepoints* tracepoints) {
  const std::string section = libbpf_.program_section_name(program);
  bpf_link* link = nullptr;
  errno = 0;
  if (part_of(section) == kCallsPart) {
    auto event = tracepoints->event(section.substr(3));
    if (!event) return event.error();
    link = libbpf_.program_attach_perf_event(program, event.value().get());
    if (link != nullptr) (void)event.value().release();  // the link closes it
  } else if (part_of(section) == kDatagramsPart) {
    const auto cgroup = open_root_cgroup();
    if (!cgroup) return cgroup.error();
    link = libbpf_.program_attach_cgroup(program, cgroup.value().get());
  } else {
    link = libbpf_.program_attach(program);
  }
  if (link == nullptr) {
    return libbpf_error(std::string("cannot attach ") + libbpf_.program_name(program), errno);
  }
  links_.push_back(link);
  return Done{};
}

std::vector<kernel_counts> LoadedPrograms::counts() const {
  const int cpus = libbpf_.possible_cpus();
  std::vector<kernel_counts> counts(cpus > 0 ? static_cast<size_t>(cpus) : 0);
  const uint32_t first = 0;
  if (libbpf_.map_lookup_elem(map_fd("counts"), &first, counts.data()) != 0) return {};
  return counts;
}

/// Calls of the programs that the kernel left out, because the same program ran on that CPU, which
/// an interrupt had stopped (bpf_prog_info in include/uapi/linux/bpf.h); since 5.12.
uint64_t LoadedPrograms::missed() const {
  uint64_t missed = 0;
  bpf_program* program = nullptr;
  while ((program = libbpf_.object_next_program(object_, program)) != nullptr) {
    const int fd = libbpf_.program_fd(program);
    bpf_prog_info info{};
    uint32_t size = sizeof info;
    if (fd < 0 || libbpf_.obj_get_info_by_fd(fd, &info, &size) != 0) continue;
    missed += info.recursion_misses;
  }
  return missed;
}

void LoadedPrograms::tell_open_connections() {
  if (is_left_out(kOpenConnectionsPart)) return;
  bpf_program* program = nullptr;
  while ((program = libbpf_.object_next_program(object_, program)) != nullptr) {
    if (part_of(libbpf_.program_section_name(program)) != kOpenConnectionsPart) continue;
    bpf_attr call{};
    call.test.prog_fd = static_cast<uint32_t>(libbpf_.program_fd(program));
    (void)::syscall(SYS_bpf, BPF_PROG_TEST_RUN, &call, sizeof call);
  }
}

}  // namespace auditql
