#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "mapped_file.h"

namespace auditql {

/// What readers and the next start need to know of a table, in one mapped page.
struct ManifestPage {
  uint64_t magic;
  uint64_t layout_hash;  ///< stored_layout_hash()
  char boot_id[40];      ///< /proc/sys/kernel/random/boot_id of the last writer
  std::atomic<uint64_t> first_ordinal, end_ordinal;  ///< segment files: first <= ordinal < end
  std::atomic<uint64_t> first_eid, next_eid;         ///< rows: first <= eid < next …
  std::atomic<uint64_t> holes;    ///< … of which so many were in files that were damaged
  std::atomic<uint64_t> retired;  ///< 1 once another manifest took its place
  std::atomic<uint64_t> closed;   ///< checksum of an orderly stop; 0 while a writer is at work
};
static_assert(sizeof(ManifestPage) <= 4096);

/// The numbers of a manifest, read at once.
struct ManifestNumbers {
  uint64_t first_ordinal = 1, end_ordinal = 1;
  uint64_t first_eid = 1, next_eid = 1, holes = 0;
};

class Manifest {
 public:
  /// Writes a new file and puts it in the place of the old one.
  static Result<std::unique_ptr<Manifest>> create(const std::string& path, uint64_t layout_hash,
                                                  const ManifestNumbers& numbers);
  /// Errors: store_open_failed (errno ENOENT: there is none), store_damaged.
  static Result<std::unique_ptr<Manifest>> open(const std::string& path, MapAccess access);

  ManifestPage& page() const { return *reinterpret_cast<ManifestPage*>(file_->data()); }
  /// False once the file was cut short or overwritten.
  bool intact() const;
  ManifestNumbers numbers() const;
  void set_numbers(const ManifestNumbers& numbers);
  bool written_in_this_boot() const;
  /// Marks the table as being written in this boot.
  void mark_open();
  void mark_closed();
  Status sync() { return file_->sync(); }

 private:
  explicit Manifest(std::unique_ptr<MappedFile> file) : file_(std::move(file)) {}
  std::unique_ptr<MappedFile> file_;
};

}  // namespace auditql
