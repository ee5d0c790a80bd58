#pragma once

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

/// A test program: claims registered by `claim("…", [] { … })` in main(), run by `run_claims()`.
/// A failed expectation prints where, and what was expected and found; the program then exits 1.
namespace auditql::test {

struct Claim {
  std::string text;
  std::function<void()> body;
};

inline std::vector<Claim>& claims() {
  static std::vector<Claim> list;
  return list;
}

inline int& failures() {
  static int count = 0;
  return count;
}

inline void claim(std::string text, std::function<void()> body) {
  claims().push_back({std::move(text), std::move(body)});
}

template <typename T>
std::string shown(const T& value) {
  std::ostringstream out;
  if constexpr (requires { out << value; }) {
    out << value;
  } else {
    out << "(value)";
  }
  return out.str();
}

inline void fail(const char* file, int line, const std::string& text) {
  failures()++;
  std::fprintf(stderr, "%s:%d: %s\n", file, line, text.c_str());
}

template <typename A, typename B>
void expect_equal(const char* file, int line, const A& found, const B& expected) {
  if (found == expected) return;
  fail(file, line, "expected " + shown(expected) + ", found " + shown(found));
}

/// Runs every claim (or those whose text contains argv[1]) and prints one closing line:
/// `N passed, N failed`.
inline int run_claims(int argc = 0, char** argv = nullptr) {
  int passed = 0, failed = 0;
  for (const Claim& each : claims()) {
    if (argc > 1 && each.text.find(argv[1]) == std::string::npos) continue;
    const int before = failures();
    each.body();
    const bool ok = failures() == before;
    (ok ? passed : failed)++;
    if (!ok) std::fprintf(stderr, "not ok: %s\n", each.text.c_str());
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}

}  // namespace auditql::test

#define EXPECT(condition) \
  ((condition) ? void(0) : ::auditql::test::fail(__FILE__, __LINE__, "expected " #condition))
#define EXPECT_EQ(found, expected) \
  ::auditql::test::expect_equal(__FILE__, __LINE__, (found), (expected))
