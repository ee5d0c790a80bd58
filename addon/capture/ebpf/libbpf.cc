#include "libbpf.h"

#include <dlfcn.h>

#include <cstdarg>
#include <cstdio>
#include <string_view>
#include <utility>

namespace auditql {
namespace {

constexpr char kLibrary[] = "libbpf.so.1";

thread_local std::string libbpf_complaint;

/// Each EPERM makes libbpf guess at the limit of locked memory, which has not counted since 5.11.
bool is_guess(std::string_view line) {
  return line.find("RLIMIT_MEMLOCK") != line.npos || line.find("ulimit") != line.npos;
}

/// libbpf_print_fn_t: 0 is a warning, then information, then debugging.
int keep_complaint(int level, const char* format, va_list values) {
  if (level != 0) return 0;
  char text[512];
  const int size = std::vsnprintf(text, sizeof text, format, values);
  std::string line(text, size < 0 ? 0 : std::min(static_cast<size_t>(size), sizeof text - 1));
  while (!line.empty() && line.back() == '\n') line.pop_back();
  // The verifier's log comes in one piece; a cause comes before what follows from it.
  if (libbpf_complaint.empty() && !is_guess(line))
    libbpf_complaint = line.substr(0, line.find('\n'));
  return size;
}

class SymbolReader {
 public:
  explicit SymbolReader(void* library) : library_(library) {}

  template <typename Function>
  void read(const char* name, Function** to) {
    *to = reinterpret_cast<Function*>(::dlsym(library_, name));
    if (*to == nullptr) missing_ = name;
  }
  const char* missing() const { return missing_; }

 private:
  void* library_;
  const char* missing_ = nullptr;
};

const char* read_symbols(void* library, Libbpf* to) {
  SymbolReader reader(library);
  reader.read("bpf_object__open_mem", &to->object_open_mem);
  reader.read("bpf_object__load", &to->object_load);
  reader.read("bpf_object__close", &to->object_close);
  reader.read("bpf_object__next_program", &to->object_next_program);
  reader.read("bpf_object__find_map_by_name", &to->object_find_map_by_name);
  reader.read("bpf_program__name", &to->program_name);
  reader.read("bpf_program__section_name", &to->program_section_name);
  reader.read("bpf_program__fd", &to->program_fd);
  reader.read("bpf_program__set_autoload", &to->program_set_autoload);
  reader.read("bpf_program__attach", &to->program_attach);
  reader.read("bpf_program__attach_perf_event", &to->program_attach_perf_event);
  reader.read("bpf_program__attach_cgroup", &to->program_attach_cgroup);
  reader.read("bpf_link__destroy", &to->link_destroy);
  reader.read("bpf_map__fd", &to->map_fd);
  reader.read("bpf_map__set_max_entries", &to->map_set_max_entries);
  reader.read("bpf_map__set_initial_value", &to->map_set_initial_value);
  reader.read("bpf_map_lookup_elem", &to->map_lookup_elem);
  reader.read("bpf_map_update_elem", &to->map_update_elem);
  reader.read("bpf_map_delete_elem", &to->map_delete_elem);
  reader.read("bpf_map_get_next_key", &to->map_get_next_key);
  reader.read("bpf_obj_get_info_by_fd", &to->obj_get_info_by_fd);
  reader.read("libbpf_num_possible_cpus", &to->possible_cpus);
  reader.read("ring_buffer__new", &to->ring_buffer_new);
  reader.read("ring_buffer__consume", &to->ring_buffer_consume);
  reader.read("ring_buffer__free", &to->ring_buffer_free);
  return reader.missing();
}

Error no_libbpf(const std::string& cause) { return {"capture_start_failed", cause, 0}; }

Result<const Libbpf*> load_once() {
  static Libbpf functions;
  void* const library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    // It names the library that is missing, which may be one that libbpf needs.
    const char* const cause = ::dlerror();
    return no_libbpf(std::string("cannot load ") + (cause == nullptr ? kLibrary : cause));
  }
  if (const char* missing = read_symbols(library, &functions); missing != nullptr) {
    return no_libbpf(std::string("cannot use ") + kLibrary + ": it has no function " + missing);
  }
  using Print = int (*)(int, const char*, va_list);
  using SetPrint = Print (*)(Print);
  if (void* set = ::dlsym(library, "libbpf_set_print"); set != nullptr) {
    reinterpret_cast<SetPrint>(set)(keep_complaint);
  }
  return &functions;
}

}  // namespace

Result<const Libbpf*> load_libbpf() {
  static const Result<const Libbpf*> loaded = load_once();
  return loaded;
}

std::string take_libbpf_complaint() { return std::exchange(libbpf_complaint, {}); }

}  // namespace auditql
