// SPDX-License-Identifier: MIT
#include "cache/hash.h"

#include <doctest/doctest.h>

#include "core/base/encoding.h"

using namespace hod;
using namespace hod::cache;

namespace {
std::span<const std::byte> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
}  // namespace

TEST_CASE("digests are the published ones of FIPS 180 and RFC 1321") {
  struct Row {
    DigestAlgorithm algorithm;
    const char* hex;
  };
  for (const Row& row : {Row{DigestAlgorithm::md5, "900150983cd24fb0d6963f7d28e17f72"},
                         Row{DigestAlgorithm::sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"},
                         Row{DigestAlgorithm::sha256,
                             "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
                         Row{DigestAlgorithm::sha384,
                             "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                             "8086072ba1e7cc2358baeca134c825a7"},
                         Row{DigestAlgorithm::sha512,
                             "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                             "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"}}) {
    CHECK(to_hex(digest_of(row.algorithm, "abc")) == row.hex);
  }
}

TEST_CASE("a stream in pieces has the digests of the whole") {
  const DigestAlgorithm algorithms[] = {DigestAlgorithm::sha512, DigestAlgorithm::sha1};
  Hasher hasher(algorithms);
  std::string all;
  for (std::size_t size : {0U, 1U, 127U, 128U, 1000U, 65536U}) {
    std::string piece(size, static_cast<char>('a' + size % 26));
    hasher.update(bytes_of(piece));
    all += piece;
  }
  std::vector<std::string> digests = hasher.finish();
  REQUIRE(digests.size() == 2);
  CHECK(digests[0] == digest_of(DigestAlgorithm::sha512, all));
  CHECK(digests[1] == digest_of(DigestAlgorithm::sha1, all));

  Xxh3 sum;
  sum.update(bytes_of(std::string_view(all).substr(0, 100)));
  sum.update(bytes_of(std::string_view(all).substr(100)));
  CHECK(sum.value() == xxh3(bytes_of(all)));
  CHECK(sum.value() != xxh3(bytes_of("x")));
  sum.reset();
  CHECK(sum.value() == xxh3({}));
}

TEST_CASE("integrity is checked by the strongest algorithm, and every value of it counts") {
  std::string good =
      Integrity::of(DigestAlgorithm::sha512, digest_of(DigestAlgorithm::sha512, "x")).text();
  std::string other =
      Integrity::of(DigestAlgorithm::sha512, digest_of(DigestAlgorithm::sha512, "y")).text();
  std::string weak =
      Integrity::of(DigestAlgorithm::sha1, digest_of(DigestAlgorithm::sha1, "x")).text();
  CHECK(check_integrity(Integrity::parse(good), "x").has_value());
  CHECK(check_integrity(Integrity::parse(other + " " + good), "x").has_value());
  CHECK(check_integrity(Integrity::parse(weak), "x").has_value());

  Result<void> wrong = check_integrity(Integrity::parse(weak + " " + other), "x");
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().code() == ErrorCode::integrity_mismatch);
  CHECK(wrong.error().text().find(good) != std::string::npos);

  Result<void> none = check_integrity(Integrity::parse(""), "x");
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().code() == ErrorCode::integrity_missing);
}
