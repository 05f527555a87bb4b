// SPDX-License-Identifier: MIT
#include "cache/download_claims.h"

#include <doctest/doctest.h>

#include "cache/test_folder.h"

using namespace hod;
using namespace hod::cache;

namespace {
TarballDigest digest_of_byte(char byte) { return {std::string(64, byte)}; }
}  // namespace

TEST_CASE("a package is claimed by one at a time, others are free") {
  TestFolder folder;
  DownloadClaims first(folder.path("lock"));
  DownloadClaims second(folder.path("lock"));
  CHECK(first.take(digest_of_byte('a')));
  CHECK_FALSE(second.take(digest_of_byte('a')));
  CHECK(second.take(digest_of_byte('b')));
  CHECK_FALSE(first.take(digest_of_byte('b')));
  first.give_back(digest_of_byte('a'));
  CHECK(second.take(digest_of_byte('a')));
}

TEST_CASE("a claim taken twice by one holds until it is given back twice") {
  TestFolder folder;
  DownloadClaims first(folder.path("lock"));
  DownloadClaims second(folder.path("lock"));
  CHECK(first.take(digest_of_byte('a')));
  CHECK(first.take(digest_of_byte('a')));
  first.give_back(digest_of_byte('a'));
  CHECK_FALSE(second.take(digest_of_byte('a')));
  first.give_back(digest_of_byte('a'));
  first.give_back(digest_of_byte('a'));  // once too often is harmless
  CHECK(second.take(digest_of_byte('a')));
}

TEST_CASE("claims end with their holder") {
  TestFolder folder;
  DownloadClaims second(folder.path("lock"));
  {
    DownloadClaims first(folder.path("lock"));
    CHECK(first.take(digest_of_byte('a')));
    CHECK_FALSE(second.take(digest_of_byte('a')));
  }
  CHECK(second.take(digest_of_byte('a')));
}

TEST_CASE("where no lock can be made everybody goes on") {
  TestFolder folder;
  DownloadClaims claims(folder.path("absent/lock"));
  CHECK(claims.take(digest_of_byte('a')));
  claims.give_back(digest_of_byte('a'));
}
