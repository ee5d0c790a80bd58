#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace auditql {

/// In hex.
struct FileDigests {
  std::string md5, sha1, sha256;
};

enum class ReadEnd {
  whole,   ///< to its end
  failed,  ///< it could not be read
  too_big,
  stopped,  ///< by `may_go_on`
};

struct FileReading {
  uint64_t max_bytes = 0;
  std::function<bool()> may_go_on;  ///< asked for each block; empty: to the end
  std::string* content = nullptr;   ///< gets what is read, where that is needed whole
};

struct DigestedFile {
  ReadEnd end = ReadEnd::failed;
  FileDigests digests;  ///< of a whole file
};

/// Reads the rest of an open file by blocks, which is all the memory that it takes without
/// `content`, and digests each block while the processor has it at hand.
DigestedFile digest_file(int file, const FileReading& reading);

}  // namespace auditql
