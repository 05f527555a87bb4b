// Subresource integrity strings, as the npm package `ssri` reads them. Digests are computed in
// cache/hash.cc; here they are only values.
//
// Strongest first: sha512, sha384, sha256, sha224, sha1, md5. Only the strongest algorithm present
// counts; all its values are alternatives; unknown algorithms are ignored, never accepted
// (T-LOCK-06). A value that is no digest of its algorithm (wrong length, no base64) stays in the
// list and matches nothing: dropping it would let a weaker one count. Threads: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace hod {

enum class DigestAlgorithm : std::uint8_t {
  md5,
  sha1,
  sha224,
  sha256,
  sha384,
  sha512
};  // weakest to strongest
std::string_view algorithm_name(DigestAlgorithm algorithm);
std::optional<DigestAlgorithm> parse_algorithm(std::string_view name);  // lower case only
std::size_t digest_size(DigestAlgorithm algorithm);                     // bytes

// ssri's `strict`: only sha512, sha384 and sha256, only base64, only printable options.
enum class StrictIntegrity : std::uint8_t { no, yes };

struct IntegrityHash {
  DigestAlgorithm algorithm;
  std::string base64;                // the digest as written; compared as text, as ssri does
  std::vector<std::string> options;  // after each `?`

  // One hash. Nothing when malformed or of an unknown algorithm. Blanks around are ignored.
  static std::optional<IntegrityHash> parse(std::string_view text,
                                            StrictIntegrity strict = StrictIntegrity::no);

  std::optional<std::string> digest()
      const;                 // raw bytes; nothing unless it is a whole digest of its algorithm
  std::string text() const;  // "sha512-<base64>?<option>"
  friend bool operator==(const IntegrityHash&, const IntegrityHash&) = default;
};

class Integrity {
 public:
  // Never fails: unknown or malformed parts are dropped; the result may be empty.
  static Integrity parse(std::string_view text, StrictIntegrity strict = StrictIntegrity::no);
  static Integrity of(DigestAlgorithm algorithm, std::string_view digest_bytes);
  // The registry's old `dist.shasum`: 40 hex digits; empty if malformed.
  static Integrity of_shasum(std::string_view hex);

  void add(IntegrityHash hash) { hashes_.push_back(std::move(hash)); }

  bool empty() const { return hashes_.empty(); }
  const std::vector<IntegrityHash>& hashes() const { return hashes_; }  // as written
  // The first one of the strongest algorithm present; null when empty.
  const IntegrityHash* strongest() const;
  // Is `digest_bytes` one of the strongest algorithm's values? False when `algorithm` is not the
  // strongest one.
  bool accepts(DigestAlgorithm algorithm, std::string_view digest_bytes) const;
  // The first of our hashes that `other` has too, of the strongest algorithm of `other` that we
  // know as well; else null.
  const IntegrityHash* match(const Integrity& other) const;

  std::string text() const;  // strongest first, joined by blanks
  // ssri's toString: one algorithm's hashes together, in the order in which the algorithms first
  // came.
  std::string text_as_written(std::string_view separator = " ") const;
  // ssri's strict toString: strongest first, only what StrictIntegrity::yes admits.
  std::string strict_text(std::string_view separator = " ") const;

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
