// SPDX-License-Identifier: MIT
#include "cache/signature.h"

#include <doctest/doctest.h>

#include "core/base/encoding.h"
#include "tests/support/signed_package.h"

using namespace hod;
using namespace hod::cache;
using namespace hod::tests;

namespace {

SignatureCheck check_of(const std::string& keys) {
  return must(SignatureCheck::make(must(parse_signing_keys(keys, "keys"))));
}

std::string message_of(const SignedArchive& archive) {
  return "signed@" + std::string(archive.version) + ":" + archive.integrity;
}

std::vector<DistSignature> signed_by_us(const SignedArchive& archive) {
  return {{kSigningKeyId, archive.signature}};
}

constexpr std::int64_t kExpiry = 1'738'108'800;  // 2025-01-29

}  // namespace

TEST_CASE("T-NET-16 T-TRUST-01 a signature is of one name, version and digest") {
  const SignatureCheck check = check_of(signing_keys());
  for (const SignedArchive* archive : {&kSignedOld, &kSignedNew, &kSignedOther}) {
    CHECK(check.verify(message_of(*archive), signed_by_us(*archive), 0) == SignatureVerdict::good);
  }
  const std::string message = message_of(kSignedNew);
  CHECK(check.verify(message, signed_by_us(kSignedOther), 0) == SignatureVerdict::wrong);
  CHECK(check.verify(message, signed_by_us(kSignedOld), 0) == SignatureVerdict::wrong);
  CHECK(check.verify("other" + message, signed_by_us(kSignedNew), 0) == SignatureVerdict::wrong);
  CHECK(check.verify(message + "=", signed_by_us(kSignedNew), 0) == SignatureVerdict::wrong);
  std::string flipped = *from_base64(kSignedNew.signature);
  for (std::size_t i = 0; i < flipped.size(); ++i) {
    std::string bytes = flipped;
    bytes[i] = static_cast<char>(bytes[i] ^ 1);
    CHECK(check.verify(message, std::vector<DistSignature>{{kSigningKeyId, to_base64(bytes)}}, 0) !=
          SignatureVerdict::good);
  }
  for (const char* signature : {"", "AAAA", "no base64", "MEUCIQ=="}) {
    CHECK(check.verify(message, std::vector<DistSignature>{{kSigningKeyId, signature}}, 0) ==
          SignatureVerdict::wrong);
  }
}

TEST_CASE("T-NET-16 unknown keys count for nothing, a wrong signature by a known key decides") {
  const SignatureCheck check = check_of(signing_keys());
  const std::string message = message_of(kSignedNew);
  const DistSignature unknown{"SHA256:unknown", kSignedNew.signature};
  const DistSignature good{kSigningKeyId, kSignedNew.signature};
  const DistSignature wrong{kSigningKeyId, kSignedOld.signature};
  const auto verdict = [&](std::vector<DistSignature> signatures) {
    return check.verify(message, signatures, 0);
  };
  CHECK(verdict({}) == SignatureVerdict::none);
  CHECK(verdict({unknown}) == SignatureVerdict::none);
  CHECK(verdict({unknown, good}) == SignatureVerdict::good);
  CHECK(verdict({good, wrong}) == SignatureVerdict::wrong);
  CHECK(verdict({wrong, good}) == SignatureVerdict::wrong);
  CHECK(check_of(R"({"keys": []})").verify(message, std::vector{good}, 0) ==
        SignatureVerdict::none);
}

TEST_CASE("T-TRUST-01 a key signs nothing that was published after its last day") {
  const SignatureCheck check = check_of(signing_keys(R"("expires": "2025-01-29T00:00:00.000Z", )"));
  const auto verdict = [&](std::int64_t published) {
    return check.verify(message_of(kSignedNew), signed_by_us(kSignedNew), published);
  };
  CHECK(verdict(kExpiry - 1) == SignatureVerdict::good);
  CHECK(verdict(kExpiry) == SignatureVerdict::good);
  CHECK(verdict(kExpiry + 1) == SignatureVerdict::expired);
  CHECK(verdict(0) == SignatureVerdict::good);
}

TEST_CASE("files of keys: other kinds are passed over, nonsense is an error") {
  CHECK(
      must(parse_signing_keys(R"({"keys": [{"keytype": "ed25519", "keyid": "x"}]})", "k")).empty());
  CHECK(must(parse_signing_keys(signing_keys(R"("expires": null, )"), "k"))[0].expires == 0);
  for (const char* text :
       {"{}", "[]", R"({"keys": {}})", R"({"keys": [{}]})", R"({"keys": [{"keyid": "x"}]})",
        R"({"keys": [{"keyid": "x", "key": "?"}]})", "{"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_signing_keys(text, "k"));
  }
  CHECK_FALSE(parse_signing_keys(signing_keys(R"("expires": "soon", )"), "k"));
  const auto other_curve = parse_signing_keys(
      R"({"keys": [{"keyid": "x", "key": "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEKMRsDSFZx0VuzfhIJU114z1DDyP)"
      R"(AWQbwHFDaTOj4J4BhG+YFNTyNkq1HzhSF4671+l9Cpf+Z62k8H409qOIhiaPLvKYOgx1ZiMptBr6I9xImzRXMAnVLq0GN)"
      R"(EFgEq+1D"}]})",
      "k");
  REQUIRE(other_curve);
  CHECK_FALSE(SignatureCheck::make(*other_curve));
  CHECK_FALSE(SignatureCheck::make({{"x", "no key", 0}}));
}

TEST_CASE("the keys of this build can be used") {
  const auto keys = must(parse_signing_keys(pinned_signing_keys(), "build"));
  CHECK(must(SignatureCheck::make(keys)).verify("", {}, 0) == SignatureVerdict::none);
  for (const SigningKey& key : keys) CHECK(key.id.starts_with("SHA256:"));
}
