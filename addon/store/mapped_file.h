#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "../system/result.h"
#include "../system/unique_fd.h"

namespace auditql {

enum class MapAccess : uint8_t { read, write };

/// A file mapped shared from its start, watched by BusErrorGuard.
class MappedFile {
 public:
  /// Maps `bytes` bytes; 0: as many as the file has. A reader takes a shared lock, so that the
  /// writer does not use the file for something else; errno EWOULDBLOCK: it is about to.
  static Result<std::unique_ptr<MappedFile>> open(const std::string& path, MapAccess access,
                                                  uint64_t bytes = 0);
  /// Creates the file anew (mode 0600), sparse, `bytes` long.
  static Result<std::unique_ptr<MappedFile>> create(const std::string& path, uint64_t bytes);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  uint8_t* data() const { return data_; }
  uint64_t size() const { return size_; }

  /// The file was cut short or could not be read; parts of the mapping may be zero pages.
  bool damaged() const { return damaged_.load(std::memory_order_acquire); }
  void mark_damaged() const { damaged_.store(true, std::memory_order_release); }

  /// Gives the range its room on disk, so that writing to it cannot fail (a full disk would be a
  /// SIGBUS). The length of the file stays, lest a truncated file be mended by a hole unnoticed.
  Status reserve(uint64_t offset, uint64_t bytes);
  /// Gives the room of the range back; it reads as zeros then.
  void punch(uint64_t offset, uint64_t bytes);
  /// Cuts the file; the mapping stays as long as it was.
  Status truncate(uint64_t bytes);
  /// False when a reader maps the file.
  bool lock_exclusive();
  void unlock();
  /// Room that the file takes on disk, and whether it still has `bytes` bytes and a name.
  uint64_t disk_bytes() const;
  bool still_holds(uint64_t bytes) const;
  /// Waits until everything written is on disk.
  Status sync();
  /// Drops the pages from this process's resident memory.
  void release_pages();

 private:
  MappedFile(UniqueFd fd, uint8_t* data, uint64_t size)
      : fd_(std::move(fd)), data_(data), size_(size) {}
  static Result<std::unique_ptr<MappedFile>> map(UniqueFd fd, MapAccess access, uint64_t bytes);

  UniqueFd fd_;
  uint8_t* data_;
  uint64_t size_;
  mutable std::atomic<bool> damaged_{false};
};

}  // namespace auditql
