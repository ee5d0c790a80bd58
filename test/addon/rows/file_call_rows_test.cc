#include "rows/file_calls/file_call_rows.h"

#include <sys/stat.h>
#include <unistd.h>

#include <map>
#include <vector>

#include "../decode/parse_record.h"
#include "../event_sources/event_rows.h"
#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

namespace fs = std::filesystem;
using C = ProcessFileEventsColumn;
using Strings = std::vector<std::string>;

/// A PATH record's item: what it is called, and the file that has its inode.
struct Item {
  std::string name, file;
  const char* type;
};

/// Folders `w`, which is watched, and `o`, which is not; records about real inodes; and descriptors
/// that lead where the test says, as if the records were read late.
struct Fixture {
  Fixture() : health(HealthRegion::in_memory()), stored(kProcessFileEvents, folder.path, *health) {
    root = fs::canonical(folder.path);
    fs::create_directory(root + "/w");
    fs::create_directory(root + "/o");
  }
  ~Fixture() { rows->set_paths(nullptr); }

  void watch(const Strings& names = {"w/%%"}) {
    FileCallRowsOptions options;
    options.table = &stored.table();
    options.health = health.get();
    options.host = LocatorHost::own();
    options.host.descriptor = [this](int32_t, int32_t number) { return descriptors[number]; };
    rows = std::make_unique<FileCallRows>(std::move(options));
    std::vector<PathCategory> categories;
    for (const std::string& each : names) {
      categories.push_back({each.substr(0, 1), {root + "/" + each}});
    }
    rows->set_paths(std::make_shared<const WatchedPaths>(categories, Strings()));
    walk();
  }
  void walk() {
    rows->look_at_folders();
    EXPECT(eventually([&] { return rows->knows_folders(); }));
  }
  /// Remembers the inode under a name of its own, for when the file is gone or moved.
  void note(const std::string& name) { inodes[name] = inode_of(name); }

  std::string item(size_t number, const Item& each) {
    const std::string key = inodes.contains(each.file) ? inodes[each.file] : inode_of(each.file);
    const bool is_named = !each.name.empty();
    return "type=PATH msg=audit(1900000000.250:1): item=" + std::to_string(number) +
           " name=" + (is_named ? '"' + each.name + '"' : "(null)") + " " + key +
           " ouid=0 ogid=0 rdev=00:00 nametype=" + each.type;
  }
  /// A call of x86_64 by a process in the scratch folder.
  void call(int number, const std::string& arguments, const std::vector<Item>& items,
            const char* key = "auditql") {
    Strings lines = {"type=SYSCALL msg=audit(1900000000.250:1): arch=c000003e syscall=" +
                         std::to_string(number) + " success=yes exit=0 " + arguments +
                         " items=2 ppid=1 pid=7 auid=1000 uid=0 gid=0 euid=0 suid=0 fsuid=0 egid=0 "
                         "sgid=0 fsgid=0 tty=pts0 ses=1 comm=\"x\" exe=\"/bin/x\" key=\"" +
                         key + "\"",
                     "type=CWD msg=audit(1900000000.250:1): cwd=\"" + cwd() + "\""};
    for (size_t i = 0; i < items.size(); i++) lines.push_back(item(i, items[i]));
    std::vector<Record> records;
    for (const std::string& each : lines) records.push_back(*parse_log_line(each));
    rows->on_event({records.front().id, records, false});
  }
  std::string cwd() const { return working_directory.empty() ? root : working_directory; }

  /// `operation path > dest_path category`, without the scratch folder, ! behind what is partial.
  Strings told() {
    Strings found;
    const auto number = [](C column) { return static_cast<uint16_t>(column); };
    for (const std::string& row :
         stored.rows({number(C::operation), number(C::path), number(C::dest_path),
                      number(C::category), number(C::partial)})) {
      found.push_back(text_of(row));
    }
    return found;
  }
  uint64_t counter(std::string_view metric) {
    return health->counter({"decode", "process_file_events", metric}).get();
  }

