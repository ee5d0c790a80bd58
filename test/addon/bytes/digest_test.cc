#include "bytes/digest.h"

#include <dlfcn.h>

#include <random>
#include <vector>

#include "bytes/hex.h"
#include "check.h"

using namespace auditql;
using namespace auditql::test;

namespace {

constexpr DigestKind kKinds[] = {DigestKind::md5, DigestKind::sha1, DigestKind::sha256};

template <typename Digest>
std::string in_pieces(Digest& digest, std::string_view bytes, size_t piece) {
  while (!bytes.empty()) {
    digest.add(bytes.substr(0, piece));
    bytes.remove_prefix(std::min(piece, bytes.size()));
  }
  return hex_text(digest.finish());
}

std::string own(DigestKind kind, std::string_view bytes, size_t piece) {
  OwnDigest digest(kind);
  return in_pieces(digest, bytes, piece);
}

std::string random_bytes(size_t size) {
  static std::mt19937 generator(7);
  std::string bytes(size, '\0');
  for (char& each : bytes) each = static_cast<char>(generator());
  return bytes;
}

/// What Node brings along, the test takes from the host.
bool has_openssl() {
  for (const char* name : {"libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.so"}) {
    if (::dlopen(name, RTLD_NOW | RTLD_GLOBAL) != nullptr) return true;
  }
  std::printf("skipped: OpenSSL beside our own code (no libcrypto here)\n");
  return false;
}

}  // namespace

int main(int argc, char** argv) {
  claim("our own digests are those of the RFCs' test suites, in pieces of any size", [] {
    // RFC 1321, A.5; RFC 3174, 7.3; FIPS 180-2, B.2.
    const std::string text = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    const std::string eighty =
        "12345678901234567890123456789012345678901234567890123456789012345678901234567890";
    for (const size_t piece : {1, 3, 63, 64, 65, 1000}) {
      EXPECT_EQ(own(DigestKind::md5, "", piece), "d41d8cd98f00b204e9800998ecf8427e");
      EXPECT_EQ(own(DigestKind::md5, eighty, piece), "57edf4a22be3c955ac49da2e2107b67a");
      EXPECT_EQ(own(DigestKind::sha1, text, piece), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
      EXPECT_EQ(own(DigestKind::sha256, text, piece),
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    }
  });
  // Looked for at the first use, before which there is none here.
  const bool with_openssl = has_openssl();
  claim("OpenSSL's digests are ours, for every length around a block and any pieces", [=] {
    if (!with_openssl) return;
    for (size_t size = 0; size < 300; size++) {
      const std::string bytes = random_bytes(size < 200 ? size : size * size / 7);
      for (const DigestKind kind : kKinds) {
        const std::string expected = own(kind, bytes, 1000);
        for (const size_t piece : {7, 64, 65536}) {
          EXPECT_EQ(own(kind, bytes, piece), expected);
          RunningDigest running(kind);
          EXPECT(running.is_by_openssl());
          EXPECT_EQ(in_pieces(running, bytes, piece), expected);
        }
      }
      EXPECT_EQ(hex_text(md5_digest(bytes)), own(DigestKind::md5, bytes, 1000));
      EXPECT_EQ(hex_text(sha1_digest(bytes)), own(DigestKind::sha1, bytes, 1000));
      EXPECT_EQ(hex_text(sha256_digest(bytes)), own(DigestKind::sha256, bytes, 1000));
    }
  });
  return run_claims(argc, argv);
}
