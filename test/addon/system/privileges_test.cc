#include "system/privileges.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

[[maybe_unused]] std::string status_line(const std::string& thread, const std::string& name) {
  std::ifstream status("/proc/self/task/" + thread + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return line.substr(name.size() + 2);
  }
  return {};
}

/// Runs `body` in a child process, which may give its rights away; true when it returned true.
template <typename Body>
bool in_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(body() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

int main(int argc, char** argv) {
#ifdef __SANITIZE_THREAD__
  std::puts("skipped: every thread loses its rights (a thread of the sanitizer takes no signal)");
#else
  claim("every thread of the process loses what is not kept", [] {
    EXPECT(in_child([] {
      std::atomic<bool> end{false}, blocked{false};
      std::thread other([&] {
        // As libuv and V8 start theirs.
        sigset_t every;
        ::sigfillset(&every);
        ::pthread_sigmask(SIG_BLOCK, &every, nullptr);
        blocked = true;
        while (!end) ::usleep(1000);
      });
      while (!blocked) ::usleep(1000);
      const bool dropped = drop_privileges({"cap_dac_read_search"}).ok();
      bool all = true;
      for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
        const std::string thread = entry.path().filename();
        // CAP_DAC_READ_SEARCH is bit 2; absent when the test does not run as root.
        const std::string left = status_line(thread, "CapEff");
        all = all && (left == "0000000000000004" || left == "0000000000000000");
        all = all && status_line(thread, "NoNewPrivs") == "1";
      }
      end = true;
      other.join();
      return dropped && all;
    }));
  });
#endif

  claim("an unknown capability is an error that names it", [] {
    const Status refused = drop_privileges({"cap_flying"});
    EXPECT(!refused.ok());
    EXPECT(refused.error().message.find("cap_flying") != std::string::npos);
  });

  claim("the address space limit holds", [] {
    EXPECT(in_child([] {
      const uint64_t bytes = uint64_t{64} << 30;
      rlimit limit{};
      const bool set = limit_address_space(bytes).ok();
      ::getrlimit(RLIMIT_AS, &limit);
      return set && limit.rlim_cur == bytes;
    }));
  });

  return run_claims(argc, argv);
}
