#pragma once

#include <cstdint>

#include "segment.h"

namespace auditql {

/// What the rows of a segment say about themselves, whatever its header claims.
struct CheckedRows {
  uint32_t rows = 0;      ///< length of the longest prefix without a wrong checksum
  uint64_t heap_end = 0;  ///< end of the last string they use
  uint64_t min_ntime = UINT64_MAX, max_ntime = 0;
};

/// Computes the checksum of the first `limit` rows again, up to the first that is wrong.
CheckedRows check_rows(const Segment& segment, uint32_t limit);

/// Makes the hash indexes hold exactly the first `rows` rows. Returns false when they were wrong
/// and had to be built again; a link of the row that was in flight at a crash is merely taken out,
/// because readers of other processes may be following the chains.
bool mend_indexes(const Segment& segment, uint32_t rows);

}  // namespace auditql
