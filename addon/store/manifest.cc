#include "manifest.h"

#include <algorithm>
#include <cstdio>
#include <fstream>

#include "../bytes/content_hash.h"

namespace auditql {

namespace {

constexpr uint64_t kManifestMagic = 0x314e414d'4c515541;  // "AUQLMAN1"
constexpr uint64_t kManifestBytes = 4096;
/// eids have 16 decimal digits when shown; nothing that writes row by row gets there.
constexpr uint64_t kHighestEid = 9'999'999'999'999'999;

std::string boot_id() {
  std::string id;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> id;
  return id;
}

uint64_t closing_sum(const ManifestPage& page, const ManifestNumbers& numbers) {
  uint64_t sum = number_hash(page.layout_hash) ^ content_hash({page.boot_id, sizeof(page.boot_id)});
  for (const uint64_t part : {numbers.first_ordinal, numbers.end_ordinal, numbers.first_eid,
                              numbers.next_eid, numbers.holes}) {
    sum = fold_product(sum ^ part, 0xd6e8feb86659fd93);
  }
  return sum | 1;
}

bool plausible(const ManifestNumbers& numbers) {
  return numbers.first_ordinal >= 1 && numbers.first_ordinal <= numbers.end_ordinal &&
         numbers.first_eid >= 1 && numbers.first_eid <= numbers.next_eid &&
         numbers.next_eid <= kHighestEid && numbers.holes <= numbers.next_eid - numbers.first_eid;
}

}  // namespace

Result<std::unique_ptr<Manifest>> Manifest::create(const std::string& path, uint64_t layout_hash,
                                                   const ManifestNumbers& numbers) {
  const std::string unfinished = path + ".new";
  auto file = MappedFile::create(unfinished, kManifestBytes);
  if (!file) return file.error();
  if (Status status = file.value()->reserve(0, kManifestBytes); !status) return status.error();
  std::unique_ptr<Manifest> manifest(new Manifest(file.take()));
  manifest->page().magic = kManifestMagic;
  manifest->page().layout_hash = layout_hash;
  manifest->set_numbers(numbers);
  manifest->mark_open();
  if (std::rename(unfinished.c_str(), path.c_str()) != 0) {
    return Error::from_errno("store_open_failed", "rename " + unfinished);
  }
  return manifest;
}

Result<std::unique_ptr<Manifest>> Manifest::open(const std::string& path, MapAccess access) {
  auto file = MappedFile::open(path, access);
  if (!file) return file.error();
  const Error damaged{"store_damaged", path + ": bad manifest", 0};
  if (file.value()->size() != kManifestBytes) return damaged;
  std::unique_ptr<Manifest> manifest(new Manifest(file.take()));
  const uint64_t closed = manifest->page().closed.load(std::memory_order_acquire);
  const ManifestNumbers numbers = manifest->numbers();
  if (!manifest->intact() || !plausible(numbers)) return damaged;
  if (closed != 0 && closed != closing_sum(manifest->page(), numbers)) {
    // A writer may be opening the table at this moment.
    if (manifest->page().closed.load(std::memory_order_acquire) != 0) return damaged;
  }
  return manifest;
}

bool Manifest::intact() const { return !file_->damaged() && page().magic == kManifestMagic; }

ManifestNumbers Manifest::numbers() const {
  const ManifestPage& from = page();
  ManifestNumbers numbers;
  // Again while the writer evicts in between, lest more rows are seen than the table may hold.
  for (int tries = 0; tries < 16; tries++) {
    numbers.first_eid = from.first_eid.load(std::memory_order_acquire);
    numbers.next_eid = from.next_eid.load(std::memory_order_acquire);
    if (from.first_eid.load(std::memory_order_acquire) == numbers.first_eid) break;
  }
  numbers.holes = from.holes.load(std::memory_order_acquire);
  numbers.first_ordinal = from.first_ordinal.load(std::memory_order_acquire);
  numbers.end_ordinal = from.end_ordinal.load(std::memory_order_acquire);
  return numbers;
}

void Manifest::set_numbers(const ManifestNumbers& numbers) {
  page().first_ordinal.store(numbers.first_ordinal, std::memory_order_release);
  page().end_ordinal.store(numbers.end_ordinal, std::memory_order_release);
  page().first_eid.store(numbers.first_eid, std::memory_order_release);
  page().next_eid.store(numbers.next_eid, std::memory_order_release);
  page().holes.store(numbers.holes, std::memory_order_release);
}

bool Manifest::written_in_this_boot() const {
  return std::string_view(page().boot_id, strnlen(page().boot_id, sizeof(page().boot_id))) ==
         boot_id();
}

void Manifest::mark_open() {
  page().closed.store(0, std::memory_order_release);
  const std::string id = boot_id();
  std::fill_n(page().boot_id, sizeof(page().boot_id), '\0');
  id.copy(page().boot_id, sizeof(page().boot_id) - 1);
}

void Manifest::mark_closed() {
  page().closed.store(closing_sum(page(), numbers()), std::memory_order_release);
}

}  // namespace auditql
