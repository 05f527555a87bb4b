// SPDX-License-Identifier: MIT
// Digests over OpenSSL's EVP interface, and XXH3.
//
// Each EVP_MD is fetched once per process: looking it up by name for every digest costs more than
// hashing a small file. OpenSSL is told not to read its configuration file: we use plain digests
// only, and a file of the system must not change what a digest costs or whether it exists.
#include "cache/hash.h"

#include <array>
#include <utility>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <xxhash.h>

namespace hod::cache {

namespace {

struct ContextFree {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_MD_CTX, ContextFree>;

constexpr std::size_t kAlgorithms = 6;
// In the order of DigestAlgorithm.
constexpr std::array<const char*, kAlgorithms> kOpenSslNames = {"MD5",    "SHA1",   "SHA224",
                                                                "SHA256", "SHA384", "SHA512"};

const EVP_MD* algorithm_of(DigestAlgorithm algorithm) {
  static const std::array<EVP_MD*, kAlgorithms> fetched = [] {
    HOD_ASSERT(OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr) == 1);
    std::array<EVP_MD*, kAlgorithms> all{};
    for (std::size_t i = 0; i < kAlgorithms; ++i) {
      all[i] = EVP_MD_fetch(nullptr, kOpenSslNames[i], nullptr);
    }
    return all;  // never freed: they live as long as the process
  }();
  const EVP_MD* found = fetched[static_cast<std::size_t>(algorithm)];
  HOD_ASSERT(found != nullptr);
  return found;
}

Context start(DigestAlgorithm algorithm) {
  Context context(EVP_MD_CTX_new());
  HOD_ASSERT(context != nullptr);
  HOD_ASSERT(EVP_DigestInit_ex2(context.get(), algorithm_of(algorithm), nullptr) == 1);
  return context;
}

}  // namespace

struct Hasher::State {
  std::vector<Context> contexts;
};

Hasher::Hasher(std::span<const DigestAlgorithm> algorithms) : state_(std::make_unique<State>()) {
  for (DigestAlgorithm algorithm : algorithms) state_->contexts.push_back(start(algorithm));
}

Hasher::Hasher(Hasher&&) noexcept = default;
Hasher& Hasher::operator=(Hasher&&) noexcept = default;
Hasher::~Hasher() = default;

void Hasher::update(std::span<const std::byte> bytes) {
  for (const Context& context : state_->contexts) {
    HOD_ASSERT(EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1);
  }
}

std::vector<std::string> Hasher::finish() {
  std::vector<std::string> digests;
  for (const Context& context : state_->contexts) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    HOD_ASSERT(EVP_DigestFinal_ex(context.get(), digest.data(), &size) == 1);
    digests.emplace_back(reinterpret_cast<const char*>(digest.data()), size);
  }
  state_->contexts.clear();
  return digests;
}

std::string digest_of(DigestAlgorithm algorithm, std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  HOD_ASSERT(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, algorithm_of(algorithm),
                        nullptr) == 1);
  return {reinterpret_cast<const char*>(digest.data()), size};
}

std::uint64_t xxh3(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

struct Xxh3::State {
  XXH3_state_t* state = XXH3_createState();
  ~State() { XXH3_freeState(state); }
};

Xxh3::Xxh3() : state_(std::make_unique<State>()) {
  HOD_ASSERT(state_->state != nullptr);
  XXH3_64bits_reset(state_->state);
}
Xxh3::Xxh3(Xxh3&&) noexcept = default;
Xxh3& Xxh3::operator=(Xxh3&&) noexcept = default;
Xxh3::~Xxh3() = default;
void Xxh3::update(std::span<const std::byte> bytes) {
  XXH3_64bits_update(state_->state, bytes.data(), bytes.size());
}
std::uint64_t Xxh3::value() const { return XXH3_64bits_digest(state_->state); }
void Xxh3::reset() { XXH3_64bits_reset(state_->state); }

Error integrity_error(const Integrity& expected, DigestAlgorithm algorithm,
                      std::string_view digest) {
  std::string got = Integrity::of(algorithm, digest).text();
  return Error(ErrorCode::integrity_mismatch, "the bytes are not what the checksum promises")
      .detail("expected " + expected.text())
      .detail("got " + got);
}

Result<void> check_integrity(const Integrity& expected, std::string_view bytes) {
  const IntegrityHash* strongest = expected.strongest();
  if (strongest == nullptr) {
    return failure(ErrorCode::integrity_missing, "there is no checksum to hold the bytes against");
  }
  std::string digest = digest_of(strongest->algorithm, bytes);
  if (expected.accepts(strongest->algorithm, digest)) return {};
  return failure(integrity_error(expected, strongest->algorithm, digest));
}

}  // namespace hod::cache
