#include "digest.h"

namespace auditql {

namespace {

std::string digest_of(DigestKind kind, std::string_view bytes) {
  OwnDigest own(kind);
  // OpenSSL needs longer to begin than our code for the whole of a short text.
  constexpr size_t kShort = 256;
  if (bytes.size() > kShort) {
    RunningDigest running(kind);
    running.add(bytes);
    std::string digest = running.finish();
    if (!digest.empty()) return digest;
  }
  own.add(bytes);
  return own.finish();
}

}  // namespace

RunningDigest::RunningDigest(DigestKind kind) : openssl_(OpensslDigest::start(kind)) {
  if (openssl_ == nullptr) own_.emplace(kind);
}

void RunningDigest::add(std::string_view bytes) {
  openssl_ != nullptr ? openssl_->add(bytes) : own_->add(bytes);
}

std::string RunningDigest::finish() {
  return openssl_ != nullptr ? openssl_->finish() : own_->finish();
}

std::string md5_digest(std::string_view bytes) { return digest_of(DigestKind::md5, bytes); }

std::string sha1_digest(std::string_view bytes) { return digest_of(DigestKind::sha1, bytes); }

std::string sha256_digest(std::string_view bytes) { return digest_of(DigestKind::sha256, bytes); }

}  // namespace auditql
