// libFuzzer over the records of file calls, as log lines: a path that is proven is absolute and
// without `.` and `..`, and the categories of a path are told once each. Run by `node
// scripts/test.mjs fuzz`.
#include <cstdlib>
#include <set>
#include <string>

#include "decode/audit_decoder.h"
#include "event_sources/watched_paths.h"
#include "rows/file_calls/file_call.h"
#include "rows/file_calls/file_locator.h"

namespace {

using namespace auditql;

void require(bool holds) {
  if (!holds) std::abort();
}

HealthRegion* health() {
  static const auto region = HealthRegion::in_memory();
  return region.get();
}

struct NoEvents : EventSink {
  void on_process(const ProcessEvent&) override {}
  void on_socket(const SocketEvent&) override {}
};

/// Descriptors below 16 are open, the others were closed already; at each path is a file.
LocatorHost made_up_host() {
  return {[](const std::string& path, FollowLink) {
            const uint64_t inode = path.size() % 8;
            return std::optional(FileIdentity{{8, 1, inode}, inode % 2 == 0, S_IFDIR});
          },
          [](int32_t, int32_t descriptor) {
            const bool is_open = descriptor >= 0 && descriptor < 16;
            return is_open ? "/srv/" + std::to_string(descriptor) : std::string();
          },
          [](const std::string& path) { return path; }};
}

bool is_normal(const std::string& path) {
  const std::string parts = path + "/";
  return path == "/" ||
         (path.starts_with('/') && parts.find("//") == std::string::npos &&
          parts.find("/./") == std::string::npos && parts.find("/../") == std::string::npos);
}

class CallChecker : public RawEventSink {
 public:
  void on_event(const RawEvent& event) override {
    auto call = read_file_call(event);
    if (!call) return;
    require(is_file_call(event) && call->record.outcome.success);
    require(!call->operation.empty() && !call->call.empty() && !call->acts.empty());
    const CallContext context{call->cwd, call->record.pid, event.id.time_ns, true};
    for (FileAct& act : call->acts) {
      locator_.tell_folders_apart(act, context);
      check(act.file, context);
      if (act.dest) check(*act.dest, context);
    }
  }

 private:
  void check(const NamedFile& file, const CallContext& context) {
    const LocatedFile found = locator_.locate(file, context);
    require(!found.is_proven || is_normal(found.path));
    require(!found.place || found.is_proven);
    check_categories(found.path);
    if (found.place && file.file) known_.made(*file.file, *found.place, file.is_folder);
  }
  void check_categories(const std::string& path) const {
    std::set<std::string> names;
    for (const WatchedPaths::Match& each : watched_.categories_of(path)) {
      require(names.insert(*each.category).second);
    }
  }

  KnownFiles known_{{64, 64}, *health()};
  const FileLocator locator_{known_, made_up_host()};
  const WatchedPaths watched_{{{"etc", {"/etc/%%", "/etc/%"}},
                               {"homes", {"/home/%/.ssh/%%", "/home/*/.bashrc"}, true},
                               {"all", {"/%%"}},
                               {"file", {"/srv/3", "/etc/a"}}},
                              {"/etc/skip/%%"}};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static CallChecker checker;
  NoEvents no_events;
  AuditDecoderOptions options;
  options.raw_sink = &checker;
  options.max_line_bytes = 4096;
  options.reassembler.max_events = 4;
  AuditDecoder decoder(no_events, *health(), options);
  decoder.feed_log({reinterpret_cast<const char*>(data), size});
  decoder.finish();
  return 0;
}
