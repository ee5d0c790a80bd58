#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "digest_kind.h"
#include "openssl_digest.h"
#include "own_digest.h"

namespace auditql {

/// A digest of what is added, piece by piece: by OpenSSL where the process has it, else by our own
/// code.
class RunningDigest {
 public:
  explicit RunningDigest(DigestKind kind);
  void add(std::string_view bytes);
  /// Raw bytes; empty when OpenSSL failed. The digest is of no use afterwards.
  std::string finish();
  bool is_by_openssl() const { return openssl_ != nullptr; }

 private:
  std::unique_ptr<OpensslDigest> openssl_;
  std::optional<OwnDigest> own_;
};

/// RFC 1321, FIPS 180-4: the digest as raw bytes.
std::string md5_digest(std::string_view bytes);
std::string sha1_digest(std::string_view bytes);
std::string sha256_digest(std::string_view bytes);

}  // namespace auditql