  ScratchFolder folder;
  std::string root, working_directory;
  std::shared_ptr<HealthRegion> health;
  StoredTable stored;
  std::unique_ptr<FileCallRows> rows;
  std::map<int32_t, std::string> descriptors;
  std::map<std::string, std::string> inodes;

 private:
  std::string inode_of(const std::string& name) {
    MountDevices mounts;
    const auto found = file_identity(root + "/" + name, FollowLink::no, mounts);
    char text[96];
    std::snprintf(text, sizeof text, "inode=%llu dev=%02x:%02x mode=%o",
                  static_cast<unsigned long long>(found->key.inode), found->key.device_major,
                  found->key.device_minor, found->mode);
    return text;
  }
  std::string text_of(const std::string& row) const {
    Strings cells(1);
    for (const char each : row) each == '|' ? cells.emplace_back() : cells.back() += each;
    for (std::string& cell : cells) {
      if (cell.starts_with(root)) cell.erase(0, root.size() + 1);
    }
    return cells[0] + " " + cells[1] + (cells[2].empty() ? "" : " > " + cells[2]) +
           (cells[3].empty() ? "" : " " + cells[3]) + (cells[4] == "true" ? "!" : "");
  }
};

constexpr int kOpenat = 257, kUnlinkat = 263, kRenameat2 = 316, kLinkat = 265, kFchmod = 91,
              kMkdirat = 258, kFchmodat = 268;
constexpr const char* kFromThree = "a0=3 a1=7f a2=0 a3=0";
constexpr const char* kFromHere = "a0=ffffffffffffff9c a1=7f a2=ffffffffffffff9c a3=7f";

std::vector<Item> removed(const Fixture& f, const char* folder, const char* file) {
  return {{f.root, folder, "PARENT"}, {fs::path(file).filename(), file, "DELETE"}};
}

void claim_descriptors() {
  claim("a descriptor that leads elsewhere by now does not name the folder: the record does", [] {
    Fixture f;
    write_file(f.root + "/w/victim", "");
    f.note("w/victim");
    f.watch();
    fs::remove(f.root + "/w/victim");
    f.descriptors[3] = f.root + "/o";
    f.call(kUnlinkat, kFromThree, removed(f, "w", "w/victim"));
    EXPECT(f.told() == Strings{"unlink w/victim w"});
    EXPECT_EQ(f.counter("not_watched"), 0u);
    EXPECT_EQ(f.counter("unresolved"), 0u);
  });
  claim("a descriptor that leads into a watched folder by now does not make a row of it", [] {
    Fixture f;
    write_file(f.root + "/o/other", "");
    f.note("o/other");
    f.watch();
    f.descriptors[3] = f.root + "/w";
    f.call(kUnlinkat, kFromThree, removed(f, "o", "o/other"), "mine");
    EXPECT(f.told().empty());
    EXPECT_EQ(f.counter("unresolved"), 1u);
    f.descriptors[3] = f.root + "/o";
    f.call(kUnlinkat, kFromThree, removed(f, "o", "o/other"), "mine");
    EXPECT_EQ(f.counter("not_watched"), 1u);
  });
  claim("what nothing proves is a row with the name as given, apart from what is not watched", [] {
    Fixture f;
    write_file(f.root + "/o/other", "");
    f.note("o/other");
    f.watch();
    f.call(kUnlinkat, kFromThree, removed(f, "o", "o/other"));
    EXPECT(f.told() == Strings{"unlink other!"});
    EXPECT_EQ(f.counter("unresolved"), 1u);
    EXPECT_EQ(f.counter("not_watched"), 0u);
  });
  claim("a tree that is removed has a row for each file, whatever is left of it", [] {
    Fixture f;
    fs::create_directories(f.root + "/w/d");
    for (const char* each : {"w/d/1", "w/d/2", "w/d/3"}) {
      write_file(f.root + "/" + each, "");
      f.note(each);
    }
    f.note("w/d");
    f.watch();
    fs::remove_all(f.root + "/w/d");
    // Another folder has its name by now.
    fs::create_directory(f.root + "/w/d");
    for (const char* each : {"w/d/1", "w/d/2", "w/d/3"}) {
      f.call(kUnlinkat, kFromThree, removed(f, "w/d", each));
    }
    EXPECT(f.told() == (Strings{"unlink w/d/1 w", "unlink w/d/2 w", "unlink w/d/3 w"}));
  });
  claim("a file that is changed by its descriptor is known from when it was made", [] {
    Fixture f;
    f.watch();
    write_file(f.root + "/w/new", "");
    f.note("w/new");
    f.call(kOpenat, "a0=ffffff9c a1=7f a2=41 a3=0",
           {{"w/", "w", "PARENT"}, {"w/new", "w/new", "CREATE"}});
    fs::remove(f.root + "/w/new");
    f.descriptors[3] = f.root + "/o";
    f.call(kFchmod, kFromThree, {{"", "w/new", "NORMAL"}});
    EXPECT(f.told() == (Strings{"create w/new w", "chmod w/new w"}));
  });
  claim("a file that was there before is known by its inode, from a folder's descriptor too", [] {
    Fixture f;
    fs::create_directory(f.root + "/w/d");
    write_file(f.root + "/w/d/old", "");
    f.note("w/d/old");
    f.watch();
    f.descriptors[3] = f.root + "/o";
    write_file(f.root + "/o/old", "");
    f.call(kFchmod, kFromThree, {{"", "w/d/old", "NORMAL"}});
    f.call(kFchmodat, kFromThree, {{"old", "w/d/old", "NORMAL"}});
    fs::remove(f.root + "/w/d/old");
    f.call(kFchmodat, kFromThree, {{"old", "w/d/old", "NORMAL"}});
    EXPECT(f.told() == (Strings{"chmod w/d/old w", "chmod w/d/old w", "chmod w/d/old w"}));
  });
}

