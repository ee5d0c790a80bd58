// Needs root and a kernel with BTF: make -C addon live
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "capture/host_probe.h"
#include "check.h"
#include "ebpf_live.h"
#include "in_child.h"
#include "system/proc_stat.h"

using namespace auditql;
using namespace auditql::test;

namespace {

/// Ends as many threads as closely together as they can be, the leader among them.
int end_together(int threads) {
  static std::atomic<int> ready;
  ready = 0;
  const auto end = [threads] {
    ready++;
    while (ready < threads) {
    }
    ::syscall(SYS_exit, 0);
  };
  for (int i = 1; i < threads; i++) std::thread(end).detach();
  end();
  return 1;
}

void claim_processes() {
  claim("fork, exec and exit of 300 processes arrive once each and in order", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    expect_no_other_problem(capture);
    struct Child {
      pid_t pid;
      uint64_t ticks;
    };
    const Shared<Child[300]> told;
    const pid_t parent = in_process([&] {
      for (int i = 0; i < 300; i++) {
        const pid_t child = ::fork();
        if (child == 0) {
          ::execl("/bin/sh", "sh", "-c", ("exit " + std::to_string(i % 256)).c_str(), nullptr);
          ::_exit(99);
        }
        ::waitpid(child, nullptr, 0);
        (*told.at)[i].pid = child;
      }
      return 0;
    });
    capture.stop();
    EXPECT_EQ(capture.lost(), uint64_t{0});
    std::map<pid_t, std::string> order;
    for (const SeenProcess& each : capture.processes) {
      if (each.action == ProcessAction::fork) order[each.child] += 'f';
      if (each.action == ProcessAction::exec) order[each.pid] += each.error == 0 ? 'e' : '!';
      if (each.action == ProcessAction::exit) order[each.pid] += 'x';
    }
    for (int i = 0; i < 300; i++) {
      const pid_t pid = (*told.at)[i].pid;
      EXPECT_EQ(order[pid], "fex");
      const SeenProcess* const exec = capture.find(pid, ProcessAction::exec);
      const SeenProcess* const exit = capture.find(pid, ProcessAction::exit);
      if (exec == nullptr || exit == nullptr) continue;
      EXPECT(exec->argv ==
             std::vector<std::string>({"sh", "-c", "exit " + std::to_string(i % 256)}));
      EXPECT_EQ(exec->parent, parent);
      EXPECT_EQ(exec->exe, "/usr/bin/dash");
      EXPECT(!exec->partial);
      EXPECT_EQ(exit->status.value_or(-1), i % 256);
      EXPECT(exec->ticks == exit->ticks && exec->ticks != 0);
    }
  });

  claim("a process ends once where all threads end at once, as kernels before 6.16 tell it", [] {
    EbpfCapture capture({.exit_by_live_count = true});
    if (!capture.start()) return;
    constexpr int kCount = 300, kThreads = 8;
    const Shared<std::array<pid_t, kCount>> told;
    (void)in_process([&] {
      for (pid_t& each : *told.at) {
        each = in_process([] { return end_together(kThreads); });
      }
      return 0;
    });
    capture.stop();
    EXPECT_EQ(capture.lost(), uint64_t{0});
    std::map<pid_t, int> ends;
    for (const SeenProcess& each : capture.processes) {
      if (each.action == ProcessAction::exit) ends[each.pid]++;
    }
    for (const pid_t each : *told.at) EXPECT_EQ(ends[each], 1);
  });

