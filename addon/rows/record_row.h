#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "../decode/field_value.h"
#include "../decode/raw_event.h"
#include "../store/row.h"
#include "row_text.h"

namespace auditql {

/// The text inside msg='…', where user space writes its fields; the whole body without it
/// (USER_TTY).
inline std::string_view message_of(const Record& record) {
  const auto message = find_field(record.body, "msg");
  return message ? unquoted(*message) : record.body;
}

/// Fills one row from the fields of one record. Views it sets live until the text is cleared.
template <typename Column>
class RecordRow {
 public:
  RecordRow(Row& row, RowText& text, std::string_view fields)
      : row_(row), text_(text), fields_(fields) {}

  /// The field as written, without quotes.
  void set_plain(Column column, std::string_view name) {
    const auto value = find_field(fields_, name);
    if (value) set_bytes(column, unquoted(*value));
  }
  /// A string that the kernel or user space writes in hex where it must (auparse(3)).
  void set_decoded(Column column, std::string_view name) {
    const auto value = find_field(fields_, name);
    if (value) set_bytes(column, decoded(*value));
  }
  /// A decimal number that fits an unsigned column of 32 bits; (uint32_t)-1 may be written -1.
  void set_number(Column column, std::string_view name) {
    const auto number = number_of(name);
    if (number) row_.set(column, uint64_t{*number});
  }
  std::optional<uint32_t> number_of(std::string_view name) const {
    const auto value = find_field(fields_, name);
    const auto number = value ? parse_signed(*value) : std::nullopt;
    return number ? std::optional(static_cast<uint32_t>(*number)) : std::nullopt;
  }
  std::optional<uint64_t> hex_number_of(std::string_view name) const {
    const auto value = find_field(fields_, name);
    if (!value) return std::nullopt;
    return parse_hex_number(value->starts_with("0x") ? value->substr(2) : *value);
  }
  /// Empty text is NULL, as a missing field is.
  void set_bytes(Column column, std::string_view bytes) {
    if (!bytes.empty()) row_.set(column, bytes);
  }
  void set_kept(Column column, std::string text) {
    if (!text.empty()) row_.set(column, text_.keep(std::move(text)));
  }

  /// What every record has.
  void set_stamp(const EventId& id, std::string_view backend) {
    row_.set(Column::ntime, id.time_ns);
    if (id.serial != 0) row_.set(Column::serial, uint64_t{id.serial});
    set_bytes(Column::node, id.node);
    row_.set(Column::backend, backend);
  }

 private:
  std::string_view decoded(std::string_view value) {
    ByteArena arena;
    arena.reset(value.size());
    const auto bytes = decode_text(value, arena);
    return bytes ? text_.keep(std::string(*bytes)) : std::string_view();
  }

  Row& row_;
  RowText& text_;
  std::string_view fields_;
};

}  // namespace auditql
