#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "check.h"
#include "store/event_table.h"
#include "store/table_reader.h"

namespace auditql::test {

/// One column of every storage type; `sum` lets a reader check that a row is whole.
enum class SampleColumn : uint16_t {
  pid,
  name,
  args,
  tiny,
  small,
  signed_number,
  ntime,
  uuid,
  sum
};

inline constexpr ColumnSpec kSampleColumns[] = {
    {"pid", SqlType::bigint, Storage::u32, Derivation::none, 0, false, true, false, ""},
    {"name", SqlType::text, Storage::text, Derivation::none, 0, false, false, false, ""},
    {"args", SqlType::text, Storage::text, Derivation::none, 0, false, false, false, ""},
    {"tiny", SqlType::integer, Storage::u8, Derivation::none, 0, false, false, false, ""},
    {"small", SqlType::integer, Storage::u16, Derivation::none, 0, false, false, false, ""},
    {"signed_number", SqlType::bigint, Storage::i64, Derivation::none, 0, false, false, false, ""},
    {"ntime", SqlType::bigint, Storage::u64, Derivation::none, 0, false, false, false, ""},
    {"uuid", SqlType::text, Storage::uuid, Derivation::none, 0, false, true, false, ""},
    {"sum", SqlType::bigint, Storage::u64, Derivation::none, 0, false, false, false, ""},
};
inline constexpr TableSpec kSample{"sample", "", kSampleColumns, 6, 0x5a};

constexpr uint16_t at(SampleColumn column) { return static_cast<uint16_t>(column); }

/// A directory that goes with the object; below TMPDIR or /tmp.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    const char* base = std::getenv("TMPDIR");
    std::string name = std::string(base != nullptr ? base : "/tmp") + "/auditql-store-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) std::perror("mkdtemp");
    path_ = name;
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::string& path() const { return path_; }
  std::string table() const { return path_ + "/sample"; }

  /// Files of the table whose name contains `part`, sorted.
  std::vector<std::string> files(const std::string& part) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(table())) {
      const std::string name = entry.path().filename().string();
      if (name.find(part) != std::string::npos) found.push_back(entry.path().string());
    }
    std::sort(found.begin(), found.end());
    return found;
  }

 private:
  std::string path_;
};

inline uint64_t counter(const HealthRegion& health, const std::string& metric,
                        const std::string& reason = "") {
  for (const HealthRow& row : health.rows()) {
    if (row.name == "sample" && row.metric == metric && row.reason == reason) return row.value;
  }
  return 0;
}

inline std::unique_ptr<EventTable> open_table(const std::string& directory, HealthRegion& health,
                                              const TableLimits& limits = {},
                                              const TableSpec& spec = kSample) {
  auto table = EventTable::open(spec, {directory, limits}, health);
  if (table) return table.take();
  std::fprintf(stderr, "open: %s: %s\n", table.error().code.c_str(), table.error().message.c_str());
  std::abort();
}

inline std::unique_ptr<TableReader> open_reader(const std::string& directory,
                                                const TableSpec& spec = kSample) {
  auto reader = TableReader::open(spec, directory);
  if (reader) return reader.take();
  std::fprintf(stderr, "reader: %s\n", reader.error().message.c_str());
  std::abort();
}

/// A row whose every cell follows from `seed`.
class SeededRow {
 public:
  explicit SeededRow(uint64_t seed, uint64_t ntime) {
    name_ = "/usr/bin/program-" + std::to_string(seed % 97);
    args_ = "argument " + std::to_string(seed * 7919) + std::string(seed % 60, 'x');
    for (size_t i = 0; i < uuid_.size(); i++) uuid_[i] = static_cast<uint8_t>(seed >> (i % 8 * 8));
    row_.set(SampleColumn::pid, uint64_t{seed % 5000});
    row_.set(SampleColumn::name, std::string_view(name_));
    row_.set(SampleColumn::args, std::string_view(args_));
    row_.set(SampleColumn::small, uint64_t{seed & 0xffff});
    row_.set_signed(SampleColumn::signed_number, -static_cast<int64_t>(seed));
    row_.set(SampleColumn::ntime, ntime);
    row_.set(SampleColumn::uuid, uuid_);
    row_.set(SampleColumn::sum, uint64_t{seed});
  }
  SeededRow(const SeededRow&) = delete;
  SeededRow& operator=(const SeededRow&) = delete;
  const Row& row() const { return row_; }

  /// Whether the scan's row is the whole row that was made from its `sum`.
  static bool is_whole(const Scan& scan) {
    const auto seed = static_cast<uint64_t>(scan.cell(at(SampleColumn::sum)).number);
    const SeededRow expected(seed, 0);
    for (uint16_t column = 0; column < at(SampleColumn::sum); column++) {
      if (column == at(SampleColumn::ntime)) continue;
      const Row::Cell& cell = expected.row_.cell(column);
      const StoredCell stored = scan.cell(column);
      if (expected.row_.has(column) != (stored.kind != StoredCell::Kind::null)) return false;
      if (stored.kind == StoredCell::Kind::null) continue;
      if (cell.bytes != stored.bytes || static_cast<int64_t>(cell.number) != stored.number) {
        return false;
      }
    }
    return true;
  }

 private:
  Row row_;
  std::string name_, args_;
  UuidBytes uuid_{};
};

inline uint64_t append_seeded(EventTable& table, uint64_t seed, uint64_t ntime = 1) {
  const SeededRow seeded(seed, ntime);
  return table.append(seeded.row());
}

struct ScanTotals {
  uint64_t rows = 0, torn = 0, disordered = 0, evicted = 0;
  uint64_t first_eid = 0, last_eid = 0;
  bool damaged = false;
};

inline ScanTotals read_all(TableReader& reader, const ScanRequest& request = {}) {
  const Snapshot snapshot = reader.snapshot();
  auto scan = reader.scan(snapshot, request);
  ScanTotals totals;
  while (scan->next()) {
    const uint64_t eid = scan->eid();
    if (totals.rows++ == 0) {
      totals.first_eid = eid;
    } else if (request.descending ? eid >= totals.last_eid : eid <= totals.last_eid) {
      totals.disordered++;
    }
    totals.last_eid = eid;
    if (!SeededRow::is_whole(*scan)) totals.torn++;
  }
  totals.evicted = scan->evicted();
  totals.damaged = scan->damaged();
  return totals;
}

/// Changes one byte of a file as a stranger would.
inline void flip_bit(const std::string& path, uint64_t offset) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(static_cast<std::streamoff>(offset));
  const int byte = file.get();
  file.seekp(static_cast<std::streamoff>(offset));
  file.put(static_cast<char>(byte ^ 4));
}

/// Offset of the first occurrence of `text` in a file.
inline uint64_t find_in_file(const std::string& path, const std::string& text) {
  std::string content(std::filesystem::file_size(path), '\0');
  std::ifstream(path, std::ios::binary)
      .read(content.data(), static_cast<std::streamsize>(content.size()));
  return content.find(text);
}

}  // namespace auditql::test
