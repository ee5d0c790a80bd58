#include <array>
#include <cstring>
#include <unordered_set>

#include "../values/function_values.h"
#include "functions.h"

namespace auditql {

namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Bytes of the character at the front, as SQLite steps through text: a lead byte and the
/// continuation bytes behind it.
size_t character_length(std::string_view text) {
  size_t length = 1;
  if (static_cast<unsigned char>(text[0]) < 0xC0) return length;
  while (length < text.size() && is_continuation(text[length])) length++;
  return length;
}

/// Two-way search in linear time, unlike std::string_view::find (memmem(3) in glibc).
size_t find_bytes(std::string_view text, std::string_view part, size_t from) {
  const void* found = ::memmem(text.data() + from, text.size() - from, part.data(), part.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

std::string_view bytes_of(sqlite3_value* value) {
  if (sqlite3_value_type(value) != SQLITE_BLOB) return whole_text(value);
  const auto* blob = static_cast<const char*>(sqlite3_value_blob(value));
  const auto size = static_cast<size_t>(sqlite3_value_bytes(value));
  return size == 0 ? std::string_view() : std::string_view(blob, size);
}

/// instr(text, part): 1-based position in characters, in bytes when both are BLOBs; 0: not found.
void instr(sqlite3_context* context, int count, sqlite3_value** values) {
  if (any_null(count, values)) return;
  const bool blobs =
      sqlite3_value_type(values[0]) == SQLITE_BLOB && sqlite3_value_type(values[1]) == SQLITE_BLOB;
  const std::string_view text = bytes_of(values[0]), part = bytes_of(values[1]);
  if (part.empty()) return sqlite3_result_int(context, 1);
  size_t found = text.empty() ? std::string_view::npos : find_bytes(text, part, 0);
  // SQLite looks at the beginnings of characters only.
  const bool inside = !blobs && is_continuation(part[0]);
  if (inside && found != 0) found = std::string_view::npos;
  if (found == std::string_view::npos) return sqlite3_result_int(context, 0);
  int64_t position = 1;
  for (size_t i = 1; i <= found; i++) position += blobs || !is_continuation(text[i]) ? 1 : 0;
  sqlite3_result_int64(context, position);
}

size_t count_of(std::string_view text, std::string_view part) {
  size_t count = 0;
  for (size_t at = 0; at < text.size(); count++) {
    at = find_bytes(text, part, at);
    if (at == std::string_view::npos) break;
    at += part.size();
  }
  return count;
}

/// replace(text, part, by), built once at its final size.
void replace(sqlite3_context* context, int count, sqlite3_value** values) {
  if (any_null(count, values)) return;
  const std::string_view text = whole_text(values[0]), part = whole_text(values[1]);
  if (part.empty() || part[0] == '\0') return sqlite3_result_value(context, values[0]);
  const std::string_view by = whole_text(values[2]);
  const size_t matches = count_of(text, part);
  if (matches == 0) return give_text(context, text);
  const size_t size = text.size() - matches * part.size() + matches * by.size();
  const int most = sqlite3_limit(sqlite3_context_db_handle(context), SQLITE_LIMIT_LENGTH, -1);
  if (size > static_cast<size_t>(most)) return sqlite3_result_error_toobig(context);
  std::string replaced;
  replaced.reserve(size);
  for (size_t at = 0;;) {
    const size_t found = at < text.size() ? find_bytes(text, part, at) : std::string_view::npos;
    if (found == std::string_view::npos) {
      replaced += text.substr(at);
      break;
    }
    replaced += text.substr(at, found - at);
    replaced += by;
    at = found + part.size();
  }
  give_text(context, replaced);
}

/// Characters to trim, found in constant time.
class CharacterSet {
 public:
  explicit CharacterSet(std::string_view characters) {
    while (!characters.empty()) {
      const size_t length = character_length(characters);
      if (length == 1) {
        single_[static_cast<unsigned char>(characters[0])] = true;
      } else {
        long_.insert(characters.substr(0, length));
      }
      characters.remove_prefix(length);
    }
  }
  bool contains(std::string_view character) const {
    if (character.size() == 1) return single_[static_cast<unsigned char>(character[0])];
    return long_.contains(character);
  }

 private:
  std::array<bool, 256> single_{};
  std::unordered_set<std::string_view> long_;
};

size_t last_character_length(std::string_view text) {
  size_t length = 1;
  while (length < text.size() && is_continuation(text[text.size() - length])) length++;
  // Continuation bytes without a lead stand for themselves.
  const auto lead = static_cast<unsigned char>(text[text.size() - length]);
  return lead >= 0xC0 ? length : 1;
}

template <bool Left, bool Right>
void trim(sqlite3_context* context, int count, sqlite3_value** values) {
  if (any_null(count, values)) return;
  std::string_view text = whole_text(values[0]);
  const CharacterSet set(count > 1 ? whole_text(values[1]) : std::string_view(" "));
  while (Left && !text.empty()) {
    const size_t length = character_length(text);
    if (!set.contains(text.substr(0, length))) break;
    text.remove_prefix(length);
  }
  while (Right && !text.empty()) {
    const size_t length = last_character_length(text);
    if (!set.contains(text.substr(text.size() - length))) break;
    text.remove_suffix(length);
  }
  give_text(context, text);
}

}  // namespace

int register_linear_time_builtins(sqlite3* db) {
  constexpr ScalarFunction kFunctions[] = {
      {"instr", 2, instr},
      {"replace", 3, replace},
      {"trim", 1, trim<true, true>},
      {"trim", 2, trim<true, true>},
      {"ltrim", 1, trim<true, false>},
      {"ltrim", 2, trim<true, false>},
      {"rtrim", 1, trim<false, true>},
      {"rtrim", 2, trim<false, true>},
  };
  return register_scalars(db, kFunctions);
}

}  // namespace auditql
