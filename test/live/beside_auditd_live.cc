// Needs root, auditd, and an audit subsystem that no other daemon owns: make -C addon live
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "eventually.h"
#include "live_capture.h"

using namespace auditql;
using namespace auditql::test;

namespace {

/// auditd with the host's configuration but a log of its own, in the foreground.
pid_t start_auditd() {
  std::filesystem::create_directory(state_folder + "/log");
  std::ifstream host("/etc/audit/auditd.conf");
  std::ofstream config(state_folder + "/auditd.conf");
  for (std::string line; std::getline(host, line);) {
    if (line.starts_with("log_file")) line = "log_file = " + state_folder + "/log/audit.log";
    if (line.starts_with("log_group")) line = "log_group = root";
    if (line.starts_with("log_format")) line = "log_format = RAW";
    config << line << "\n";
  }
  config.close();
  const pid_t child = ::fork();
  if (child != 0) return child;
  ::execlp("auditd", "auditd", "-n", "-c", state_folder.c_str(), nullptr);
  ::_exit(127);
}

/// Serials of the SYSCALL records with our key in auditd's log.
std::set<uint64_t> logged_serials() {
  std::set<uint64_t> serials;
  std::ifstream log(state_folder + "/log/audit.log");
  for (std::string line; std::getline(log, line);) {
    const size_t message = line.find("audit(");
    if (!line.starts_with("type=SYSCALL") || line.find("key=\"auditql\"") == std::string::npos) {
      continue;
    }
    serials.insert(record_serial(std::string_view(line).substr(message)).value_or(0));
  }
  return serials;
}

void beside_auditd() {
  claim("beside a running auditd the multicast brings the events of its log, serial by serial", [] {
    if (output_of("command -v auditd").empty()) {
      std::printf("skipped: no auditd\n");
      return;
    }
    std::fflush(nullptr);
    const pid_t auditd = start_auditd();
    const bool is_owner = eventually([&] {
      return AuditNetlink::open().take().status().value().pid == static_cast<uint32_t>(auditd);
    });
    EXPECT(is_owner);
    Capture capture({.state_path = state_path(), .mode = AuditMode::multicast});
    if (is_owner && capture.start()) {
      run_shell("for i in $(seq 300); do /bin/true; done");
      capture.backend.stop();
    }
    ::kill(auditd, SIGTERM);
    ::waitpid(auditd, nullptr, 0);
    capture.counter.stop();
    const std::set<uint64_t> logged = logged_serials(), read = capture.counter.own_serials();
    std::printf("beside auditd: %zu events in its log, %zu by multicast\n", logged.size(),
                read.size());
    EXPECT(read.size() > 600);
    // Of what this host does besides, one may have begun sooner or ended later than the other.
    const auto shared = [&](const std::set<uint64_t>& serials) {
      const uint64_t first = std::max(*read.begin(), *logged.begin());
      const uint64_t last = std::min(*read.rbegin(), *logged.rbegin());
      return std::set<uint64_t>(serials.lower_bound(first), serials.upper_bound(last));
    };
    EXPECT(!read.empty() && !logged.empty() && shared(read) == shared(logged) &&
           shared(read).size() > 600);
  });
}

}  // namespace

int main(int argc, char** argv) { return run_capture_claims(argc, argv, beside_auditd); }
