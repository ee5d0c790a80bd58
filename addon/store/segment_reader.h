#pragma once

#include <memory>
#include <string>

#include "manifest.h"
#include "segment.h"
#include "table_directory.h"
#include "table_reader.h"
#include "table_scan.h"

namespace auditql {

/// TableReader over segment files. Keeps mapped what the last snapshot spans.
class SegmentReader final : public TableReader {
 public:
  SegmentReader(const TableSpec& spec, const std::string& directory);

  Snapshot snapshot() override;
  std::unique_ptr<Scan> scan(const Snapshot& snapshot, const ScanRequest& request) override;
  double rows_per_key(uint16_t column) const override;
  void release() override;

  /// Maps the manifest when it is not mapped yet, or has been replaced. A missing one is no error.
  Status find_manifest();

 private:
  /// Maps the segments that the manifest names at this moment, and lets go of all others.
  void map_segments(const ManifestNumbers& numbers);
  uint64_t rows_mapped(const ManifestNumbers& numbers) const;

  const TableSpec& spec_;
  TableDirectory directory_;
  std::unique_ptr<Manifest> manifest_;
  /// Shared with scans, of which a join makes thousands.
  std::shared_ptr<const SegmentList> segments_ = std::make_shared<SegmentList>();
};

}  // namespace auditql
