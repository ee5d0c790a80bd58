#include "column_groups.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "../../bytes/content_hash.h"
#include "../../bytes/utf8.h"

namespace auditql {

uint32_t DistinctValues::number_of(const StoredCell& cell) {
  if (cell.kind == StoredCell::Kind::number) {
    const auto [found, is_new] =
        numbers_.try_emplace(cell.number, static_cast<uint32_t>(values_.size()));
    return is_new ? add(cell.kind, cell.number, {}) : found->second;
  }
  if (cell.kind == StoredCell::Kind::bytes) {
    Recent& recent = recent_[reinterpret_cast<uintptr_t>(cell.bytes.data()) / 8 % recent_.size()];
    if (recent.bytes != cell.bytes.data() || recent.size != cell.bytes.size()) {
      recent = {cell.bytes.data(), cell.bytes.size(), number_of_text(cell)};
    }
    return recent.number;
  }
  if (null_ == UINT32_MAX) null_ = add(StoredCell::Kind::null, 0, {});
  return null_;
}

uint32_t DistinctValues::number_of_text(const StoredCell& cell) {
  std::string escaped;
  if (!cell.utf8) append_escaped_text(escaped, cell.bytes);
  const std::string_view shown = cell.utf8 ? cell.bytes : std::string_view(escaped);
  const auto found = texts_.find(shown);
  if (found != texts_.end()) return found->second;
  texts_.emplace(shown, static_cast<uint32_t>(values_.size()));
  return add(StoredCell::Kind::bytes, 0, std::string(shown));
}

uint32_t DistinctValues::add(StoredCell::Kind kind, int64_t number, std::string text) {
  values_.push_back({kind, number, std::move(text)});
  return static_cast<uint32_t>(values_.size() - 1);
}

std::vector<uint32_t> DistinctValues::places() const {
  std::vector<uint32_t> order(values_.size()), places(values_.size());
  std::iota(order.begin(), order.end(), uint32_t{0});
  // NULL, numbers, texts by their bytes (https://sqlite.org/datatype3.html, "Sort Order").
  std::sort(order.begin(), order.end(), [&](uint32_t left, uint32_t right) {
    const Value &a = values_[left], &b = values_[right];
    return std::tie(a.kind, a.number, a.text) < std::tie(b.kind, b.number, b.text);
  });
  for (uint32_t place = 0; place < order.size(); place++) places[order[place]] = place;
  return places;
}

void DistinctValues::emit(sqlite3_context* context, uint32_t number) const {
  const Value& shown = values_[number];
  if (shown.kind == StoredCell::Kind::number) sqlite3_result_int64(context, shown.number);
  if (shown.kind == StoredCell::Kind::bytes) {
    sqlite3_result_text64(context, shown.text.data(), shown.text.size(), SQLITE_TRANSIENT,
                          SQLITE_UTF8);
  }
}

bool ColumnGroups::can_group(const ColumnSpec& column) {
  const bool stored = column.derivation == Derivation::none && column.storage != Storage::absent;
  return stored && column.storage != Storage::uuid && column.type != SqlType::blob &&
         column.collation.empty();
}

StoredCell ColumnGroups::shown(const Scan& scan, uint16_t column) const {
  StoredCell cell = scan.cell(column);
  if (cell.kind == StoredCell::Kind::null && spec_.columns[column].filled) {
    cell.kind = StoredCell::Kind::bytes;
    cell.bytes = "";
  }
  return cell;
}

void ColumnGroups::add(const Scan& scan) {
  uint64_t key = 0;
  for (size_t i = 0; i < columns_.size(); i++) {
    key |= uint64_t{values_[i].number_of(shown(scan, columns_[i]))} << (i == 0 ? 32 : 0);
  }
  size_t& recent = recent_[number_hash(key) % recent_.size()];
  if (recent == 0 || groups_[recent - 1].key != key) {
    const auto [found, is_new] = by_key_.try_emplace(key, groups_.size());
    if (is_new) groups_.push_back({key, 0});
    recent = found->second + 1;
  }
  groups_[recent - 1].rows++;
}

void ColumnGroups::finish() {
  by_key_.clear();
  std::vector<std::vector<uint32_t>> places;
  for (const DistinctValues& values : values_) places.push_back(values.places());
  const auto place = [&](const Group& group) {
    uint64_t all = 0;
    for (size_t i = 0; i < places.size(); i++) all = all << 32 | places[i][part(group.key, i)];
    return all;
  };
  std::sort(groups_.begin(), groups_.end(),
            [&](const Group& a, const Group& b) { return place(a) < place(b); });
}

void ColumnGroups::emit(sqlite3_context* context, size_t group, uint16_t column) const {
  for (size_t i = 0; i < columns_.size(); i++) {
    if (columns_[i] == column) values_[i].emit(context, part(groups_[group].key, i));
  }
}

}  // namespace auditql
