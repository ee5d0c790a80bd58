// Needs root and a kernel with BTF: make -C addon live
#include <dirent.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <set>
#include <string>

#include "capture/ebpf/loaded_programs.h"
#include "check.h"
#include "ebpf_live.h"
#include "in_child.h"

using namespace auditql;
using namespace auditql::test;

namespace {

constexpr uid_t kUser = 12345;  ///< nothing else of the host runs as this user
constexpr uint32_t kSmallRing = 64 << 10, kLargeRing = 64 << 20;

using Kinds = std::array<uint64_t, KERNEL_RECORD_KINDS>;

std::string shown_kinds(const Kinds& kinds) {
  std::string text;
  for (const uint64_t each : kinds) text += " " + std::to_string(each);
  return text;
}

/// Every user of whom a process runs, so that only the test's own actions are counted.
std::vector<KernelExclusion> users_of_host() {
  std::set<uint32_t> users;
  DIR* const directory = ::opendir("/proc");
  while (const dirent* entry = ::readdir(directory)) {
    struct stat found {};
    const std::string path = std::string("/proc/") + entry->d_name;
    if (std::atoi(entry->d_name) > 0 && ::stat(path.c_str(), &found) == 0) {
      users.insert(found.st_uid);
    }
  }
  ::closedir(directory);
  users.erase(kUser);
  std::vector<KernelExclusion> exclusions;
  for (const uint32_t each : users) {
    KernelExclusion user;
    user.uid = each;
    exclusions.push_back(user);
  }
  return exclusions;
}

/// TCP connections of the host. Their ends are told without an owner, so no user excludes them.
uint64_t open_connections() {
  uint64_t lines = 0;
  for (const char* path : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) lines++;
  }
  return lines;
}

/// The programs without a reader.
struct UnreadPrograms {
  std::unique_ptr<LoadedPrograms> programs;
  Kinds received{}, without_owner{};

  UnreadPrograms(uint32_t ring_bytes, const std::vector<KernelExclusion>& exclusions) {
    ProgramOptions options;
    options.ring_bytes = ring_bytes;
    options.own_tgid = static_cast<uint32_t>(::getpid());
    auto loaded = LoadedPrograms::load(options);
    if (loaded) {
      programs = loaded.take();
      programs->exclude(exclusions);
    } else {
      fail(__FILE__, __LINE__, loaded.error().message);
    }
  }
  kernel_counts totals() const {
    kernel_counts totals{};
    for (const kernel_counts& each : programs->counts()) {
      for (int kind = 0; kind < KERNEL_RECORD_KINDS; kind++) {
        totals.sent[kind] += each.sent[kind];
        totals.lost[kind] += each.lost[kind];
      }
      totals.excluded += each.excluded;
    }
    return totals;
  }
  /// What has happened since some counters were read.
  Kinds happened_since(const kernel_counts& before) const {
    const kernel_counts now = totals();
    Kinds happened{};
    for (int kind = 0; kind < KERNEL_RECORD_KINDS; kind++) {
      happened[kind] = now.sent[kind] + now.lost[kind] - before.sent[kind] - before.lost[kind];
    }
    return happened;
  }
  void receive_all() {
    const Libbpf& libbpf = programs->libbpf();
    ring_buffer* const ring = libbpf.ring_buffer_new(programs->ring_fd(), on_record, this, nullptr);
    EXPECT(ring != nullptr);
    if (ring == nullptr) return;
    (void)libbpf.ring_buffer_consume(ring);
    libbpf.ring_buffer_free(ring);
  }
  static int on_record(void* self, void* bytes, size_t) {
    auto* const programs = static_cast<UnreadPrograms*>(self);
    kernel_record head;
    std::memcpy(&head, bytes, sizeof head);
    if (head.kind >= KERNEL_RECORD_KINDS) return 0;
    programs->received[head.kind]++;
    if (head.flags & KERNEL_OWNER_UNKNOWN) programs->without_owner[head.kind]++;
    return 0;
  }
};

constexpr int kRuns = 300, kFailures = 60, kLong = 30, kDatagrams = 20'000, kUnix = 2'000;
constexpr size_t kInlineArguments = 8192, kPiece = 16384, kArgument = 100'000;

pid_t run(const char* path, const std::string& argument) {
  return in_process([&] {
    const char* const arguments[] = {"program", argument.c_str(), nullptr};
    const char* const nothing[] = {nullptr};
    ::execve(path, const_cast<char* const*>(arguments), const_cast<char* const*>(nothing));
    return 1;
  });
}

/// Does a known number of everything that takes no other process of the host.
int do_all() {
  for (int i = 0; i < kRuns; i++) run("/bin/true", "short");
  for (int i = 0; i < kFailures; i++) run("/nowhere/program", "short");
  for (int i = 0; i < kLong; i++) run("/bin/true", std::string(kArgument, 'a'));
  const int datagrams = ::socket(AF_INET, SOCK_DGRAM, 0);
  for (int i = 0; i < kDatagrams; i++) (void)with_address(::connect, datagrams, loopback(9));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::strcpy(name.sun_path, "/nowhere/socket");
  const int stream = ::socket(AF_UNIX, SOCK_STREAM, 0);
  for (int i = 0; i < kUnix; i++) (void)with_address(::connect, stream, name);
  return 0;
}

