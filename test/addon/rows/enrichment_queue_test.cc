#include "rows/enrichment_queue.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

constexpr uint64_t kNow = 1'700'000'000'000'000'000;

/// Files in a directory of their own.
struct Folder {
  Folder() {
    char pattern[] = "/tmp/auditql-executed-XXXXXX";
    path = ::mkdtemp(pattern);
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string write(const std::string& name, const std::string& content) const {
    std::ofstream(path + "/" + name) << content;
    return path + "/" + name;
  }
  std::string path;
};

/// A PATH record that names the file as it is now.
PathItem item_of(const std::string& path) {
  struct statx file {};
  ::statx(AT_FDCWD, path.c_str(), 0, STATX_BASIC_STATS, &file);
  PathItem item;
  item.item = 0;
  item.has_inode = true;
  item.inode = file.stx_ino;
  item.device_major = file.stx_dev_major;
  item.device_minor = file.stx_dev_minor;
  return item;
}

/// Long after now, so that the file is older than the event.
constexpr uint64_t kLater = 4'000'000'000'000'000'000;
constexpr int32_t kNobody = 0x3fffff;

std::optional<ExecutedFile> search(const Execution& execution) {
  MountDevices mounts;
  return find_executed_file(execution, mounts).file;
}

std::optional<ExecutedFile> found_at(const std::string& path, const PathItem& item,
                                     uint64_t time_ns = kLater) {
  return search({-1, kNobody, path, {&item, 1}, time_ns});
}

uint64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

std::string copy_of_cat(const Folder& folder) {
  std::filesystem::copy_file("/bin/cat", folder.path + "/cat");
  std::ofstream(folder.path + "/cat", std::ios::app) << "?";
  return folder.path + "/cat";
}

/// Writes the last byte of the file in place.
void mark(const std::string& path, char last) {
  UniqueFd file;
  // Whoever looks at a process that has just ended keeps its program busy a moment longer.
  do file.reset(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  while (!file && errno == ETXTBSY);
  EXPECT_EQ(::pwrite(file.get(), &last, 1, ::lseek(file.get(), 0, SEEK_END) - 1), 1);
}

/// A program that runs until it is ended.
class RunningProgram {
 public:
  explicit RunningProgram(const std::string& path) : path_(path) {
    int input[2], started[2];
    EXPECT_EQ(::pipe2(input, O_CLOEXEC) + ::pipe2(started, O_CLOEXEC), 0);
    input_ = UniqueFd(input[1]);
    const UniqueFd read_end(input[0]), is_executed(started[0]);
    UniqueFd closes_at_exec(started[1]);
    pid_ = ::fork();
    if (pid_ == 0) {
      ::dup2(read_end.get(), STDIN_FILENO);
      ::execl(path.c_str(), path.c_str(), nullptr);
      ::_exit(127);
    }
    closes_at_exec.reset();
    char byte = 0;
    EXPECT_EQ(::read(is_executed.get(), &byte, 1), 0);
    directory_ = UniqueFd(::open(("/proc/" + std::to_string(pid_)).c_str(), O_PATH | O_CLOEXEC));
  }
  ~RunningProgram() { end(); }
  RunningProgram(const RunningProgram&) = delete;
  RunningProgram& operator=(const RunningProgram&) = delete;

  void end() {
    input_.reset();
    if (pid_ > 0) ::waitpid(std::exchange(pid_, 0), nullptr, 0);
  }
  std::optional<ExecutedFile> find(uint64_t time_ns) const {
    const PathItem item = item_of(path_);
    return search({directory_.get(), kNobody, path_, {&item, 1}, time_ns});
  }
  UuidBytes note(EnrichmentQueue& queue) const {
    const auto file = find(now_ns());
    EXPECT_EQ(file.has_value() && file->by_process, true);
    return queue.note_executed(path_, *file, now_ns());
  }

 private:
  std::string path_;
  UniqueFd input_, directory_;
  pid_t pid_ = 0;
};

std::string content_of(const UniqueFd& held) {
  std::ifstream file("/proc/self/fd/" + std::to_string(held.get()));
  return std::string(std::istreambuf_iterator<char>(file), {});
}

/// As whoever digests the file looks whether it is what was seen.
bool is_same_state(const ExecutableRequest& request) {
  struct statx file {};
  constexpr unsigned kWanted = STATX_BASIC_STATS;
  if (::statx(request.held.get(), "", AT_EMPTY_PATH, kWanted, &file) != 0) return false;
  return file_state(file) == request.file;
}

}  // namespace

int main(int argc, char** argv) {
  claim("a file is asked about once in a state and under a path", [] {
    const Folder folder;
    const auto health = HealthRegion::in_memory();
    EnrichmentQueue queue(*health);
    const std::string path = folder.write("a", "one");
    const auto file = found_at(path, item_of(path));
    EXPECT_EQ(file.has_value(), true);
    const UuidBytes id = queue.note_executed(path, *file, kNow);
    EXPECT_EQ(queue.note_executed(path, *file, kNow + 1) == id, true);
    EXPECT_EQ(queue.note_executed("/elsewhere", *file, kNow) == id, false);
    auto taken = queue.take_executables(10);
    EXPECT_EQ(taken.size(), 2u);
    EXPECT_EQ(taken[0].id == id, true);
    EXPECT_EQ(taken[0].path, path);
    EXPECT_EQ(content_of(taken[0].held), "one");
    EXPECT_EQ(health->counter({"enrich", "executables", "known"}).get(), 1u);

    folder.write("a", "longer");
    const auto changed = found_at(path, item_of(path));
    EXPECT_EQ(queue.note_executed(path, *changed, kNow) == id, false);
    EXPECT_EQ(queue.take_executables(10).size(), 1u);
  });

  claim("the held file is the one that was seen, also when it is gone from its path", [] {
    const Folder folder;
    const auto health = HealthRegion::in_memory();
    EnrichmentQueue queue(*health);
    const std::string path = folder.write("a", "what ran");
    const auto file = found_at(path, item_of(path));
    queue.note_executed(path, *file, kNow);
    std::filesystem::remove(path);
    folder.write("a", "another");
    EXPECT_EQ(content_of(queue.take_executables(1)[0].held), "what ran");
  });

  claim("another file in its place is not held", [] {
    const Folder folder;
    const std::string path = folder.write("a", "seen");
    const auto file = found_at(path, item_of(path));
    folder.write("b", "put there");
    std::filesystem::rename(folder.path + "/b", path);
    EXPECT_EQ(static_cast<bool>(hold(*file)), false);
  });

  claim("a file of another inode, or that changed after the event, is not the executed one", [] {
    const Folder folder;
    const std::string path = folder.write("a", "x");
    PathItem other = item_of(path);
    other.inode++;
    EXPECT_EQ(found_at(path, other).has_value(), false);
    EXPECT_EQ(found_at(path, item_of(path), 1).has_value(), false);
    EXPECT_EQ(found_at("a", item_of(path)).has_value(), false);
  });

  claim("a process that lives is asked for its own file", [] {
    const std::string self = std::filesystem::read_symlink("/proc/self/exe");
    const UniqueFd process(::open("/proc/self", O_PATH | O_DIRECTORY));
    const auto by_link = search({process.get(), ::getppid(), self, {}, 1});
    EXPECT_EQ(by_link.has_value() && by_link->by_process, true);
    EXPECT_EQ(search({process.get(), ::getppid(), "/bin/other", {}, 1}).has_value(), false);
    EXPECT_EQ(search({-1, kNobody, self, {}, 1}).has_value(), false);
  });

  claim("a program that is rewritten at once never goes by the content of another", [] {
    const Folder folder;
    const auto health = HealthRegion::in_memory();
    EnrichmentQueue queue(*health);
    const std::string path = copy_of_cat(folder);
    for (int round = 0; round < 50; round++) {
      mark(path, 'a');
      RunningProgram first(path);
      const UuidBytes first_id = first.note(queue);
      first.end();
      mark(path, 'b');
      RunningProgram second(path);
      const UuidBytes second_id = second.note(queue);
      EXPECT_EQ(first_id == second_id, false);
      for (const ExecutableRequest& each : queue.take_executables(10)) {
        if (each.id != second_id) continue;
        EXPECT_EQ(is_same_state(each), true);
        EXPECT_EQ(content_of(each.held).back(), 'b');
      }
    }
  });

  claim("a file that changed in this tick has a name for once, and is held also when it has ended",
        [] {
          const Folder folder;
          const auto health = HealthRegion::in_memory();
          EnrichmentQueue queue(*health);
          const std::string path = copy_of_cat(folder);
          RunningProgram program(path);
          UuidBytes one{}, other{};
          // A tick may end between the change and the look.
          while (one == other) {
            queue.take_executables(10);
            std::filesystem::permissions(path, std::filesystem::perms::owner_all);
            one = program.note(queue);
            other = program.note(queue);
          }
          program.end();
          std::filesystem::remove(path);
          const std::vector<ExecutableRequest> taken = queue.take_executables(10);
          EXPECT_EQ(taken.size(), 2u);
          for (const ExecutableRequest& each : taken) EXPECT_EQ(content_of(each.held).back(), '?');
        });

  claim("a running file that was written after the event is not the one of the event", [] {
    const Folder folder;
    const std::string path = copy_of_cat(folder);
    const RunningProgram program(path);
    EXPECT_EQ(program.find(kNow).has_value(), false);
    EXPECT_EQ(program.find(now_ns()).has_value(), true);
  });

  claim("what finds no room is dropped, counted, and asked again", [] {
    const Folder folder;
    const auto health = HealthRegion::in_memory();
    EnrichmentQueue queue(*health);
    const std::string path = folder.write("a", "x");
    const auto file = found_at(path, item_of(path));
    for (int i = 0; i < 513; i++) queue.note_executed(std::to_string(i), *file, kNow);
    EXPECT_EQ(health->counter({"enrich", "executables", "dropped", "queue_full"}).get(), 1u);
    EXPECT_EQ(health->counter({"enrich", "executables", "requests"}).get(), 512u);
    EXPECT_EQ(queue.take_executables(1000).size(), 512u);
    queue.note_executed("512", *file, kNow);
    queue.note_executed("511", *file, kNow);
    EXPECT_EQ(queue.take_executables(1000).size(), 1u);
  });

  claim("a question is asked again after ten minutes", [] {
    const auto health = HealthRegion::in_memory();
    EnrichmentQueue queue(*health);
    constexpr uint64_t kMinute = 60'000'000'000;
    EXPECT_EQ(queue.needs_container("c", kNow), true);
    queue.note_container({"c", "docker", ""}, kNow);
    EXPECT_EQ(queue.needs_container("c", kNow + 9 * kMinute), false);
    EXPECT_EQ(queue.needs_container("c", kNow + 10 * kMinute), true);
    EXPECT_EQ(queue.take_containers(9)[0].origin.runtime, "docker");
  });

  claim("what is remembered is bounded, and what is used stays", [] {
    RecentKeys<int> asked(4, 1000);
    for (int key = 0; key < 10; key++) {
      asked.insert(key, 1);
      EXPECT_EQ(asked.contains(0, 1), true);
    }
    EXPECT_EQ(asked.contains(5, 1), false);
  });

  return run_claims(argc, argv);
}
