#include "core/model/integrity.h"

#include <doctest/doctest.h>

#include "core/base/encoding.h"

using namespace hod;

namespace {

const std::string kSha512 =
    "sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/"
    "SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7kxvUdBeoGlODJ6+SfaPg==";
const std::string kSha256 = "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
const std::string kSha1 = "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=";

std::string digest_of(const std::string& text) {
  const std::optional<IntegrityHash> hash = IntegrityHash::parse(text);
  REQUIRE(hash);
  const std::optional<std::string> digest = hash->digest();
  REQUIRE(digest);
  return *digest;
}

}  // namespace

TEST_CASE("an integrity string is a list of hashes with options") {
  const Integrity integrity = Integrity::parse("  " + kSha1 + "\n\t" + kSha512 + "?a?b ");
  REQUIRE(integrity.hashes().size() == 2);
  CHECK(integrity.hashes()[0].algorithm == DigestAlgorithm::sha1);
  CHECK(integrity.hashes()[1].options == std::vector<std::string>{"a", "b"});
  CHECK(integrity.text() == kSha512 + "?a?b " + kSha1);
  CHECK(integrity.text_as_written() == kSha1 + " " + kSha512 + "?a?b");
  CHECK(integrity.strict_text() == kSha512 + "?a?b");
}

TEST_CASE("T-LOCK-06 unknown and malformed hashes are ignored, never accepted") {
  for (const char* text : {"", "   ", "foo-eno=", "SHA512-abc", "sha3-256-abc", "sha512_abc",
                           "sha512", "sha512-", "sha512-?x", "-abc", "mdc2\1-abc"}) {
    CAPTURE(text);
    const Integrity integrity = Integrity::parse(text);
    CHECK(integrity.empty());
    CHECK(integrity.strongest() == nullptr);
    CHECK(integrity.text().empty());
    CHECK_FALSE(integrity.accepts(DigestAlgorithm::sha512, ""));
  }
}

TEST_CASE("T-LOCK-06 only the strongest algorithm counts, and all its values are alternatives") {
  const std::string other = "sha512-" + to_base64(std::string(64, 'x'));
  const Integrity integrity = Integrity::parse(kSha1 + " " + other + " " + kSha256 + " " + kSha512);
  REQUIRE(integrity.strongest());
  CHECK(integrity.strongest()->algorithm == DigestAlgorithm::sha512);
  CHECK(integrity.accepts(DigestAlgorithm::sha512, digest_of(kSha512)));
  CHECK(integrity.accepts(DigestAlgorithm::sha512, std::string(64, 'x')));
  CHECK_FALSE(integrity.accepts(DigestAlgorithm::sha512, std::string(64, 'y')));
  CHECK_FALSE(integrity.accepts(DigestAlgorithm::sha256, digest_of(kSha256)));
  CHECK_FALSE(integrity.accepts(DigestAlgorithm::sha1, digest_of(kSha1)));
}

TEST_CASE("T-LOCK-06 a damaged value of a strong algorithm does not let a weaker one count") {
  const Integrity integrity = Integrity::parse("sha512-asdf " + kSha1);
  REQUIRE(integrity.strongest());
  CHECK(integrity.strongest()->algorithm == DigestAlgorithm::sha512);
  CHECK_FALSE(integrity.strongest()->digest().has_value());
  CHECK_FALSE(integrity.accepts(DigestAlgorithm::sha1, digest_of(kSha1)));
}

TEST_CASE("two integrities match by the strongest algorithm that both have") {
  const Integrity both = Integrity::parse(kSha256 + " " + kSha512);
  REQUIRE(both.match(Integrity::parse(kSha256)));
  CHECK(both.match(Integrity::parse(kSha256))->algorithm == DigestAlgorithm::sha256);
  CHECK(both.match(Integrity::parse(kSha1 + " " + kSha512))->text() == kSha512);
  CHECK(both.match(Integrity::parse(kSha1)) == nullptr);
  CHECK(both.match(Integrity()) == nullptr);
  CHECK(both.match(Integrity::parse(kSha256 + " sha512-other")) == nullptr);
}

TEST_CASE("strict reading admits only whole strong digests") {
  CHECK(Integrity::parse(kSha512, StrictIntegrity::yes).text() == kSha512);
  CHECK(Integrity::parse(kSha1, StrictIntegrity::yes).empty());
  CHECK(Integrity::parse("sha512-asdf", StrictIntegrity::yes).empty());
  CHECK(Integrity::parse(kSha512 + "?caf\xC3\xA9", StrictIntegrity::yes).empty());
}

TEST_CASE("strict printing leaves out what is not standard") {
  const Integrity integrity =
      Integrity::parse(kSha256 + " " + kSha1 + " sha512-a-b " + kSha512 + " " + kSha512 + "?");
  CHECK(integrity.strict_text() == kSha512 + "  " + kSha256);
  CHECK(integrity.strict_text("|x\n") == kSha512 + " \n \n" + kSha256);
  CHECK(Integrity::parse(kSha1).strict_text().empty());
}

TEST_CASE("a shasum is forty hex digits") {
  CHECK(Integrity::of_shasum("da39a3ee5e6b4b0d3255bfef95601890afd80709").text() == kSha1);
  CHECK(Integrity::of_shasum("DA39A3EE5E6B4B0D3255BFEF95601890AFD80709").text() == kSha1);
  CHECK(Integrity::of_shasum("da39a3ee").empty());
  CHECK(Integrity::of_shasum("zz39a3ee5e6b4b0d3255bfef95601890afd80709").empty());
}

TEST_CASE("the content address is the SHA-512") {
  const std::optional<TarballDigest> digest =
      TarballDigest::of(Integrity::parse(kSha1 + " " + kSha512));
  REQUIRE(digest);
  CHECK(digest->hex().substr(0, 16) == "cf83e1357eefb8bd");
  CHECK_FALSE(TarballDigest::of(Integrity::parse(kSha256)).has_value());
  CHECK_FALSE(TarballDigest::of(Integrity::parse("sha512-asdf")).has_value());
}

TEST_CASE("T-RES-03 a long run of blanks or options is read in one pass") {
  const std::string long_text =
      kSha512 + std::string(1 << 20, ' ') + kSha1 + "?" + std::string(1 << 20, '?');
  CHECK(Integrity::parse(long_text).hashes().size() == 2);
}

TEST_CASE("algorithms have their names and sizes") {
  CHECK(algorithm_name(DigestAlgorithm::sha384) == "sha384");
  CHECK(digest_size(DigestAlgorithm::sha384) == 48);
  CHECK(parse_algorithm("md5") == DigestAlgorithm::md5);
  CHECK_FALSE(parse_algorithm("MD5").has_value());
  CHECK_FALSE(parse_algorithm("whirlpool").has_value());
}
