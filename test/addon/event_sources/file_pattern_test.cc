#include "event_sources/file_pattern.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "../decode/corpus.h"
#include "check.h"
#include "event_sources/watched_paths.h"

using namespace auditql;
using namespace auditql::test;

namespace {

FilePattern pattern(const char* text) { return *FilePattern::parse(text); }

std::string categories(const WatchedPaths& paths, const char* path) {
  std::string names;
  for (const auto& match : paths.categories_of(path)) names += *match.category + " ";
  return names;
}

void claim_patterns() {
  claim("% is one level, %% everything below, and a folder is the files in it", [] {
    EXPECT(pattern("/etc/%").matches("/etc/passwd"));
    EXPECT(pattern("/etc/%").matches("/etc/.hidden"));
    EXPECT(!pattern("/etc/%").matches("/etc/ssh/sshd_config"));
    EXPECT(!pattern("/etc/%").matches("/etc"));
    EXPECT(pattern("/etc/%%").matches("/etc/ssh/sshd_config"));
    EXPECT(!pattern("/etc/%%").matches("/etc"));
    EXPECT(!pattern("/etc/%%").matches("/etcetera/x"));
    EXPECT(pattern("/etc/**").matches("/etc/ssh/sshd_config"));
    EXPECT(pattern("/home/%/.ssh/%%").matches("/home/ann/.ssh/keys/a"));
    EXPECT(!pattern("/home/%/.ssh/%%").matches("/home/ann/.ssh"));
    EXPECT(!pattern("/home/%/.ssh/%%").matches("/home/ann/b/.ssh/x"));
    EXPECT(pattern("/srv/www%%").matches("/srv/www2"));
    EXPECT(pattern("/srv/www%%").matches("/srv/www2/a/b"));
    EXPECT(pattern("/etc/passwd").matches("/etc/passwd"));
    EXPECT(pattern("/etc/ssh").matches("/etc/ssh/sshd_config"));
    EXPECT(pattern("/etc/ssh/").matches("/etc/ssh/sshd_config"));
    EXPECT(!pattern("/etc/ssh").matches("/etc/ssh/a/b"));
    EXPECT(pattern("/%%").matches("/anything"));
    EXPECT(!FilePattern::parse("etc/passwd").has_value());
  });
  claim("a folder's reach says whether it must be watched", [] {
    using Reach = FilePattern::Reach;
    EXPECT(pattern("/a/%/c%").reach("/") == Reach::folders);
    EXPECT(pattern("/a/%/c%").reach("/a") == Reach::folders);
    EXPECT(pattern("/a/%/c%").reach("/a/b") == Reach::matches);
    EXPECT(pattern("/a/%/c%").reach("/a/b/c") == Reach::nothing);
    EXPECT(pattern("/a/%/c%").reach("/b") == Reach::nothing);
    EXPECT(pattern("/a/%%").reach("/") == Reach::folders);
    EXPECT(pattern("/a/%%").reach("/a") == Reach::matches);
    EXPECT(pattern("/a/%%").reach("/a/b/c/d") == Reach::matches);
    EXPECT(pattern("/a/b").reach("/a") == Reach::matches);
    EXPECT(pattern("/a/b").reach("/a/b") == Reach::matches);
    EXPECT(pattern("/a/b").reach("/a/b/c") == Reach::nothing);
  });
}

/// Of test/testdata/path-patterns.txt, which tests of path patterns in TypeScript read too.
void claim_shared_patterns() {
  claim("patterns match what they match in tables and in packs", [] {
    std::ifstream file(from_root("test/testdata/path-patterns.txt"));
    std::vector<std::string> tree;
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line);
      std::string first;
      words >> first;
      const std::vector<std::string> paths{std::istream_iterator<std::string>(words), {}};
      if (first == "tree") tree = paths;
      if (first == "tree" || first == "#") continue;
      for (std::string path : tree) {
        if (path.back() == '/') path.pop_back();
        const bool is_listed = std::find(paths.begin(), paths.end(), path) != paths.end();
        EXPECT_EQ(first + " " + path + (pattern(first.c_str()).matches(path) ? " yes" : " no"),
                  first + " " + path + (is_listed ? " yes" : " no"));
      }
    }
    EXPECT(!tree.empty());
  });
}

void claim_watched_paths() {
  claim("a file is in each category once, and in none when it is excluded", [] {
    const WatchedPaths paths({{"all", {"/x/%%", "/x/a/%"}, false}, {"some", {"/x/a/%"}, true}},
                             {"/x/a/tmp%", "/x/cache/%%"});
    EXPECT_EQ(categories(paths, "/x/a/f"), "all some ");
    EXPECT_EQ(categories(paths, "/x/b/f"), "all ");
    EXPECT_EQ(categories(paths, "/x/a/tmp1"), "");
    EXPECT_EQ(categories(paths, "/x/a/tmp1/f"), "");
    EXPECT_EQ(categories(paths, "/x/cache/deep/f"), "");
    EXPECT(!paths.interest("/x/cache").folders);
    EXPECT(!paths.interest("/x/cache/deep").folders);
    EXPECT(paths.interest("/x/a").accesses);
    EXPECT(!paths.interest("/x/b").accesses);
    EXPECT(!paths.interest("/").content);
  });
  claim("roots hold every pattern, and none of them another", [] {
    const WatchedPaths paths({{"a", {"/x/%%", "/xy/f"}, false}, {"b", {"/x/a/%", "/z/%/k"}, true}},
                             {});
    std::string text;
    for (const auto& root : paths.roots()) text += root.path + (root.with_accesses ? "! " : " ");
    EXPECT_EQ(text, "/x! /xy/f /z! ");
  });
}

}  // namespace

int main(int argc, char** argv) {
  claim_patterns();
  claim_shared_patterns();
  claim_watched_paths();
  return run_claims(argc, argv);
}