void claim_names() {
  claim("a working directory that was renamed meanwhile is known by its inode", [] {
    Fixture f;
    fs::create_directory(f.root + "/w/d");
    f.watch();
    f.note("w/d");
    f.working_directory = f.root + "/w/d";
    write_file(f.root + "/w/d/f", "");
    f.note("w/d/f");
    fs::rename(f.root + "/w/d", f.root + "/w/e");
    f.call(kUnlinkat, kFromHere, {{f.root + "/w/d", "w/d", "PARENT"}, {"f", "w/d/f", "DELETE"}});
    f.working_directory.clear();
    f.call(kRenameat2, kFromHere,
           {{"w/", "w", "PARENT"}, {"w/d", "w/d", "DELETE"}, {"w/e", "w/d", "CREATE"}});
    f.working_directory = f.root + "/w/e";
    f.call(kUnlinkat, kFromHere, {{f.root + "/w/e", "w/d", "PARENT"}, {"f", "w/d/f", "DELETE"}});
    EXPECT(f.told() == (Strings{"unlink w/d/f w", "rename w/d > w/e w", "unlink w/e/f w"}));
  });
  claim("a path of another mount namespace is the one that the host has for its folder", [] {
    Fixture f;
    write_file(f.root + "/w/f", "");
    f.watch();
    f.call(kOpenat, "a0=ffffff9c a1=7f a2=41 a3=0",
           {{"/no/such/data/", "w", "PARENT"}, {"/no/such/data/f", "w/f", "CREATE"}});
    f.call(kOpenat, "a0=ffffff9c a1=7f a2=1 a3=0", {{"/no/such/data/f", "w/f", "NORMAL"}});
    EXPECT(f.told() == (Strings{"create w/f w", "write w/f w"}));
  });
  claim("a watched path that the record contradicts is no row of it", [] {
    Fixture f;
    write_file(f.root + "/o/f", "");
    f.watch();
    // What a container calls so is a file of its own.
    f.call(kOpenat, "a0=ffffff9c a1=7f a2=41 a3=0",
           {{f.root + "/w/", "o", "PARENT"}, {f.root + "/w/f", "o/f", "CREATE"}}, "mine");
    for (const std::string& each : f.told()) EXPECT(each.ends_with("!"));
    EXPECT_EQ(f.counter("unresolved"), 1u);
  });
  claim("folders that are made, and moved in with what they hold, are known", [] {
    Fixture f;
    f.watch();
    fs::create_directory(f.root + "/w/new");
    f.note("w/new");
    f.call(kMkdirat, kFromThree, {{f.root, "w", "PARENT"}, {"new", "w/new", "CREATE"}});
    fs::create_directories(f.root + "/o/in/deep");
    f.note("o/in");
    f.note("o/in/deep");
    fs::rename(f.root + "/o/in", f.root + "/w/in");
    f.call(kRenameat2, kFromHere,
           {{"o/", "o", "PARENT"},
            {"w/", "w", "PARENT"},
            {"o/in", "o/in", "DELETE"},
            {"w/in", "o/in", "CREATE"}});
    EXPECT(eventually([&] { return f.rows->knows_folders(); }));
    fs::remove_all(f.root + "/w/new");
    f.call(kUnlinkat, kFromThree, {{f.root, "w/new", "PARENT"}, {"a", "w", "DELETE"}});
    f.call(kUnlinkat, kFromThree, {{f.root, "o/in/deep", "PARENT"}, {"b", "o", "DELETE"}});
    EXPECT(f.told() == (Strings{"mkdir w/new w", "rename o/in > w/in w", "unlink w/new/a w",
                                "unlink w/in/deep/b w"}));
  });
  claim("after losses a folder that is gone proves nothing until all were looked at again", [] {
    Fixture f;
    fs::create_directory(f.root + "/w/d");
    write_file(f.root + "/w/d/f", "");
    f.note("w/d");
    f.note("w/d/f");
    f.watch();
    fs::rename(f.root + "/w/d", f.root + "/o/d");
    f.rows->records_lost();
    EXPECT(eventually([&] { return f.rows->knows_folders(); }));
    f.call(kUnlinkat, kFromThree, removed(f, "w/d", "w/d/f"));
    EXPECT(f.told() == Strings{"unlink f!"});
  });
}

