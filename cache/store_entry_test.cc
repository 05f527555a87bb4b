// SPDX-License-Identifier: MIT
#include "cache/store_entry.h"

#include <doctest/doctest.h>

#include "cache/unpack.h"

using namespace hod;
using namespace hod::cache;

namespace {

StoredPackage sample() {
  StoredPackage package;
  package.digest.bytes = std::string(64, '\x5a');
  package.manifest_name = "@scope/name";
  package.manifest_version = "1.2.3";
  package.has_install_script = true;
  package.skipped = {"symbolic link `a` to `b`", ""};
  std::int64_t fixed = kFileTime * 1'000'000'000;
  package.files = {{"a", true, 0, 1, fixed, 2},
                   {"lib/deep/file.js", false, std::uint64_t{1} << 40, ~std::uint64_t{0}, fixed,
                    ~std::uint64_t{0}},
                   {"lib/deep/file.ts", true, 127, 3, -1, 128},
                   {"package.json", false, 128, 4, fixed, 129}};
  return package;
}

bool same(const StoredPackage& a, const StoredPackage& b) {
  return encode_entry(a) == encode_entry(b);
}

}  // namespace

TEST_CASE("an entry comes back as it was written") {
  StoredPackage package = sample();
  std::optional<StoredPackage> back = decode_entry(encode_entry(package));
  REQUIRE(back.has_value());
  CHECK(same(*back, package));
  CHECK(back->digest == package.digest);
  CHECK(back->manifest_name == "@scope/name");
  CHECK(back->manifest_version == "1.2.3");
  CHECK(back->has_install_script);
  CHECK(back->skipped == package.skipped);
  REQUIRE(back->files.size() == 4);
  CHECK(back->files[1].path == "lib/deep/file.js");
  CHECK(back->files[1].size == std::uint64_t{1} << 40);
  CHECK(back->files[1].inode == ~std::uint64_t{0});
  CHECK(back->files[2].path == "lib/deep/file.ts");
  CHECK(back->files[2].executable);
  CHECK(back->files[2].mtime_ns == -1);
  CHECK(back->files[3].xxh3 == 4);
  StoredPackage empty;
  empty.digest.bytes = std::string(64, '\0');
  CHECK(decode_entry(encode_entry(empty)).has_value());
}

TEST_CASE("T-CACHE-10 every cut and every flipped bit of an entry is noticed") {
  std::string bytes = encode_entry(sample());
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    CHECK_FALSE(decode_entry(std::string_view(bytes).substr(0, length)).has_value());
  }
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    CHECK_FALSE(decode_entry(flipped).has_value());
  }
  CHECK_FALSE(decode_entry(bytes + "x").has_value());
}
