#include "event_sources/file_source.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "check.h"
#include "event_rows.h"
#include "event_sources/file_digests.h"

using namespace auditql;
using namespace auditql::test;

namespace {

namespace fs = std::filesystem;
using F = FileEventsColumn;
using Strings = std::vector<std::string>;

std::vector<uint16_t> columns(std::initializer_list<F> list) {
  std::vector<uint16_t> numbers;
  for (const F each : list) numbers.push_back(static_cast<uint16_t>(each));
  return numbers;
}

/// A running source over a folder `watched`, and the rows that it stored.
struct Fixture {
  Fixture()
      : watched(folder / "watched"),
        health(HealthRegion::in_memory()),
        files(kFileEvents, folder.path, *health),
        yara(kYaraEvents, folder.path, *health) {
    fs::create_directory(watched);
    categories = {{"tree", {watched + "/%%"}, false}};
  }
  void start() {
    source =
        std::make_unique<FileSource>(FileRecorder::Tables{&files.table(), &yara.table()}, *health);
    watch();
  }
  /// Returns when the folders are watched.
  void watch() {
    const uint64_t before = counter("scans");
    const auto paths = std::make_shared<const WatchedPaths>(categories, excludes);
    errors = source->watch(paths, options);
    EXPECT(eventually([&] { return counter("scans") > before; }));
  }
  uint64_t counter(std::string_view metric, std::string_view reason = {}) {
    return health->counter({"capture", "file_events", metric, reason}).get();
  }
  /// `ACTION path` of each row, the path without the folder.
  Strings actions() {
    Strings found;
    for (std::string row : files.rows(columns({F::action, F::target_path}))) {
      const size_t at = row.find(watched);
      if (at != std::string::npos) row.erase(at, watched.size());
      found.push_back(row);
    }
    return found;
  }
  bool has(const std::string& action) {
    return eventually([&] {
      const Strings found = actions();
      return std::find(found.begin(), found.end(), action) != found.end();
    });
  }
  size_t count(const std::string& action) {
    const Strings found = actions();
    return static_cast<size_t>(std::count(found.begin(), found.end(), action));
  }

