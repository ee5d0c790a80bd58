#include "health_region.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <mutex>

#include "../system/unique_fd.h"

namespace auditql {

constexpr size_t kHealthKeyBytes = 152;

/// The four parts of the key, each ended by a NUL byte, cut to fit.
struct HealthSlot {
  std::atomic<uint64_t> value;
  char key[kHealthKeyBytes];
};

namespace {

constexpr uint64_t kHealthMagic = 0x3148544c4c515541;  // "AUQLLTH1"
using PackedKey = std::array<char, kHealthKeyBytes>;

PackedKey pack(const CounterKey& key) {
  PackedKey packed{};
  size_t at = 0;
  const std::string_view parts[] = {key.stage, key.name, key.metric, key.reason};
  // The bytes left for one part keep room for the NULs of the parts behind it.
  for (size_t i = 0; i < 4; i++) {
    const size_t room = kHealthKeyBytes - at - (4 - i) - (i == 1 ? 48 : 0);
    const size_t n = std::min(parts[i].size(), room);
    std::copy_n(parts[i].data(), n, packed.data() + at);
    at += n + 1;
  }
  return packed;
}

HealthRow unpack(const HealthSlot& slot) {
  HealthRow row;
  const char* at = slot.key;
  for (std::string* part : {&row.stage, &row.name, &row.metric, &row.reason}) {
    part->assign(at);
    at += part->size() + 1;
  }
  row.value = slot.value.load(std::memory_order_relaxed);
  return row;
}

std::mutex& registration_mutex() {
  static std::mutex mutex;
  return mutex;
}

}  // namespace

struct HealthRegion::Layout {
  uint64_t magic;
  std::atomic<uint32_t> used;
  uint32_t reserved;
  HealthSlot slots[kSlots];
};

std::atomic<uint64_t>& Counter::discarded() {
  static std::atomic<uint64_t> cell;
  return cell;
}

Result<std::unique_ptr<HealthRegion>> HealthRegion::map(int fd, bool writable) {
  void* at = ::mmap(nullptr, sizeof(Layout), writable ? PROT_READ | PROT_WRITE : PROT_READ,
                    fd < 0 ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return Error::from_errno("health_map_failed", "map the health region");
  return std::unique_ptr<HealthRegion>(new HealthRegion(static_cast<Layout*>(at), sizeof(Layout)));
}

Result<std::unique_ptr<HealthRegion>> HealthRegion::create(const std::string& path) {
  // A new inode each time: readers of the region before keep their own, whole mapping.
  ::unlink(path.c_str());
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) return Error::from_errno("health_map_failed", "create " + path);
  const int allocated = ::posix_fallocate(fd.get(), 0, sizeof(Layout));
  if (allocated != 0) {
    return Error::from_errno("health_map_failed", "allocate " + path, allocated);
  }
  auto region = map(fd.get(), true);
  if (region) region.value()->layout_->magic = kHealthMagic;
  return region;
}

Result<std::unique_ptr<HealthRegion>> HealthRegion::open_read_only(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return Error::from_errno("health_map_failed", "open " + path);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0 || status.st_size < static_cast<off_t>(sizeof(Layout))) {
    return Error{"health_map_failed", path + ": shorter than a health region", 0};
  }
  auto region = map(fd.get(), false);
  if (region && region.value()->layout_->magic != kHealthMagic) {
    return Error{"health_map_failed", path + ": written by another version", 0};
  }
  return region;
}

std::unique_ptr<HealthRegion> HealthRegion::in_memory() {
  auto region = map(-1, true).take();
  region->layout_->magic = kHealthMagic;
  return region;
}

HealthRegion::~HealthRegion() { ::munmap(layout_, bytes_); }

Counter HealthRegion::counter(const CounterKey& key) {
  const PackedKey packed = pack(key);
  const std::lock_guard lock(registration_mutex());
  const uint32_t used = layout_->used.load(std::memory_order_relaxed);
  for (uint32_t i = 0; i < used; i++) {
    if (std::equal(packed.begin(), packed.end(), layout_->slots[i].key)) {
      return Counter(&layout_->slots[i].value);
    }
  }
  const bool last = used >= kSlots - 1;
  const PackedKey& chosen = last ? pack({"health", "region", "dropped", "slots_full"}) : packed;
  const uint32_t index = std::min(used, kSlots - 1);
  HealthSlot& slot = layout_->slots[index];
  std::copy(chosen.begin(), chosen.end(), slot.key);
  layout_->used.store(index + 1, std::memory_order_release);
  return Counter(&slot.value);
}

std::vector<HealthRow> HealthRegion::rows() const {
  const uint32_t used = std::min(layout_->used.load(std::memory_order_acquire), kSlots);
  std::vector<HealthRow> rows;
  rows.reserve(used);
  for (uint32_t i = 0; i < used; i++) rows.push_back(unpack(layout_->slots[i]));
  return rows;
}

}  // namespace auditql
