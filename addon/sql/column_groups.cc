#include "column_groups.h"

#include <algorithm>
#include <tuple>

#include "utf8_text.h"

namespace auditql {

bool ColumnGroups::can_group(const ColumnSpec& column) {
  const bool stored = column.derivation == Derivation::none && column.storage != Storage::absent;
  return stored && column.storage != Storage::uuid && column.type != SqlType::blob &&
         column.collation.empty();
}

void ColumnGroups::add(const StoredCell& cell) { groups_[group_of(cell)].rows++; }

size_t ColumnGroups::group_of(const StoredCell& cell) {
  if (cell.kind == StoredCell::Kind::number) {
    const auto [found, is_new] = numbers_.try_emplace(cell.number, groups_.size());
    return is_new ? new_group(cell.kind, cell.number, {}) : found->second;
  }
  if (cell.kind == StoredCell::Kind::bytes) {
    Recent& recent = recent_[reinterpret_cast<uintptr_t>(cell.bytes.data()) / 8 % recent_.size()];
    if (recent.bytes != cell.bytes.data() || recent.size != cell.bytes.size()) {
      recent = {cell.bytes.data(), cell.bytes.size(), group_of_text(cell)};
    }
    return recent.group;
  }
  if (null_group_ == SIZE_MAX) null_group_ = new_group(StoredCell::Kind::null, 0, {});
  return null_group_;
}

size_t ColumnGroups::group_of_text(const StoredCell& cell) {
  std::string escaped;
  if (!cell.utf8) append_escaped_text(escaped, cell.bytes);
  const std::string_view shown = cell.utf8 ? cell.bytes : std::string_view(escaped);
  const auto found = texts_.find(shown);
  if (found != texts_.end()) return found->second;
  texts_.emplace(shown, groups_.size());
  return new_group(StoredCell::Kind::bytes, 0, std::string(shown));
}

size_t ColumnGroups::new_group(StoredCell::Kind kind, int64_t number, std::string text) {
  groups_.push_back({kind, number, std::move(text), 0});
  return groups_.size() - 1;
}

void ColumnGroups::finish() {
  texts_.clear();
  numbers_.clear();
  // NULL, numbers, texts by their bytes (https://sqlite.org/datatype3.html, "Sort Order").
  std::sort(groups_.begin(), groups_.end(), [](const Group& a, const Group& b) {
    return std::tie(a.kind, a.number, a.text) < std::tie(b.kind, b.number, b.text);
  });
}

void ColumnGroups::emit(sqlite3_context* context, size_t group) const {
  const Group& shown = groups_[group];
  if (shown.kind == StoredCell::Kind::number) sqlite3_result_int64(context, shown.number);
  if (shown.kind == StoredCell::Kind::bytes) {
    sqlite3_result_text64(context, shown.text.data(), shown.text.size(), SQLITE_TRANSIENT,
                          SQLITE_UTF8);
  }
}

}  // namespace auditql
