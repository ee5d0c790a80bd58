#include "openssl_digest.h"

#include <dlfcn.h>

#include <array>

#include "own_digest.h"

namespace auditql {

namespace {

/// Of <openssl/evp.h>, the same in 1.1.1, 3.x and BoringSSL; types that are opaque are void.
struct Evp {
  void* (*new_context)() = nullptr;
  void (*free_context)(void*) = nullptr;
  int (*init)(void*, const void*, void*) = nullptr;
  int (*update)(void*, const void*, size_t) = nullptr;
  int (*final)(void*, unsigned char*, unsigned*) = nullptr;
  std::array<const void*, 3> kinds{};  ///< EVP_MD, by DigestKind
  bool is_whole() const { return new_context && free_context && init && update && final; }
};

template <typename Function>
void find(Function& function, const char* name) {
  function = reinterpret_cast<Function>(::dlsym(RTLD_DEFAULT, name));
}

/// EVP_MD_fetch() (OpenSSL 3) looks the code up once, and not again at each digest as EVP_md5() and
/// its like do (crypto(7)).
const void* find_kind(const char* fetched_name, const char* function_name) {
  void* (*fetch)(void*, const char*, const char*) = nullptr;
  find(fetch, "EVP_MD_fetch");
  if (fetch != nullptr) return fetch(nullptr, fetched_name, nullptr);
  const void* (*kind)() = nullptr;
  find(kind, function_name);
  return kind != nullptr ? kind() : nullptr;
}

std::string digest_by(const Evp& evp, const void* kind, std::string_view bytes) {
  std::array<unsigned char, 64> digest{};
  unsigned size = 0;
  void* const context = evp.new_context();
  const bool done = context != nullptr && evp.init(context, kind, nullptr) == 1 &&
                    evp.update(context, bytes.data(), bytes.size()) == 1 &&
                    evp.final(context, digest.data(), &size) == 1;
  evp.free_context(context);
  return done ? std::string(digest.begin(), digest.begin() + size) : std::string();
}

Evp find_evp() {
  Evp evp;
  find(evp.new_context, "EVP_MD_CTX_new");
  find(evp.free_context, "EVP_MD_CTX_free");
  find(evp.init, "EVP_DigestInit_ex");
  find(evp.update, "EVP_DigestUpdate");
  find(evp.final, "EVP_DigestFinal_ex");
  if (!evp.is_whole()) return evp;
  evp.kinds = {find_kind("MD5", "EVP_md5"), find_kind("SHA1", "EVP_sha1"),
               find_kind("SHA256", "EVP_sha256")};
  // A symbol of that name could be something else.
  for (const DigestKind each : {DigestKind::md5, DigestKind::sha1, DigestKind::sha256}) {
    const void*& kind = evp.kinds[static_cast<size_t>(each)];
    constexpr std::string_view kProbe = "abc";
    OwnDigest own(each);
    own.add(kProbe);
    if (kind != nullptr && digest_by(evp, kind, kProbe) != own.finish()) kind = nullptr;
  }
  return evp;
}

const Evp& evp() {
  static const Evp found = find_evp();
  return found;
}

}  // namespace

std::unique_ptr<OpensslDigest> OpensslDigest::start(DigestKind kind) {
  const void* const type = evp().kinds[static_cast<size_t>(kind)];
  if (type == nullptr) return nullptr;
  std::unique_ptr<OpensslDigest> digest(new OpensslDigest(evp().new_context(), kind));
  const bool is_started =
      digest->context_ != nullptr && evp().init(digest->context_, type, nullptr) == 1;
  return is_started ? std::move(digest) : nullptr;
}

OpensslDigest::~OpensslDigest() { evp().free_context(context_); }

void OpensslDigest::add(std::string_view bytes) {
  if (evp().update(context_, bytes.data(), bytes.size()) != 1) failed_ = true;
}

std::string OpensslDigest::finish() {
  std::string digest(digest_size(kind_), '\0');
  const bool done =
      evp().final(context_, reinterpret_cast<unsigned char*>(digest.data()), nullptr) == 1;
  return done && !failed_ ? digest : std::string();
}

}  // namespace auditql
