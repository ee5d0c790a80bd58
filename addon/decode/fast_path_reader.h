#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace auditql {

/// Reads a body whose fields come in the order that is expected. The first surprise sets `failed`,
/// after which nothing more is read.
class FastPathReader {
 public:
  explicit FastPathReader(std::string_view body)
      : at_(body.data()), end_(body.data() + body.size()) {}

  template <size_t N>
  bool skip(const char (&text)[N]) {
    if (static_cast<size_t>(end_ - at_) < N - 1 || std::memcmp(at_, text, N - 1) != 0) return false;
    at_ += N - 1;
    return true;
  }

  template <size_t N>
  void expect(const char (&text)[N]) {
    if (!failed_ && !skip(text)) failed_ = true;
  }

  template <size_t N>
  uint64_t decimal(const char (&name)[N]) {
    expect(name);
    return failed_ ? 0 : digits();
  }

  template <size_t N>
  int64_t signed_decimal(const char (&name)[N]) {
    expect(name);
    const bool negative = !failed_ && skip("-");
    const auto value = static_cast<int64_t>(failed_ ? 0 : digits());
    return negative ? -value : value;
  }

  /// An id: unsigned, though some kernels write the unset one as -1.
  template <size_t N>
  uint32_t id(const char (&name)[N]) {
    return static_cast<uint32_t>(signed_decimal(name));
  }

  template <size_t N>
  uint64_t octal(const char (&name)[N]) {
    expect(name);
    uint64_t value = 0;
    for (; !failed_ && at_ < end_ && *at_ >= '0' && *at_ <= '7'; at_++) {
      value = value << 3 | static_cast<uint64_t>(*at_ - '0');
    }
    return value;
  }

  template <size_t N>
  uint64_t hex(const char (&name)[N]) {
    expect(name);
    if (failed_) return 0;
    uint64_t value = 0;
    const char* start = at_;
    for (; at_ < end_; at_++) {
      const char c = *at_;
      if (c >= '0' && c <= '9') {
        value = value << 4 | static_cast<uint64_t>(c - '0');
      } else if (c >= 'a' && c <= 'f') {
        value = value << 4 | static_cast<uint64_t>(c - 'a' + 10);
      } else {
        break;
      }
    }
    if (at_ == start || at_ - start > 16) failed_ = true;
    return value;
  }

  /// A quoted string or a word.
  template <size_t N>
  std::string_view text(const char (&name)[N]) {
    expect(name);
    if (failed_ || at_ == end_) return {};
    const char* start = at_;
    const char stop = *at_ == '"' ? '"' : ' ';
    const void* close = std::memchr(at_ + 1, stop, static_cast<size_t>(end_ - at_ - 1));
    at_ = close == nullptr ? end_ : static_cast<const char*>(close) + (stop == '"' ? 1 : 0);
    return {start, static_cast<size_t>(at_ - start)};
  }

  std::string_view rest() const { return {at_, static_cast<size_t>(end_ - at_)}; }
  bool at_end() const { return at_ == end_; }
  bool failed() const { return failed_; }

 private:
  uint64_t digits() {
    uint64_t value = 0;
    const char* start = at_;
    while (at_ < end_ && *at_ >= '0' && *at_ <= '9') {
      value = value * 10 + static_cast<uint64_t>(*at_++ - '0');
    }
    if (at_ == start || at_ - start > 19) failed_ = true;
    return value;
  }

  const char* at_;
  const char* end_;
  bool failed_ = false;
};

}  // namespace auditql
