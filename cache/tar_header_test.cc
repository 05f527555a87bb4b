// SPDX-License-Identifier: MIT
#include "cache/tar_header.h"

#include <cstring>

#include <doctest/doctest.h>

#include "cache/tarball_maker_test.h"

using namespace hod::cache;

namespace {

TarHeaderBlock block_of(const std::string& bytes) {
  TarHeaderBlock block;
  std::memcpy(block.data(), bytes.data(), kTarBlock);
  return block;
}

TarHeader named(const std::string& name) {
  TarHeader header;
  header.name = name;
  return header;
}

std::string plain(const TarHeader& from, const TarHeaderBlock::Plain& as) {
  std::string archive;
  block_of(tar_header(from)).append_plain(archive, as);
  return archive;
}

}  // namespace

TEST_CASE("T-TAR-09 a checksum is the unsigned sum, in octal; nothing else is one") {
  const std::string good = tar_header(named("package/\xc3\xa9"));
  CHECK(block_of(good).checksum_matches());
  CHECK_FALSE(block_of(std::string(kTarBlock, '\0')).checksum_matches());
  auto with_sum = [&](const std::string& text) {
    std::string bytes = good;
    bytes.replace(148, 8, (text + std::string(8, '\0')).substr(0, 8));
    return block_of(bytes).checksum_matches();
  };
  const std::string digits = good.substr(148, 6);
  CHECK(with_sum(digits));
  CHECK(with_sum("  " + digits));
  CHECK_FALSE(with_sum(digits + std::string("\0x", 2)));
  CHECK_FALSE(with_sum(""));
  CHECK_FALSE(with_sum("        "));
  // The sum of the bytes as signed ones: two of them are above 0x7f.
  CHECK_FALSE(with_sum(tar_octal(std::stoull(digits, nullptr, 8) - 512, 6)));
}

TEST_CASE("what a header says of names is read as far as kinds depend on it") {
  CHECK(block_of(tar_header(named("package/d/"))).named_like_folder());
  CHECK_FALSE(block_of(tar_header(named("package/d"))).named_like_folder());
  TarHeader only_prefix = named("");
  only_prefix.prefix = "package";
  CHECK(block_of(tar_header(only_prefix)).named_like_folder());
  only_prefix.magic = std::string("ustar  \0", 8);
  CHECK_FALSE(block_of(tar_header(only_prefix)).named_like_folder());
}

TEST_CASE("T-TAR-09 a plain header has names, kind, size and mode, and nothing else") {
  TarHeader rich = named("package/a");
  rich.mode = 06755;
  rich.raw_size = "  17 ";
  rich.link = "not for files";
  rich.prefix = "lib";
  TarHeader expected = named("package/a");
  expected.prefix = "lib";
  expected.mode = 0755;
  std::string made = plain(rich, {'0', 15, true, {}});
  CHECK(block_of(made).size() == 15);
  CHECK(block_of(made).checksum_matches());
  CHECK(block_of(made).executable());
  CHECK(block_of(made).link().empty());
  CHECK(made.substr(0, 108) == tar_header(expected).substr(0, 108));
  CHECK(made.substr(108, 16) == std::string(16, '\0'));  // owners
  CHECK(made.substr(136, 12) == std::string(12, '\0'));  // time
  CHECK(made.substr(265, 80) == std::string(80, '\0'));  // owners' names, device
  CHECK(made.substr(345, 167) == tar_header(expected).substr(345, 167));
}

TEST_CASE("what GNU's headers have in the prefix's place does not get into a plain header") {
  TarHeader gnu = named("package/a");
  gnu.magic = std::string("ustar  \0", 8);
  gnu.prefix = "12345";
  CHECK(plain(gnu, {}).substr(345, 155) == std::string(155, '\0'));
}

TEST_CASE("sizes up to the largest are written so that they are read again") {
  for (std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1} << 33, kMostTarSize}) {
    CHECK(block_of(plain(named("a"), {'0', size, false, {}})).size() == size);
  }
  CHECK(plain(named("a"), {'2', 0, false, "target"}).substr(157, 7) == std::string("target\0", 7));
  const std::string longest(200, 't');
  CHECK(plain(named("a"), {'2', 0, false, longest}).substr(157, 100) == longest.substr(0, 100));
}

TEST_CASE("a PAX record counts its own length, where that has one digit more too") {
  for (std::size_t length : {0U, 1U, 2U, 89U, 90U, 91U, 986U, 987U, 988U}) {
    std::string record;
    append_pax_record(record, "path", std::string(length, 'x'));
    CHECK(record == pax_record("path", std::string(length, 'x')));
    CHECK(record.starts_with(std::to_string(record.size()) + " "));
  }
  std::string archive;
  append_pax_header(archive, pax_record("path", "x"));
  CHECK(archive.size() == 2 * kTarBlock);
  CHECK(block_of(archive).type() == 'x');
}
