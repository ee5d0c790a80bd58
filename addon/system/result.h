#pragma once

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <variant>

namespace auditql {

/// A failure as a value: errno and what was tried.
/// `code` is a stable identifier that the TypeScript side maps to its error table
/// (docs/reference/errors.md).
struct Error {
  std::string code;
  std::string message;
  int error_number = 0;

  /// Takes the current errno: `Error::from_errno("store_open_failed", "open " + path)`.
  static Error from_errno(std::string code, const std::string& tried, int error_number = errno) {
    return Error{std::move(code), tried + ": " + std::strerror(error_number), error_number};
  }
};

/// Either a value or an Error; check `ok()` before use.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  T& value() { return std::get<0>(state_); }
  const T& value() const { return std::get<0>(state_); }
  T take() { return std::move(std::get<0>(state_)); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

struct Done {};
/// Success without a value, or an Error.
using Status = Result<Done>;

}  // namespace auditql