/// What do_all() makes, with the end of its process.
Kinds of_all() {
  constexpr size_t size = sizeof "program" + kArgument + 1;
  Kinds kinds{};
  kinds[KERNEL_RECORD_FORK] = kRuns + kFailures + kLong;
  kinds[KERNEL_RECORD_EXEC] = kRuns + kFailures + kLong;
  kinds[KERNEL_RECORD_EXIT] = kRuns + kFailures + kLong + 1;
  kinds[KERNEL_RECORD_ARGUMENTS] = kLong * ((size - kInlineArguments + kPiece - 1) / kPiece);
  kinds[KERNEL_RECORD_SOCKET] = kDatagrams;
  kinds[KERNEL_RECORD_UNIX_SOCKET] = kUnix;
  return kinds;
}

void do_as_user(const std::function<int()>& body) {
  int status = 0;
  (void)in_process([&] { return ::setuid(kUser) == 0 ? body() : 9; }, &status);
  EXPECT_EQ(status, 0);
}

void claim_counters() {
  claim("of each kind sent and lost are what happened, in a ring that nobody reads", [] {
    const uint64_t others = open_connections();
    UnreadPrograms capture(kSmallRing, users_of_host());
    if (!capture.programs) return;
    // Until the exclusions hold, other processes are seen.
    const kernel_counts before = capture.totals();
    do_as_user(do_all);
    capture.receive_all();
    const kernel_counts counts = capture.totals();
    const Kinds happened = of_all(), total = capture.happened_since(before);
    Kinds lost{};
    for (int kind = 0; kind < KERNEL_RECORD_KINDS; kind++) {
      lost[kind] = counts.lost[kind];
      EXPECT_EQ(capture.received[kind], counts.sent[kind]);
      if (kind == KERNEL_RECORD_SOCKET) continue;
      EXPECT_EQ(total[kind], happened[kind]);
    }
    EXPECT(total[KERNEL_RECORD_SOCKET] >= happened[KERNEL_RECORD_SOCKET]);
    EXPECT(total[KERNEL_RECORD_SOCKET] <= happened[KERNEL_RECORD_SOCKET] + others);
    std::printf("happened%s\nsent    %s\nlost    %s\nmissed   %llu\n",
                shown_kinds(happened).c_str(), shown_kinds(capture.received).c_str(),
                shown_kinds(lost).c_str(),
                static_cast<unsigned long long>(capture.programs->missed()));
    EXPECT(lost[KERNEL_RECORD_SOCKET] > 0 && lost[KERNEL_RECORD_UNIX_SOCKET] > 0);
  });
}

/// A connection that both ends close: four events.
int connect_often(int times) {
  const int listener = listening_socket(16);
  const sockaddr_in address = loopback(port_of(listener));
  for (int i = 0; i < times; i++) {
    const int client = ::socket(AF_INET, SOCK_STREAM, 0);
    if (with_address(::connect, client, address) != 0) return 1;
    const int accepted = ::accept(listener, nullptr, nullptr);
    if (::send(client, "hello", 5, 0) != 5) return 1;
    ::close(client);
    ::close(accepted);
  }
  ::close(listener);
  return 0;
}

void claim_connections() {
  claim("of TCP connections too, or the kernel says how often it left a program out", [] {
    constexpr int kTimes = 3'000;
    const uint64_t others = open_connections();
    UnreadPrograms capture(kSmallRing, users_of_host());
    if (!capture.programs) return;
    const kernel_counts before = capture.totals();
    do_as_user([] { return connect_often(kTimes); });
    const uint64_t missed = capture.programs->missed();
    const uint64_t total = capture.happened_since(before)[KERNEL_RECORD_SOCKET];
    // bind and listen once
    const uint64_t happened = 4 * kTimes + 2;
    std::printf("happened %llu, sent and lost %llu, missed %llu\n",
                static_cast<unsigned long long>(happened), static_cast<unsigned long long>(total),
                static_cast<unsigned long long>(missed));
    EXPECT(total + missed >= happened && total <= happened + others);
  });
}

void claim_exclusions() {
  claim("what is excluded takes no room in the ring, and is counted", [] {
    std::vector<KernelExclusion> exclusions = users_of_host();
    KernelExclusion user;
    user.uid = kUser;
    exclusions.push_back(user);
    UnreadPrograms capture(kLargeRing, exclusions);
    if (!capture.programs) return;
    capture.receive_all();
    capture.without_owner = {};
    const kernel_counts before = capture.totals();
    do_as_user([] { return do_all() + connect_often(200); });
    capture.receive_all();
    const Kinds told = capture.happened_since(before);
    uint64_t happened = 0;
    for (int kind = 0; kind < KERNEL_RECORD_KINDS; kind++) {
      EXPECT_EQ(told[kind], capture.without_owner[kind]);
      // Of arguments only their exec is counted.
      if (kind != KERNEL_RECORD_ARGUMENTS) happened += of_all()[kind];
    }
    EXPECT(capture.totals().excluded - before.excluded >= happened);
  });
}

}  // namespace

int main(int argc, char** argv) {
  return run_ebpf_claims(argc, argv, [] {
    claim_counters();
    claim_connections();
    claim_exclusions();
  });
}