/// Files that a call may exchange, in a watched folder and in another one.
void make_two_files(Fixture& f) {
  write_file(f.root + "/w/a", "good");
  write_file(f.root + "/o/b", "evil");
  f.note("w/a");
  f.note("o/b");
}

/// What the kernel records of an exchange (RENAME_EXCHANGE) of files in two folders.
void exchange(Fixture& f, const std::string& first, const std::string& second) {
  const auto parent = [](const std::string& path) {
    return Item{path.substr(0, 2), path.substr(0, 1), "PARENT"};
  };
  f.call(kRenameat2, kFromHere,
         {parent(second),
          parent(first),
          {first, first, "DELETE"},
          {second, second, "DELETE"},
          {second, first, "CREATE"},
          {first, second, "CREATE"}});
}

void claim_exchanges() {
  const auto exchanged = [](const char* first, const char* second) {
    Fixture f;
    make_two_files(f);
    f.watch();
    exchange(f, first, second);
    EXPECT_EQ(f.counter("not_watched"), 0u);
    return f.told();
  };
  claim("a file that is exchanged with one of a watched folder is two rows, both ways round", [=] {
    EXPECT(exchanged("o/b", "w/a") == (Strings{"rename o/b > w/a w", "rename w/a > o/b w"}));
    EXPECT(exchanged("w/a", "o/b") == (Strings{"rename w/a > o/b w", "rename o/b > w/a w"}));
  });
  claim("folders that are exchanged take with them what is below", [] {
    Fixture f;
    fs::create_directories(f.root + "/w/a/x");
    fs::create_directories(f.root + "/w/b/y");
    for (const char* each : {"w/a", "w/b", "w/a/x", "w/b/y"}) f.note(each);
    f.watch();
    f.call(kRenameat2, kFromHere,
           {{"w/", "w", "PARENT"},
            {"w/a", "w/a", "DELETE"},
            {"w/b", "w/b", "DELETE"},
            {"w/b", "w/a", "CREATE"},
            {"w/a", "w/b", "CREATE"}});
    fs::remove_all(f.root + "/w/a");
    fs::remove_all(f.root + "/w/b");
    f.call(kUnlinkat, kFromThree, {{f.root, "w/a/x", "PARENT"}, {"f", "o", "DELETE"}});
    f.call(kUnlinkat, kFromThree, {{f.root, "w/b/y", "PARENT"}, {"f", "o", "DELETE"}});
    EXPECT(f.told() == (Strings{"rename w/a > w/b w", "rename w/b > w/a w", "unlink w/b/x/f w",
                                "unlink w/a/y/f w"}));
  });
  claim("an exchange between two categories is two rows in each", [] {
    Fixture f;
    make_two_files(f);
    f.watch({"w/%%", "o/%%"});
    exchange(f, "w/a", "o/b");
    EXPECT(f.told() == (Strings{"rename w/a > o/b w", "rename w/a > o/b o", "rename o/b > w/a o",
                                "rename o/b > w/a w"}));
  });
  claim("one name in two folders is told apart by where the file was, or by the descriptors", [] {
    for (const bool is_known : {true, false}) {
      Fixture f;
      write_file(f.root + (is_known ? "/w/f" : "/o/f"), "");
      f.note(is_known ? "w/f" : "o/f");
      f.watch();
      f.descriptors[3] = f.root + (is_known ? "/elsewhere" : "/o");
      const char* const file = is_known ? "w/f" : "o/f";
      f.call(kRenameat2, "a0=3 a1=7f a2=4 a3=7f",
             {{f.root, "o", "PARENT"},
              {f.root, "w", "PARENT"},
              {"f", file, "DELETE"},
              {"f", file, "CREATE"}});
      // Of a folder that is not watched the path is found where the descriptor is open.
      if (is_known) f.descriptors[4] = f.root + "/o";
      EXPECT_EQ(f.told().size(), 1u);
      EXPECT(f.told() == Strings{is_known ? "rename w/f > f w!" : "rename o/f > w/f w"});
    }
  });
  claim("a file with several names is told by the one that the call used, gone or not", [] {
    Fixture f;
    write_file(f.root + "/w/a", "");
    fs::create_hard_link(f.root + "/w/a", f.root + "/w/b");
    f.note("w/a");
    f.watch();
    fs::remove(f.root + "/w/a");
    fs::remove(f.root + "/w/b");
    f.call(kOpenat, "a0=ffffff9c a1=7f a2=1 a3=0", {{"w/a", "w/a", "NORMAL"}});
    f.call(kOpenat, "a0=ffffff9c a1=7f a2=1 a3=0", {{"w/b", "w/a", "NORMAL"}});
    f.call(kFchmodat, kFromThree, {{"b", "w/a", "NORMAL"}});
    f.descriptors[3] = f.root + "/w/a";
    f.call(kFchmod, kFromThree, {{"", "w/a", "NORMAL"}});
    f.call(kRenameat2, kFromHere,
           {{"w/", "w", "PARENT"}, {"w/a", "w/a", "DELETE"}, {"w/c", "w/a", "CREATE"}});
    f.call(kOpenat, "a0=ffffff9c a1=7f a2=1 a3=0", {{"w/b", "w/a", "NORMAL"}});
    f.call(kOpenat, "a0=ffffff9c a1=7f a2=1 a3=0", {{"w/c", "w/a", "NORMAL"}});
    EXPECT(f.told() == (Strings{"write w/a w", "write w/b w", "chmod w/b w", "chmod w/a w",
                                "rename w/a > w/c w", "write w/b w", "write w/c w"}));
  });
  claim("a link is told by both names, the old one by the file's inode", [] {
    Fixture f;
    write_file(f.root + "/w/a", "");
    f.watch();
    fs::create_hard_link(f.root + "/w/a", f.root + "/o/b");
    f.call(kLinkat, "a0=3 a1=7f a2=ffffff9c a3=7f",
           {{"o/", "o", "PARENT"}, {"a", "w/a", "NORMAL"}, {"o/b", "w/a", "CREATE"}});
    EXPECT(f.told() == Strings{"link w/a > o/b w"});
  });
}

}  // namespace

int main(int argc, char** argv) {
  claim_descriptors();
  claim_names();
  claim_exchanges();
  return run_claims(argc, argv);
}
