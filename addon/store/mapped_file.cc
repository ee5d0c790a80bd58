#include "mapped_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "../system/bus_error_guard.h"

namespace auditql {

namespace {

constexpr uint64_t kBlockBytes = 4096;

/// For filesystems without fallocate(2): one byte in each block makes it real. The range was never
/// written before, so that zeros change nothing.
int write_each_block(int fd, uint64_t offset, uint64_t bytes) {
  for (uint64_t at = offset; at < offset + bytes; at += kBlockBytes) {
    if (pwrite(fd, "", 1, static_cast<off_t>(at)) != 1) return -1;
  }
  return 0;
}

}  // namespace

Result<std::unique_ptr<MappedFile>> MappedFile::map(UniqueFd fd, MapAccess access, uint64_t bytes) {
  const int protection = access == MapAccess::write ? PROT_READ | PROT_WRITE : PROT_READ;
  void* data = mmap(nullptr, bytes, protection, MAP_SHARED, fd.get(), 0);
  if (data == MAP_FAILED) return Error::from_errno("store_open_failed", "mmap");
  std::unique_ptr<MappedFile> file(
      new MappedFile(std::move(fd), static_cast<uint8_t*>(data), bytes));
  if (!BusErrorGuard::watch(data, bytes, &file->damaged_)) {
    return Error{"store_open_failed", "too many mapped files", EMFILE};
  }
  return file;
}

Result<std::unique_ptr<MappedFile>> MappedFile::open(const std::string& path, MapAccess access,
                                                     uint64_t bytes) {
  const int mode = access == MapAccess::write ? O_RDWR : O_RDONLY;
  UniqueFd fd(::open(path.c_str(), mode | O_CLOEXEC | O_NOFOLLOW));
  if (!fd) return Error::from_errno("store_open_failed", "open " + path);
  // Filesystems without flock(2) refuse lock_exclusive() as well, and then no file is used again.
  const bool locked = access == MapAccess::write || flock(fd.get(), LOCK_SH | LOCK_NB) == 0;
  if (!locked && errno == EWOULDBLOCK)
    return Error::from_errno("store_open_failed", "lock " + path);
  struct stat status;
  if (fstat(fd.get(), &status) != 0) return Error::from_errno("store_open_failed", "stat " + path);
  const auto size = static_cast<uint64_t>(status.st_size);
  if (size == 0 || size < bytes) {
    return Error{"store_damaged", path + " is truncated", 0};
  }
  return map(std::move(fd), access, bytes == 0 ? size : bytes);
}

Result<std::unique_ptr<MappedFile>> MappedFile::create(const std::string& path, uint64_t bytes) {
  const int flags = O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW;
  UniqueFd fd(::open(path.c_str(), flags, 0600));
  if (!fd) return Error::from_errno("store_open_failed", "create " + path);
  if (ftruncate(fd.get(), static_cast<off_t>(bytes)) != 0) {
    return Error::from_errno("store_open_failed", "size " + path);
  }
  return map(std::move(fd), MapAccess::write, bytes);
}

MappedFile::~MappedFile() {
  BusErrorGuard::forget(data_);
  munmap(data_, size_);
}

Status MappedFile::reserve(uint64_t offset, uint64_t bytes) {
  const auto from = static_cast<off_t>(offset), length = static_cast<off_t>(bytes);
  int result;
  do {
    result = fallocate(fd_.get(), FALLOC_FL_KEEP_SIZE, from, length);
  } while (result != 0 && errno == EINTR);
  if (result != 0 && errno == EOPNOTSUPP) result = write_each_block(fd_.get(), offset, bytes);
  if (result != 0) return Error::from_errno("store_disk_full", "fallocate");
  return Done{};
}

void MappedFile::punch(uint64_t offset, uint64_t bytes) {
  if (bytes == 0) return;
  // Without support for holes the room simply stays taken; disk_bytes() tells the truth.
  (void)fallocate(fd_.get(), FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, static_cast<off_t>(offset),
                  static_cast<off_t>(bytes));
}

Status MappedFile::truncate(uint64_t bytes) {
  if (ftruncate(fd_.get(), static_cast<off_t>(bytes)) == 0) return Done{};
  return Error::from_errno("store_open_failed", "ftruncate");
}

bool MappedFile::lock_exclusive() { return flock(fd_.get(), LOCK_EX | LOCK_NB) == 0; }

void MappedFile::unlock() { flock(fd_.get(), LOCK_UN); }

uint64_t MappedFile::disk_bytes() const {
  struct stat status;
  if (fstat(fd_.get(), &status) != 0) return 0;
  return static_cast<uint64_t>(status.st_blocks) * 512;  // stat(2): units of 512 bytes, always
}

bool MappedFile::still_holds(uint64_t bytes) const {
  struct stat status;
  return fstat(fd_.get(), &status) == 0 && static_cast<uint64_t>(status.st_size) >= bytes &&
         status.st_nlink > 0;
}

Status MappedFile::sync() {
  if (fsync(fd_.get()) == 0) return Done{};
  return Error::from_errno("store_sync_failed", "fsync");
}

void MappedFile::release_pages() {
  // Dropped pages of a shared mapping stay in the page cache; reading maps them again. Writing them
  // to disk is left to the kernel: rows that are evicted before it gets to them cost no disk at
  // all.
  madvise(data_, size_, MADV_DONTNEED);
}

}  // namespace auditql
