#include "file_digests.h"

#include <unistd.h>

#include <cerrno>

#include "../bytes/digest.h"
#include "../bytes/hex.h"

namespace auditql {

namespace {

/// Large enough that calls cost nothing beside the digests, and held by the second cache.
constexpr size_t kBlockBytes = 64 * 1024;

ssize_t read_block(int file, char* block) {
  while (true) {
    const ssize_t got = ::read(file, block, kBlockBytes);
    if (got >= 0 || errno != EINTR) return got;
  }
}

}  // namespace

DigestedFile digest_file(int file, const FileReading& reading) {
  RunningDigest md5(DigestKind::md5), sha1(DigestKind::sha1), sha256(DigestKind::sha256);
  char block[kBlockBytes];
  for (uint64_t total = 0;;) {
    if (reading.may_go_on && !reading.may_go_on()) return {ReadEnd::stopped, {}};
    const ssize_t got = read_block(file, block);
    if (got < 0) return {ReadEnd::failed, {}};
    if (got == 0) break;
    total += static_cast<uint64_t>(got);
    if (total > reading.max_bytes) return {ReadEnd::too_big, {}};
    const std::string_view bytes(block, static_cast<size_t>(got));
    for (RunningDigest* each : {&md5, &sha1, &sha256}) each->add(bytes);
    if (reading.content != nullptr) reading.content->append(bytes);
  }
  DigestedFile done{ReadEnd::whole,
                    {hex_text(md5.finish()), hex_text(sha1.finish()), hex_text(sha256.finish())}};
  const bool has_all =
      !done.digests.md5.empty() && !done.digests.sha1.empty() && !done.digests.sha256.empty();
  return has_all ? done : DigestedFile{};
}

}  // namespace auditql
