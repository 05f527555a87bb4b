// SPDX-License-Identifier: MIT
#include "cache/record_pack.h"

#include <cstring>

#include <doctest/doctest.h>

#include "cache/test_folder.h"

using namespace hod;
using namespace hod::cache;

namespace {
std::span<const std::byte> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}
std::string text_of(const std::optional<RecordPack::Block>& block) {
  if (!block) return "<nothing>";
  return {reinterpret_cast<const char*>(block->bytes.data()), block->bytes.size()};
}
}  // namespace

TEST_CASE("blocks come back aligned, also after the file has grown, and from another object") {
  TestFolder folder;
  RecordPack pack(folder.path());
  must(pack.start(1));
  RecordPack::Place a = must(pack.append(bytes_of("one")));
  RecordPack::Place b = must(pack.append(bytes_of("second block")));
  std::optional<RecordPack::Block> first = pack.read(a);
  CHECK(text_of(first) == "one");
  RecordPack::Place c = must(pack.append(bytes_of("third")));
  pack.finish();
  CHECK(text_of(pack.read(c)) == "third");
  CHECK(text_of(first) == "one");
  CHECK(reinterpret_cast<std::uintptr_t>(pack.read(b)->bytes.data()) % 8 == 0);
  RecordPack other(folder.path());
  CHECK(text_of(other.read(b)) == "second block");
}

TEST_CASE("places that the file does not have give nothing") {
  TestFolder folder;
  RecordPack pack(folder.path());
  CHECK(text_of(pack.read({1, 0, 1})) == "<nothing>");
  must(pack.start(1));
  must(pack.append(bytes_of("12345678")));
  CHECK(text_of(pack.read({1, 0, 8})) == "12345678");
  CHECK(text_of(pack.read({1, 0, 9})) == "<nothing>");
  CHECK(text_of(pack.read({1, 8, 1})) == "<nothing>");
  CHECK(text_of(pack.read({1, 4, 1})) == "<nothing>");
  CHECK(text_of(pack.read({1, 1 << 20, 1})) == "<nothing>");
  CHECK(text_of(pack.read({1, 8, ~std::uint64_t{0}})) == "<nothing>");
  CHECK(text_of(pack.read({2, 0, 8})) == "<nothing>");
}

TEST_CASE("a short block of a run that was stopped does not put later ones out of line") {
  TestFolder folder;
  RecordPack pack(folder.path());
  must(pack.start(1));
  must(pack.append(bytes_of("abc")));
  RecordPack later(folder.path());
  must(later.start(1));
  RecordPack::Place place = must(later.append(bytes_of("def")));
  CHECK(place.at == 8);
  CHECK(text_of(later.read(place)) == "def");
}

TEST_CASE("a removed file is still readable where it is mapped") {
  TestFolder folder;
  RecordPack pack(folder.path());
  must(pack.start(1));
  RecordPack::Place place = must(pack.append(bytes_of("x")));
  std::optional<RecordPack::Block> block = pack.read(place);
  pack.remove(1);
  CHECK(text_of(block) == "x");
  CHECK(text_of(RecordPack(folder.path()).read(place)) == "<nothing>");
}
