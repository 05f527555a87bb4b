// Subresource integrity strings, as the npm package `ssri` reads them. Digests are computed in cache/hash.cc; here they
// are only values.
//
// Strongest first: sha512, sha384, sha256, sha1, md5. Only the strongest algorithm present counts; all its values are
// alternatives; unknown algorithms are ignored, never accepted (T-LOCK-06).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace hod {

enum class DigestAlgorithm : std::uint8_t { md5, sha1, sha256, sha384, sha512 };  // weakest to strongest
std::string_view algorithm_name(DigestAlgorithm algorithm);
std::optional<DigestAlgorithm> parse_algorithm(std::string_view name);
std::size_t digest_size(DigestAlgorithm algorithm);  // bytes

struct IntegrityHash {
  DigestAlgorithm algorithm;
  std::string digest;                // raw bytes
  std::vector<std::string> options;  // after `?`
  std::string text() const;          // "sha512-<base64>"
  friend bool operator==(const IntegrityHash&, const IntegrityHash&) = default;
};

class Integrity {
 public:
  // Never fails: unknown or malformed parts are dropped; the result may be empty.
  static Integrity parse(std::string_view text);
  static Integrity of(DigestAlgorithm algorithm, std::string_view digest_bytes);
  // The registry's old `dist.shasum`: 40 hex digits; empty if malformed.
  static Integrity of_shasum(std::string_view hex);

  bool empty() const { return hashes_.empty(); }
  const std::vector<IntegrityHash>& hashes() const { return hashes_; }
  // Of the strongest algorithm present; null when empty.
  const IntegrityHash* strongest() const;
  // Is `digest` (of strongest()->algorithm) one of the strongest algorithm's values?
  bool accepts(DigestAlgorithm algorithm, std::string_view digest_bytes) const;
  std::string text() const;  // strongest first, joined by blanks

  friend bool operator==(const Integrity&, const Integrity&) = default;

 private:
  std::vector<IntegrityHash> hashes_;
};

// The content address of a package: SHA-512 of its tarball, raw 64 bytes.
struct TarballDigest {
  std::string bytes;
  // From an integrity that has a SHA-512; nothing otherwise.
  static std::optional<TarballDigest> of(const Integrity& integrity);
  std::string hex() const;
  friend auto operator<=>(const TarballDigest&, const TarballDigest&) = default;
};

}  // namespace hod
