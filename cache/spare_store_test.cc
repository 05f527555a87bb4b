// SPDX-License-Identifier: MIT
#include "cache/spare_store.h"

#include <doctest/doctest.h>

namespace hod::cache {

namespace {

TreeShape shape_of(const std::string& identity) {
  TreeShape shape;
  shape.packages.push_back({"node_modules/a", 0, identity, false, {}});
  shape.links.push_back({"node_modules/b", "../b"});
  return shape;
}

const std::vector<TreeItem> kItems{{TreeEntry::package, 0, 0}, {TreeEntry::link, 0, 0}};

}  // namespace

TEST_CASE("a record says again what was written, and a damaged one nothing") {
  SpareRecord record;
  record.files = 42700;
  record.folders = 5400;
  record.bytes = std::uint64_t{1} << 40;
  record.made_at = 1'700'000'000;
  record.copies = true;
  record.boot_id = "1234-56";
  const std::string text = encode_record(record);
  const auto read = decode_record(text);
  REQUIRE(read);
  CHECK(encode_record(*read) == text);
  CHECK_FALSE(decode_record(text.substr(0, text.find("boot"))));
  CHECK_FALSE(decode_record("files many\n" + text));
  CHECK_FALSE(decode_record(""));
}

TEST_CASE("a spare's name tells what is in it, where it stands and what links lead to") {
  const auto key = spare_key(shape_of("x"), kItems);
  REQUIRE(key);
  CHECK(key->size() == 32);
  CHECK(key == spare_key(shape_of("x"), kItems));
  CHECK(key != spare_key(shape_of("y"), kItems));
  TreeShape moved = shape_of("x");
  moved.packages[0].path = "node_modules/c";
  CHECK(key != spare_key(moved, kItems));
  TreeShape led = shape_of("x");
  led.links[0].target = "../c";
  CHECK(key != spare_key(led, kItems));
  TreeShape own = shape_of("x");
  own.packages[0].copied = true;
  CHECK_FALSE(spare_key(own, kItems));
}

}  // namespace hod::cache
