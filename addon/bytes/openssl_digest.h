#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "digest_kind.h"

namespace auditql {

/// A digest by the OpenSSL that the process has already, as Node does: several times as fast as our
/// own code, and looked for while running, so that nothing needs it.
class OpensslDigest {
 public:
  /// Nothing where the process has no OpenSSL, or that refuses the digest (MD5 in FIPS mode), or
  /// gives another than our own code.
  static std::unique_ptr<OpensslDigest> start(DigestKind kind);
  ~OpensslDigest();
  OpensslDigest(const OpensslDigest&) = delete;
  OpensslDigest& operator=(const OpensslDigest&) = delete;

  void add(std::string_view bytes);
  /// Raw bytes; empty when OpenSSL failed.
  std::string finish();

 private:
  OpensslDigest(void* context, DigestKind kind) : context_(context), kind_(kind) {}

  void* context_;  ///< EVP_MD_CTX
  DigestKind kind_;
  bool failed_ = false;
};

}  // namespace auditql
