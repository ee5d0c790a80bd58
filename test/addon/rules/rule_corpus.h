#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace auditql::test {

/// One case of go-libaudit's rule corpus: auditctl's arguments and the bytes the kernel then holds.
struct GoldenRule {
  std::string file;
  std::string flags;
  std::string bytes;
};

inline std::string base64_decoded(const std::string& text) {
  std::string bytes;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    uint32_t value;
    if (c >= 'A' && c <= 'Z') {
      value = static_cast<uint32_t>(c - 'A');
    } else if (c >= 'a' && c <= 'z') {
      value = static_cast<uint32_t>(c - 'a') + 26;
    } else if (c >= '0' && c <= '9') {
      value = static_cast<uint32_t>(c - '0') + 52;
    } else if (c == '+' || c == '/') {
      value = c == '+' ? 62 : 63;
    } else {
      continue;
    }
    bits = bits << 6 | value;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 0xff);
  }
  return bytes;
}

/// Folder of the corpus: AUDITQL_CORPUS, else ../shared/corpus beside the repository, else empty.
inline std::string rule_corpus_folder() {
  const char* named = std::getenv("AUDITQL_CORPUS");
  const std::string source = __FILE__;
  for (const std::string& root :
       {std::string(named == nullptr ? "" : named),
        source.substr(0, source.rfind("/test/")) + "/../shared/corpus",
        std::string("../../shared/corpus"), std::string("../shared/corpus")}) {
    const std::string folder = root + "/go-libaudit/rule";
    if (!root.empty() && std::filesystem::is_directory(folder)) return folder;
  }
  return {};
}

inline std::vector<GoldenRule> golden_rules(const std::string& folder) {
  std::vector<GoldenRule> found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".yml") continue;
    std::ifstream file(entry.path());
    std::string line;
    while (std::getline(file, line)) {
      const std::string start = "- flags: ";
      if (line.starts_with(start)) {
        found.push_back({entry.path().filename(), line.substr(start.size()), {}});
      } else if (line.starts_with("    ") && !found.empty()) {
        found.back().bytes += line;
      }
    }
  }
  for (GoldenRule& each : found) each.bytes = base64_decoded(each.bytes);
  return found;
}

}  // namespace auditql::test
