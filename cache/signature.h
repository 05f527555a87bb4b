// SPDX-License-Identifier: MIT
// Registry signatures (T-NET-16): ECDSA over P-256 and SHA-256 of "name@version:integrity", made
// with keys that the program knows and not the registry that serves the document. So a mirror that
// exchanges archive and digest together is found out.
//
// A verification takes some 70 µs, decoding the keys once 200 µs.
// Threads: any; verify() changes nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/model/package_metadata.h"

namespace hod::cache {

struct SigningKey {
  std::string id;            // "SHA256:" + base64 of the key's digest
  std::string der;           // SubjectPublicKeyInfo
  std::int64_t expires = 0;  // seconds since the epoch; 0: never
};

// The answer of a registry's route for keys: {"keys": [{"keyid", "key", "expires", …}]}. Keys of
// other kinds are passed over. Errors: json_invalid, config_invalid.
Result<std::vector<SigningKey>> parse_signing_keys(std::string_view text, std::string_view origin);

// What the build was given (HOD_SIGNING_KEYS), in that form.
std::string_view pinned_signing_keys();

enum class SignatureVerdict : std::uint8_t {
  good,
  none,     // none by a key that is known
  wrong,    // one by a known key is not of this text
  expired,  // the version was published after the key's last day
};

class SignatureCheck {
 public:
  // Error: config_invalid (a key that is no P-256 key).
  static Result<SignatureCheck> make(const std::vector<SigningKey>& keys);
  SignatureCheck(SignatureCheck&&) noexcept;
  SignatureCheck& operator=(SignatureCheck&&) noexcept;
  ~SignatureCheck();

  // `published`: seconds since the epoch, 0: unknown (then a key's last day cannot be held against
  // it). One good signature is not enough where another by a known key is wrong.
  SignatureVerdict verify(std::string_view message, std::span<const DistSignature> signatures,
                          std::int64_t published) const;

 private:
  struct State;
  explicit SignatureCheck(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace hod::cache
