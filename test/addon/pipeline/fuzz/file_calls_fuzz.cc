// libFuzzer over the records of file calls, as log lines: a path is absolute and without `.` and
// `..` or the call is partial, and the categories of a path are told once each. Run by `node
// scripts/test.mjs fuzz`.
#include <cstdlib>
#include <set>
#include <string>

#include "decode/audit_decoder.h"
#include "pipeline/file_call.h"
#include "publish/watched_paths.h"

namespace {

using namespace auditql;

void require(bool holds) {
  if (!holds) std::abort();
}

struct NoEvents : EventSink {
  void on_process(const ProcessEvent&) override {}
  void on_socket(const SocketEvent&) override {}
};

/// Descriptors below 16 are open, the others were closed already.
std::string folder_of(int32_t, int32_t descriptor) {
  const bool is_open = descriptor >= 0 && descriptor < 16;
  return is_open ? "/srv/" + std::to_string(descriptor) : std::string();
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
    const auto call = read_file_call(event, folder_of);
    if (!call) return;
    require(is_file_call(event) && call->record.outcome.success);
    require(!call->operation.empty() && !call->call.empty());
    require(!call->path.empty() || !call->dest_path.empty());
    for (const std::string& path : {call->path, call->dest_path}) {
      require(path.empty() || call->partial || is_normal(path));
      check_categories(path);
    }
  }

 private:
  void check_categories(const std::string& path) const {
    std::set<std::string> names;
    for (const WatchedPaths::Match& each : watched_.categories_of(path)) {
      require(names.insert(*each.category).second);
    }
  }

  const WatchedPaths watched_{{{"etc", {"/etc/%%", "/etc/%"}},
                               {"homes", {"/home/%/.ssh/%%", "/home/*/.bashrc"}, true},
                               {"all", {"/%%"}},
                               {"file", {"/srv/3", "/etc/a"}}},
                              {"/etc/skip/%%"}};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto health = HealthRegion::in_memory();
  static CallChecker checker;
  NoEvents no_events;
  AuditDecoderOptions options;
  options.raw_sink = &checker;
  options.max_line_bytes = 4096;
  options.reassembler.max_events = 4;
  AuditDecoder decoder(no_events, *health, options);
  decoder.feed_log({reinterpret_cast<const char*>(data), size});
  decoder.finish();
  return 0;
}
