#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace auditql {

/// Memory for decoded bytes of one event. Views handed out stay valid until reset().
class ByteArena {
 public:
  /// Empties the arena and makes room for `bytes`.
  void reset(size_t bytes);
  /// `bytes` of room; the caller never takes more than it reserved.
  char* take(size_t bytes);
  /// Gives back the end of what was taken last.
  void give_back(size_t bytes) { used_ -= bytes; }
  size_t left() const { return capacity_ - used_; }

 private:
  static constexpr size_t kKept = size_t{1} << 20;
  std::unique_ptr<char[]> bytes_;
  size_t capacity_ = 0;
  size_t used_ = 0;
};

/// The bytes of an untrusted string (audit_log_untrustedstring() of kernel/audit.c): `"quoted"` as
/// it stands, HEX decoded into the arena, `(null)` as nothing. Text that is neither stays as it is.
std::optional<std::string_view> decode_text(std::string_view value, ByteArena& arena);

/// Without the quotes around it, if any.
std::string_view unquoted(std::string_view value);

/// Numbers as audit writes them; nothing when the text is no number or does not fit.
std::optional<uint64_t> parse_unsigned(std::string_view text);
std::optional<int64_t> parse_signed(std::string_view text);
std::optional<uint64_t> parse_hex_number(std::string_view text);
std::optional<uint64_t> parse_octal(std::string_view text);
/// A uid, gid or session; kUnsetId where the text is not a number.
uint32_t parse_id(std::string_view text);

}  // namespace auditql
