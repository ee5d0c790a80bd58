#include "execve_arguments.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "../bytes/hex.h"
#include "fast_path_reader.h"
#include "record.h"

namespace auditql {
namespace {

bool read_number(const char*& at, const char* end, uint32_t& value) {
  const auto [next, error] = std::from_chars(at, end, value);
  if (error != std::errc()) return false;
  at = next;
  return true;
}

/// Length of the text as audit_log_execve_info() counts it: without quotes.
size_t encoded_size(std::string_view value) { return unquoted(value).size(); }

/// Writes the bytes of a piece to `out`, which has room for the text as it is.
size_t decode_piece(std::string_view value, char* out) {
  if (!value.starts_with('"') && decode_hex(value, out)) return value.size() / 2;
  const std::string_view text = unquoted(value);
  std::memcpy(out, text.data(), text.size());
  return text.size();
}

}  // namespace

void ExecveArguments::clear() {
  records_.clear();
  pieces_.clear();
  lengths_.clear();
  arguments_.clear();
  count_ = 0;
  has_count_ = false;
}

void ExecveArguments::decode(ByteArena& arena) {
  const size_t left = arena.left();
  if (decode_in_order(arena)) return;
  arena.give_back(left - arena.left());
  arguments_.clear();
  decode_in_any_order(arena);
}

/// What the kernel writes for arguments that each fit into a record: `argc=3 a0="sh" a1="-c" a2=…`.
/// False at the first surprise.
bool ExecveArguments::decode_in_order(ByteArena& arena) {
  if (records_.empty()) return true;
  FastPathReader reader(records_.front());
  count_ = static_cast<uint32_t>(reader.decimal("argc="));
  has_count_ = !reader.failed();
  if (!has_count_ || !decode_record_in_order(reader.rest(), arena)) return false;
  for (size_t i = 1; i < records_.size(); i++) {
    if (!decode_record_in_order(records_[i], arena)) return false;
  }
  return true;
}

bool ExecveArguments::decode_record_in_order(std::string_view body, ByteArena& arena) {
  FastPathReader reader(body);
  while (!reader.at_end()) {
    reader.skip(" ");
    const uint64_t argument = reader.decimal("a");
    const std::string_view value = reader.text("=");
    if (reader.failed() || argument != arguments_.size()) return false;
    if (value.starts_with('"')) {
      if (value.size() < 2 || value.back() != '"') return false;
      arguments_.push_back(value.substr(1, value.size() - 2));
      continue;
    }
    const size_t bytes = value.size() / 2;
    char* const out = arena.take(bytes);
    if (!decode_hex(value, out)) return false;
    arguments_.emplace_back(out, bytes);
  }
  return true;
}

void ExecveArguments::decode_in_any_order(ByteArena& arena) {
  for (const std::string_view body : records_) read_record(body);
  const auto before = [](const Piece& a, const Piece& b) {
    return a.argument != b.argument ? a.argument < b.argument : a.index < b.index;
  };
  if (!std::is_sorted(pieces_.begin(), pieces_.end(), before)) {
    std::stable_sort(pieces_.begin(), pieces_.end(), before);
  }
  std::stable_sort(lengths_.begin(), lengths_.end(),
                   [](const Length& a, const Length& b) { return a.argument < b.argument; });
  for (size_t at = 0; at < pieces_.size() && join(at, arena);) continue;
}

void ExecveArguments::read_record(std::string_view body) {
  FieldReader reader(body);
  for (Field field; reader.next(field);) read_field(field.name, field.value);
}

void ExecveArguments::read_field(std::string_view name, std::string_view value) {
  if (name == "argc") {
    count_ = static_cast<uint32_t>(parse_unsigned(value).value_or(0));
    has_count_ = true;
    return;
  }
  const char* at = name.data() + 1;
  const char* end = name.data() + name.size();
  uint32_t argument = 0, index = 0;
  if (name.empty() || name[0] != 'a' || !read_number(at, end, argument)) return;
  const std::string_view suffix(at, static_cast<size_t>(end - at));
  if (suffix.empty()) {
    pieces_.push_back({argument, 0, value, true});
  } else if (suffix == "_len") {
    lengths_.push_back({argument, parse_unsigned(value).value_or(0)});
  } else if (suffix.front() == '[' && suffix.back() == ']' && read_number(++at, end, index)) {
    pieces_.push_back({argument, index, value, false});
  }
}

const ExecveArguments::Length* ExecveArguments::length_of(uint32_t argument) const {
  const auto found =
      std::lower_bound(lengths_.begin(), lengths_.end(), argument,
                       [](const Length& each, uint32_t wanted) { return each.argument < wanted; });
  return found != lengths_.end() && found->argument == argument ? &*found : nullptr;
}

/// Appends the argument whose pieces start at `at`, and leaves `at` behind them. False, with
/// nothing appended, when a piece of it or the argument before it is missing.
bool ExecveArguments::join(size_t& at, ByteArena& arena) {
  const Piece& first = pieces_[at];
  if (first.argument != arguments_.size()) return false;
  if (first.whole) {
    at++;
    arguments_.push_back(decode_text(first.value, arena).value_or(std::string_view()));
    return true;
  }
  size_t encoded = 0, bytes = 0;
  char* out = nullptr;
  for (uint32_t index = 0; at < pieces_.size() && pieces_[at].argument == first.argument;
       index++, at++) {
    const std::string_view value = pieces_[at].value;
    if (pieces_[at].index != index || arena.left() < value.size()) return false;
    char* room = arena.take(value.size());
    const size_t size = decode_piece(value, room);
    arena.give_back(value.size() - size);
    if (out == nullptr) out = room;
    encoded += encoded_size(value);
    bytes += size;
  }
  const Length* length = length_of(first.argument);
  if (length == nullptr || encoded < length->bytes) return false;
  arguments_.emplace_back(out, bytes);
  return true;
}

}  // namespace auditql
