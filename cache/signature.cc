// SPDX-License-Identifier: MIT
#include "cache/signature.h"

#include <algorithm>

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "core/base/ecma_text.h"
#include "core/base/encoding.h"
#include "core/base/json.h"

namespace hod::cache {

namespace {

template <auto Free>
struct FreedBy {
  template <class T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using PublicKey = std::unique_ptr<EVP_PKEY, FreedBy<&EVP_PKEY_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, FreedBy<&EVP_MD_CTX_free>>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

PublicKey decode(const std::string& der) {
  const unsigned char* at = bytes_of(der);
  PublicKey key(d2i_PUBKEY(nullptr, &at, static_cast<long>(der.size())));
  char group[32] = {};
  const bool is_p256 = key && EVP_PKEY_get_base_id(key.get()) == EVP_PKEY_EC &&
                       EVP_PKEY_get_group_name(key.get(), group, sizeof group, nullptr) == 1 &&
                       std::string_view(group) == "prime256v1";
  return is_p256 ? std::move(key) : nullptr;
}

bool is_signed_by(EVP_PKEY* key, std::string_view message, const std::string& signature) {
  const std::optional<std::string> der = from_base64(signature);
  const DigestContext context(EVP_MD_CTX_new());
  return der && context &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), bytes_of(*der), der->size(), bytes_of(message),
                          message.size()) == 1;
}

tl::unexpected<Error> invalid(std::string what, std::string_view origin) {
  return failure(Error(ErrorCode::config_invalid, std::move(what)).at(std::string(origin)));
}

}  // namespace

Result<std::vector<SigningKey>> parse_signing_keys(std::string_view text, std::string_view origin) {
  HOD_TRY(const Json document, Json::parse(text, origin));
  const Json* list = document.find("keys");
  if (!list || !list->is_array()) return invalid("`keys` must be a list", origin);
  std::vector<SigningKey> keys;
  for (const Json& entry : list->elements()) {
    const std::string* id = entry.find_string("keyid");
    const std::string* key = entry.find_string("key");
    const std::string* kind = entry.find_string("keytype");
    if (kind && *kind != "ecdsa-sha2-nistp256") continue;
    const std::optional<std::string> der = key ? from_base64(*key) : std::nullopt;
    if (!id || !der) return invalid("a key wants `keyid` and `key` (base64)", origin);
    SigningKey& added = keys.emplace_back(SigningKey{*id, *der, 0});
    if (const std::string* day = entry.find_string("expires")) {
      const auto time = ecma_date(*day);
      if (!time) return invalid("`expires` of `" + *id + "` is no date", origin);
      added.expires = *time / 1000;
    }
  }
  return keys;
}

struct SignatureCheck::State {
  struct Known {
    std::string id;
    PublicKey key;
    std::int64_t expires = 0;
  };
  std::vector<Known> keys;
};

SignatureCheck::SignatureCheck(std::unique_ptr<State> state) : state_(std::move(state)) {}
SignatureCheck::SignatureCheck(SignatureCheck&&) noexcept = default;
SignatureCheck& SignatureCheck::operator=(SignatureCheck&&) noexcept = default;
SignatureCheck::~SignatureCheck() = default;

Result<SignatureCheck> SignatureCheck::make(const std::vector<SigningKey>& keys) {
  auto state = std::make_unique<State>();
  for (const SigningKey& key : keys) {
    PublicKey decoded = decode(key.der);
    if (!decoded) return invalid("`" + key.id + "` is no public key over P-256", "");
    state->keys.push_back({key.id, std::move(decoded), key.expires});
  }
  return SignatureCheck(std::move(state));
}

SignatureVerdict SignatureCheck::verify(std::string_view message,
                                        std::span<const DistSignature> signatures,
                                        std::int64_t published) const {
  SignatureVerdict verdict = SignatureVerdict::none;
  for (const DistSignature& signature : signatures) {
    const auto known =
        std::find_if(state_->keys.begin(), state_->keys.end(),
                     [&](const State::Known& key) { return key.id == signature.key_id; });
    if (known == state_->keys.end()) continue;
    if (!is_signed_by(known->key.get(), message, signature.signature)) {
      return SignatureVerdict::wrong;
    }
    const bool late = known->expires != 0 && published > known->expires;
    if (verdict != SignatureVerdict::good) {
      verdict = late ? SignatureVerdict::expired : SignatureVerdict::good;
    }
  }
  return verdict;
}

}  // namespace hod::cache
