#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "field_value.h"

namespace auditql {

/// Joins the EXECVE records of one exec into its arguments. One object serves one event after the
/// other, so that its memory is used again.
class ExecveArguments {
 public:
  void clear();
  /// Adds the body of an EXECVE record; records may come in any order.
  void add_record(std::string_view body) { records_.push_back(body); }
  /// Decodes into the arena, which needs room for the sum of the bodies. Arguments stop before the
  /// first one that is not all there.
  void decode(ByteArena& arena);

  const std::vector<std::string_view>& arguments() const { return arguments_; }
  uint32_t count() const { return count_; }  ///< `argc=`; 0 when the record with it is missing
  bool has_records() const { return !records_.empty(); }
  /// The record with `argc=` is there, and as many arguments.
  bool complete() const { return has_count_ && count_ == arguments_.size(); }

 private:
  struct Piece {
    uint32_t argument;
    uint32_t index;          ///< i of `aN[i]`; 0 for `aN=`
    std::string_view value;  ///< quoted or hex
    bool whole;              ///< `aN=`: not in pieces
  };
  struct Length {
    uint32_t argument;
    uint64_t bytes;  ///< `aN_len=`: of the encoded text of all pieces
  };
  bool decode_in_order(ByteArena& arena);
  bool decode_record_in_order(std::string_view body, ByteArena& arena);
  void decode_in_any_order(ByteArena& arena);
  void read_record(std::string_view body);
  void read_field(std::string_view name, std::string_view value);
  bool join(size_t& at, ByteArena& arena);
  const Length* length_of(uint32_t argument) const;

  std::vector<std::string_view> records_;
  std::vector<Piece> pieces_;
  std::vector<Length> lengths_;
  std::vector<std::string_view> arguments_;
  uint32_t count_ = 0;
  bool has_count_ = false;
};

}  // namespace auditql
