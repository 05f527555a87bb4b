// Digests: OpenSSL's for integrity, XXH3 for accidents (never for security).
// Threads: any; objects are not shared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/integrity.h"

namespace hod::cache {

// Several digests of one stream at once.
class Hasher {
 public:
  explicit Hasher(std::span<const DigestAlgorithm> algorithms);
  Hasher(Hasher&&) noexcept;
  Hasher& operator=(Hasher&&) noexcept;
  ~Hasher();
  void update(std::span<const std::byte> bytes);
  std::vector<std::string> finish();  // raw digests in the order of the constructor's list; once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string digest_of(DigestAlgorithm algorithm, std::string_view bytes);  // raw
std::uint64_t xxh3(std::span<const std::byte> bytes);

// xxh3() of a stream.
class Xxh3 {
 public:
  Xxh3();
  Xxh3(Xxh3&&) noexcept;
  Xxh3& operator=(Xxh3&&) noexcept;
  ~Xxh3();
  void update(std::span<const std::byte> bytes);
  std::uint64_t value() const;
  void reset();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Does `bytes` match? Error: integrity_mismatch (expected and got in the details),
// integrity_missing when `expected` is empty.
Result<void> check_integrity(const Integrity& expected, std::string_view bytes);

// The Error for a digest that is not among `expected`.
Error integrity_error(const Integrity& expected, DigestAlgorithm algorithm,
                      std::string_view digest);

}  // namespace hod::cache