  claim("the start of a process is that of /proc/PID/stat", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const Shared<uint64_t> ticks;
    const pid_t pid = in_process([&] {
      const auto stat = parse_proc_stat(small_file("/proc/self/stat"));
      *ticks.at = stat ? stat->start_ticks : 0;
      return 0;
    });
    capture.stop();
    const SeenProcess* const exit = capture.find(pid, ProcessAction::exit);
    EXPECT(exit != nullptr && exit->ticks == *ticks.at && exit->ticks != 0);
  });

  claim("an end by a signal tells the signal", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    std::map<int, pid_t> killed;
    for (const int signal : {SIGKILL, SIGTERM, SIGSEGV, SIGABRT}) {
      killed[signal] = in_process([signal] {
        const rlimit none{0, 0};
        ::setrlimit(RLIMIT_CORE, &none);
        ::signal(signal, SIG_DFL);
        ::raise(signal);
        return 0;
      });
    }
    capture.stop();
    for (const auto& [signal, pid] : killed) {
      const SeenProcess* const exit = capture.find(pid, ProcessAction::exit);
      EXPECT(exit != nullptr && exit->signal == signal && !exit->status);
    }
  });

  claim("arguments come whole, up to the kernel's own limit", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    std::vector<std::pair<pid_t, std::vector<std::string>>> started;
    for (const auto& [count, size] : std::vector<std::pair<size_t, size_t>>{{3, 10},
                                                                            {1, 8183},
                                                                            {1, 8184},
                                                                            {1, 8185},
                                                                            {1, 12279},
                                                                            {2, 60'000},
                                                                            {14, 130'000},
                                                                            {60'000, 10}}) {
      std::vector<std::string> arguments{"/bin/true"};
      for (size_t i = 0; i < count; i++) {
        std::string text(size, static_cast<char>('a' + i % 26));
        text.replace(0, std::to_string(i).size(), std::to_string(i));
        arguments.push_back(text);
      }
      const pid_t pid = in_process([&] {
        std::vector<char*> pointers;
        for (std::string& each : arguments) pointers.push_back(each.data());
        pointers.push_back(nullptr);
        char* const no_environment[] = {nullptr};
        ::execve("/bin/true", pointers.data(), no_environment);
        return 1;
      });
      started.emplace_back(pid, std::move(arguments));
    }
    capture.stop();
    for (const auto& [pid, arguments] : started) {
      const SeenProcess* const exec = capture.find(pid, ProcessAction::exec);
      EXPECT(exec != nullptr && exec->error == 0);
      if (exec == nullptr) continue;
      EXPECT_EQ(exec->argv.size(), arguments.size());
      EXPECT(exec->argv == arguments);
      EXPECT(!exec->partial);
    }
  });

  claim("a failed exec tells its error, file and arguments", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const pid_t missing = in_process([] {
      ::execl("/nowhere/program", "program", "one", "two", nullptr);
      return 0;
    });
    const pid_t refused = in_process([] {
      ::execl("/etc/passwd", "passwd", nullptr);
      return 0;
    });
    capture.stop();
    const SeenProcess* exec = capture.find(missing, ProcessAction::exec);
    EXPECT(exec != nullptr);
    if (exec == nullptr) return;
    EXPECT_EQ(exec->error, ENOENT);
    EXPECT_EQ(exec->name, "/nowhere/program");
    EXPECT(exec->argv == std::vector<std::string>({"program", "one", "two"}));
    exec = capture.find(refused, ProcessAction::exec);
    EXPECT(exec != nullptr && exec->error == EACCES && exec->name == "/etc/passwd");
  });

  claim("a script and a memfd show the file that runs", [] {
    EbpfCapture capture;
    if (!capture.start()) return;
    const ScratchFolder folder("script");
    const std::string& script = folder.file();
    const int fd = ::open(script.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0755);
    EXPECT(::write(fd, "#!/bin/sh\nexit 3\n", 17) == 17);
    ::close(fd);
    const pid_t scripted = in_process([&] {
      EXPECT(::chdir(folder.path()) == 0);
      ::execl("./script", "./script", "argument", nullptr);
      return 0;
    });
    const pid_t from_memory = in_process([] {
      const int file = ::memfd_create("hidden", 0);
      const int from = ::open("/bin/true", O_RDONLY);
      char bytes[65536];
      for (ssize_t size; (size = ::read(from, bytes, sizeof bytes)) > 0;) {
        if (::write(file, bytes, static_cast<size_t>(size)) != size) return 1;
      }
      char* const arguments[] = {const_cast<char*>("hidden"), nullptr};
      ::fexecve(file, arguments, arguments + 1);
      return 1;
    });
    capture.stop();
    const SeenProcess* exec = capture.find(scripted, ProcessAction::exec);
    EXPECT(exec != nullptr);
    if (exec == nullptr) return;
    EXPECT_EQ(exec->exe, "/usr/bin/dash");
    EXPECT_EQ(exec->cwd, folder.path());
    EXPECT(exec->argv == std::vector<std::string>({"/bin/sh", "./script", "argument"}));
    exec = capture.find(from_memory, ProcessAction::exec);
    EXPECT(exec != nullptr);
    if (exec != nullptr) EXPECT_EQ(exec->exe, "/memfd:hidden (deleted)");
  });
}

}  // namespace

int main(int argc, char** argv) {
  return run_ebpf_claims(argc, argv, [] { claim_processes(); });
}
