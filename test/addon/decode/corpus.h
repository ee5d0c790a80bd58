#pragma once

#include <sys/stat.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace auditql::test {

inline bool is_there(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0;
}

/// Path from the repository's root, wherever the test is started.
inline std::string from_root(const std::string& path) {
  for (const char* each : {"", "../", "../../", "../../../"}) {
    if (is_there(each + path)) return each + path;
  }
  return path;
}

/// AUDITQL_CORPUS, else the folder beside the repository.
inline std::string corpus_folder() {
  const char* set = std::getenv("AUDITQL_CORPUS");
  return set != nullptr ? set : from_root("../shared/corpus");
}

inline std::string read_file(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return std::move(content).str();
}

inline std::string gunzip(const std::string& path) {
  std::string out;
  FILE* pipe = popen(("gzip -dc '" + path + "'").c_str(), "r");
  if (pipe == nullptr) return out;
  std::vector<char> buffer(size_t{1} << 20);
  for (size_t n; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    out.append(buffer.data(), n);
  }
  pclose(pipe);
  return out;
}

/// test/testdata/decode/wrong-answers.txt: expected answers that are wrong, and why.
class WrongAnswers {
 public:
  WrongAnswers() {
    std::ifstream file(from_root("test/testdata/decode/wrong-answers.txt"));
    for (std::string line; std::getline(file, line);) {
      const size_t first = line.find('\t');
      const size_t second = line.find('\t', first + 1);
      if (line.starts_with("#") || second == std::string::npos) continue;
      answers_.emplace(line.substr(0, first), line.substr(first + 1, second - first - 1));
    }
  }

  bool contains(const std::string& file, const std::string& name) const {
    return answers_.count({file, name}) != 0;
  }

  size_t size() const { return answers_.size(); }

 private:
  std::set<std::pair<std::string, std::string>> answers_;
};

}  // namespace auditql::test