  ScratchFolder folder;
  std::string watched;
  std::unique_ptr<HealthRegion> health;
  StoredTable files, yara;
  std::vector<PathCategory> categories;
  Strings excludes;
  FileOptions options;
  std::vector<Error> errors;
  std::unique_ptr<FileSource> source;
};

void claim_actions() {
  claim("what happens to a file is told in osquery's words, with its state and hashes", [] {
    Fixture fixture;
    fixture.start();
    const std::string file = fixture.watched + "/a";
    write_file(file, "abc");
    EXPECT(fixture.has("UPDATED|/a"));
    ::chmod(file.c_str(), 0640);
    EXPECT(fixture.has("ATTRIBUTES_MODIFIED|/a"));
    fs::rename(file, fixture.watched + "/b");
    EXPECT(fixture.has("MOVED_TO|/b"));
    fs::remove(fixture.watched + "/b");
    EXPECT(fixture.has("DELETED|/b"));
    const auto rows = fixture.files.rows(
        columns({F::action, F::category, F::mode, F::size, F::hashed, F::md5, F::sha1, F::sha256}));
    EXPECT(std::find(rows.begin(), rows.end(),
                     "UPDATED|tree|0644|3|1|900150983cd24fb0d6963f7d28e17f72|"
                     "a9993e364706816aba3e25717850c26c9cd0d89d|"
                     "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") !=
           rows.end());
    EXPECT(std::find(rows.begin(), rows.end(), "ATTRIBUTES_MODIFIED|tree|0640|3|0|||") !=
           rows.end());
    EXPECT(std::find(rows.begin(), rows.end(), "DELETED|tree|||0|||") != rows.end());
    const auto moves = fixture.files.rows(columns({F::action, F::transaction_id}));
    std::string from, to;
    for (const std::string& each : moves) {
      if (each.starts_with("MOVED_FROM|")) from = each.substr(11);
      if (each.starts_with("MOVED_TO|")) to = each.substr(9);
    }
    EXPECT(from != "0" && from == to);
  });
  claim("opens and reads are told of categories with accesses only, and are not caused", [] {
    Fixture fixture;
    fixture.categories = {{"read", {fixture.watched + "/read/%"}, true},
                          {"quiet", {fixture.watched + "/quiet/%"}, false}};
    for (const char* name : {"/read", "/quiet"}) {
      fs::create_directory(fixture.watched + name);
      write_file(fixture.watched + name + "/f", "x");
    }
    fixture.start();
    for (const char* name : {"/quiet", "/read"}) {
      std::ifstream(fixture.watched + name + "/f").get();
    }
    EXPECT(fixture.has("ACCESSED|/read/f"));
    write_file(fixture.watched + "/read/g", "x");
    EXPECT(fixture.has("UPDATED|/read/g"));
    EXPECT_EQ(fixture.count("OPENED|/read/f"), 1u);
    EXPECT_EQ(fixture.count("OPENED|/quiet/f"), 0u);
    const auto hashed = fixture.files.rows(columns({F::hashed}));
    EXPECT(std::all_of(hashed.begin(), hashed.end(), [](const auto& each) { return each == "0"; }));
  });
}

/// Digest and action of each row about a file, without those that a write in place makes.
Strings contents(const Fixture& fixture, const std::string& path) {
  Strings found;
  const std::string start = fixture.watched + path + "|";
  for (const std::string& row :
       fixture.files.rows(columns({F::target_path, F::action, F::md5, F::hashed}))) {
    if (row.starts_with(start)) found.push_back(row.substr(start.size()));
  }
  return found;
}

void claim_contents() {
  claim("accesses are told of the files and the categories that ask for them, of no sibling", [] {
    Fixture fixture;
    for (const char* name : {"/secret", "/other"}) write_file(fixture.watched + name, "x");
    fixture.categories = {{"all", {fixture.watched + "/%%"}, false},
                          {"secret", {fixture.watched + "/secret"}, true}};
    fixture.start();
    const auto read = [&](const char* name) { std::ifstream(fixture.watched + name).get(); };
    read("/other");
    read("/secret");
    ::chmod((fixture.watched + "/other").c_str(), 0600);
    ::chmod((fixture.watched + "/secret").c_str(), 0600);
    write_file(fixture.watched + "/other", "y");
    EXPECT(fixture.has("UPDATED|/other"));
    write_file(fixture.watched + "/last", "z");
    EXPECT(fixture.has("UPDATED|/last"));
    fixture.source.reset();
    Strings rows;
    for (const std::string& row :
         fixture.files.rows(columns({F::target_path, F::category, F::action}))) {
      if (row.starts_with(fixture.watched + "/last")) continue;
      rows.push_back(row.substr(fixture.watched.size()));
    }
    const Strings expected = {"/secret|secret|OPENED",
                              "/secret|secret|ACCESSED",
                              "/other|all|ATTRIBUTES_MODIFIED",
                              "/secret|all|ATTRIBUTES_MODIFIED",
                              "/secret|secret|ATTRIBUTES_MODIFIED",
                              "/other|all|UPDATED"};
    // A write may be told once, or once for truncating and once for writing.
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    EXPECT(rows == expected);
    for (const std::string& each : rows) {
      if (rows != expected) std::fprintf(stderr, "%s\n", each.c_str());
    }
    EXPECT_EQ(fixture.counter("dropped", "queue_full"), 0u);
  });
  claim("content is hashed in whichever way it gets a watched name", [] {
    Fixture fixture;
    // Of "abc" (RFC 1321, A.5).
    constexpr const char* kMd5 = "900150983cd24fb0d6963f7d28e17f72|1";
    fs::create_directories(fixture.folder / "outside");
    fs::create_directories(fixture.watched + "/one");
    fs::create_directories(fixture.watched + "/two");
    fixture.categories = {{"tree", {fixture.watched + "/%"}, false},
                          {"one", {fixture.watched + "/one/%%"}, false},
                          {"two", {fixture.watched + "/two/%%"}, false}};
    for (const char* name : {"outside/a", "outside/b", "watched/one/d"}) {
      write_file(fixture.folder / name, "abc");
    }
    fs::create_directories(fixture.folder / "outside/in");
    write_file(fixture.folder / "outside/in/c", "abc");
    fs::create_directories(fixture.watched + "/one/moved");
    write_file(fixture.watched + "/one/moved/e", "abc");
    fixture.start();
    fs::rename(fixture.folder / "outside/a", fixture.watched + "/a");
    fs::create_hard_link(fixture.folder / "outside/b", fixture.watched + "/b");
    fs::rename(fixture.folder / "outside/in", fixture.watched + "/one/in");
    fs::rename(fixture.watched + "/one/d", fixture.watched + "/two/d");
    fs::rename(fixture.watched + "/one/moved", fixture.watched + "/two/moved");
    write_file(fixture.watched + "/f.tmp", "abc");
    EXPECT(fixture.has("UPDATED|/f.tmp"));
    fs::rename(fixture.watched + "/f.tmp", fixture.watched + "/f");
    EXPECT(fixture.has("MOVED_TO|/f"));
    const std::string moved = std::string("MOVED_TO|") + kMd5;
    EXPECT(contents(fixture, "/a") == Strings{moved});
    EXPECT(contents(fixture, "/b") == Strings{std::string("CREATED|") + kMd5});
    EXPECT(contents(fixture, "/one/in/c") == Strings{moved});
    EXPECT(contents(fixture, "/two/d") == Strings{moved});
    EXPECT(contents(fixture, "/two/moved/e") == Strings{moved});
    EXPECT(contents(fixture, "/f") == Strings{moved});
  });
  claim("what a folder brings along within its category is not told", [] {
    Fixture fixture;
    fs::create_directories(fixture.watched + "/old");
    write_file(fixture.watched + "/old/f", "x");
    fixture.start();
    fs::rename(fixture.watched + "/old", fixture.watched + "/new");
    write_file(fixture.watched + "/last", "x");
    EXPECT(fixture.has("UPDATED|/last"));
    EXPECT_EQ(fixture.count("MOVED_TO|/new/f"), 0u);
  });
  claim("a file that is moved in is scanned by YARA", [] {
    Fixture fixture;
    fixture.options.signatures = {
        {"tree", {{"test.yar", "rule mark { strings: $a = \"MARK\" condition: $a }"}}}};
    fixture.start();
    if (!fixture.errors.empty()) {
      std::printf("skipped: YARA (%s)\n", fixture.errors.front().message.c_str());
      return;
    }
    write_file(fixture.folder / "a", "a MARK");
    fs::rename(fixture.folder / "a", fixture.watched + "/a");
    EXPECT(fixture.has("MOVED_TO|/a"));
    fixture.source.reset();
    const auto number = [](YaraEventsColumn column) { return static_cast<uint16_t>(column); };
    EXPECT(
        fixture.yara.rows({number(YaraEventsColumn::target_path), number(YaraEventsColumn::action),
                           number(YaraEventsColumn::matches)}) ==
        Strings{fixture.watched + "/a|MOVED_TO|mark"});
  });
  claim("a large file is read by blocks: memory does not grow with it", [] {
    ScratchFolder folder;
    constexpr size_t kBytes = 128 << 20;
    write_file(folder / "large", "");
    EXPECT_EQ(::truncate((folder / "large").c_str(), kBytes), 0);
    const auto peak_kib = [] {
      rusage usage{};
      ::getrusage(RUSAGE_SELF, &usage);
      return usage.ru_maxrss;
    };
    const long before = peak_kib();
    const UniqueFd file(::open((folder / "large").c_str(), O_RDONLY | O_CLOEXEC));
    const DigestedFile read = digest_file(file.get(), {kBytes, {}, nullptr});
    EXPECT(peak_kib() - before < 16 << 10);
    // md5sum of 128 MiB of zeros.
    EXPECT_EQ(read.digests.md5, "fde9e0818281836e4fc0edfede2b8762");
    ::lseek(file.get(), 0, SEEK_SET);
    EXPECT(digest_file(file.get(), {kBytes - 1, {}, nullptr}).end == ReadEnd::too_big);
    EXPECT(digest_file(-1, {kBytes, {}, nullptr}).end == ReadEnd::failed);
    EXPECT(digest_file(file.get(), {kBytes, [] { return false; }, nullptr}).end ==
           ReadEnd::stopped);
  });
}

void claim_folders() {
  claim("files of new folders are told once each, however fast they come", [] {
    Fixture fixture;
    fixture.start();
    constexpr int kFolders = 300;
    for (int i = 0; i < kFolders; i++) {
      const std::string deep = fixture.watched + "/d" + std::to_string(i) + "/e/f";
      fs::create_directories(deep);
      write_file(deep + "/file", "x");
    }
    EXPECT(fixture.has("CREATED|/d299/e/f/file"));
    fixture.source.reset();
    for (int i = 0; i < kFolders; i++) {
      const std::string folder = "CREATED|/d" + std::to_string(i);
      for (const char* below : {"", "/e", "/e/f", "/e/f/file"}) {
        EXPECT_EQ(fixture.count(folder + below), 1u);
      }
    }
  });
  claim("a folder that is moved within is followed, one that is moved away is not", [] {
    Fixture fixture;
    fs::create_directories(fixture.watched + "/old/deep");
    fs::create_directories(fixture.watched + "/gone");
    fixture.start();
    fs::rename(fixture.watched + "/old", fixture.watched + "/new");
    write_file(fixture.watched + "/new/deep/f", "x");
    EXPECT(fixture.has("UPDATED|/new/deep/f"));
    fs::rename(fixture.watched + "/gone", fixture.folder / "outside");
    write_file(fixture.folder / "outside/f", "x");
    write_file(fixture.watched + "/last", "x");
    EXPECT(fixture.has("UPDATED|/last"));
    for (const std::string& each : fixture.actions()) {
      EXPECT(each.find("/gone/") == std::string::npos);
      EXPECT(each.find("/old/") == std::string::npos);
    }
  });
  claim("what is in a folder that is moved in is told", [] {
    Fixture fixture;
    fs::create_directories(fixture.folder / "outside/deep");
    write_file(fixture.folder / "outside/deep/f", "x");
    fixture.start();
    fs::rename(fixture.folder / "outside", fixture.watched + "/in");
    EXPECT(fixture.has("MOVED_TO|/in/deep/f"));
    write_file(fixture.watched + "/in/deep/g", "x");
    EXPECT(fixture.has("CREATED|/in/deep/g"));
  });
  claim("a path is watched before it is there, and again when its folder comes back", [] {
    Fixture fixture;
    fixture.categories = {{"later", {fixture.watched + "/a/b/%.conf"}, false}};
    fixture.start();
    for (int round = 0; round < 2; round++) {
      fs::create_directories(fixture.watched + "/a/b");
      write_file(fixture.watched + "/a/b/x.conf", "1");
      EXPECT(eventually([&] { return fixture.count("CREATED|/a/b/x.conf") == size_t(round) + 1; }));
      fs::remove_all(fixture.watched + "/a");
      EXPECT(eventually([&] { return fixture.count("DELETED|/a/b/x.conf") == size_t(round) + 1; }));
    }
    EXPECT_EQ(fixture.count("CREATED|/a/b"), 0u);
  });
  claim("a link in the path is followed, links among what is watched are not", [] {
    Fixture fixture;
    fs::create_directories(fixture.folder / "real");
    fs::create_directories(fixture.folder / "secret");
    fs::create_directory_symlink(fixture.folder / "real", fixture.folder / "link");
    fs::create_directory_symlink(fixture.folder / "secret", fixture.folder / "real/inside");
    fixture.categories = {{"linked", {fixture.folder / "link/%%"}, false}};
    fixture.start();
    write_file(fixture.folder / "secret/f", "x");
    write_file(fixture.folder / "link/f", "x");
    EXPECT(fixture.has("UPDATED|" + (fixture.folder / "real/f")));
    EXPECT_EQ(fixture.count("CREATED|" + (fixture.folder / "real/inside/f")), 0u);
  });
}

void claim_limits() {
  claim("changed paths hold at once, and what is excluded is not told", [] {
    Fixture fixture;
    for (const char* name : {"/one", "/two"}) fs::create_directory(fixture.watched + name);
    fixture.categories = {{"one", {fixture.watched + "/one/%"}, false}};
    fixture.start();
    fixture.categories = {{"two", {fixture.watched + "/two/%"}, false}};
    fixture.excludes = {fixture.watched + "/two/no%"};
    fixture.watch();
    for (const char* name : {"/one/f", "/two/no", "/two/yes"}) {
      write_file(fixture.watched + name, "x");
    }
    EXPECT(fixture.has("UPDATED|/two/yes"));
    EXPECT_EQ(fixture.count("CREATED|/one/f"), 0u);
    EXPECT_EQ(fixture.count("CREATED|/two/no"), 0u);
  });
  claim("a file that is too large, or no file, is not hashed, and that is counted", [] {
    Fixture fixture;
    fixture.options.max_hash_bytes = 4;
    fixture.start();
    write_file(fixture.watched + "/large", "12345");
    ::mkfifo((fixture.watched + "/pipe").c_str(), 0600);
    EXPECT(fixture.has("UPDATED|/large"));
    EXPECT(fixture.has("CREATED|/pipe"));
    const auto rows = fixture.files.rows(columns({F::action, F::size, F::hashed, F::sha256}));
    EXPECT(std::find(rows.begin(), rows.end(), "UPDATED|5|-1|") != rows.end());
    EXPECT(std::find(rows.begin(), rows.end(), "CREATED|0|0|") != rows.end());
    EXPECT(fixture.counter("not_hashed", "too_big") > 0);
  });
  claim("changes that wait are merged, dropped and counted when nobody takes them", [] {
    auto health = HealthRegion::in_memory();
    FileChangeQueue queue(2, *health);
    const auto value = [&](const char* metric, const char* reason) {
      return health->counter({"capture", "file_events", metric, reason}).get();
    };
    queue.push({"/a", FileAction::updated});
    queue.push({"/a", FileAction::updated});
    queue.push({"/a", FileAction::deleted});
    queue.push({"/b", FileAction::created});
    EXPECT_EQ(value("merged", ""), 1u);
    EXPECT_EQ(value("dropped", "queue_full"), 1u);
    EXPECT(queue.pop(0)->action == FileAction::updated);
    queue.push({"/a", FileAction::updated});
    EXPECT(queue.pop(0)->action == FileAction::deleted);
    EXPECT(queue.pop(0)->action == FileAction::updated);
    EXPECT(!queue.pop(0).has_value());
    queue.close();
    EXPECT(queue.is_done());
  });
}

}  // namespace

int main(int argc, char** argv) {
  claim_actions();
  claim_contents();
  claim_folders();
  claim_limits();
  return run_claims(argc, argv);
}
