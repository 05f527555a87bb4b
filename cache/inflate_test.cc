// SPDX-License-Identifier: MIT
#include "cache/inflate.h"

#include <random>

#include <doctest/doctest.h>

#include "cache/piece_source_test.h"
#include "cache/tarball_maker_test.h"
#include "cache/test_folder.h"
#include "core/base/io.h"

using namespace hod;
using namespace hod::cache;

namespace {

std::string text_of(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string sample(std::size_t size) {
  std::mt19937 random(static_cast<unsigned>(size));
  std::string text;
  while (text.size() < size) text += "word" + std::to_string(random() % 1000) + "\n";
  text.resize(size);
  return text;
}

Result<std::string> streamed(std::string_view packed, std::size_t piece) {
  PieceSource source(packed, piece);
  GunzipSource gunzipped(source);
  std::string out;
  for (;;) {
    HOD_TRY(ByteSpan next, gunzipped.next());
    if (next.empty()) return out;
    out += text_of(next);
  }
}

// Both ways, which must agree; "<error>" for an error.
std::string inflated(const std::string& packed) {
  constexpr std::size_t kLimit = std::size_t{8} << 20;
  Result<std::optional<ByteSpan>> whole = gunzip(bytes_of(packed), kLimit);
  std::string expected = whole && *whole ? text_of(**whole) : "<error>";
  for (std::size_t piece : {1U, 7U, 4096U, 1U << 20}) {
    if (piece == 1 && packed.size() > 10'000) continue;
    Result<std::string> other = streamed(packed, piece);
    CHECK((other ? *other : "<error>") == expected);
  }
  return expected;
}

}  // namespace

TEST_CASE("gzip is inflated whole and as a stream alike") {
  for (std::size_t size : {0U, 1U, 100U, 65'535U, 65'536U, 300'000U, 3'000'000U}) {
    CAPTURE(size);
    std::string text = sample(size);
    CHECK(inflated(gzipped(text)) == text);
  }
}

TEST_CASE("a wrong or missing length in the trailer is no reason to take much memory") {
  std::string packed = gzipped(std::string(200'000, 'x'));
  packed.replace(packed.size() - 4, 4, "\xff\xff\xff\x7f");
  CHECK(inflated(packed) == "<error>");
}

TEST_CASE("T-TAR-11 several members are one stream, zero bytes may follow, other bytes may not") {
  std::string a = sample(1000), b = sample(70'000);
  std::string both = gzipped(a) + gzipped(b);
  CHECK(inflated(both) == a + b);
  CHECK(inflated(both + std::string(700, '\0')) == a + b);
  CHECK(inflated(both + "garbage") == "<error>");
  CHECK(inflated(both + std::string(700, '\0') + "x") == "<error>");
  CHECK(inflated(both + "\x1f") == "<error>");
  CHECK(inflated(both + "\x1f\x8b") == "<error>");
}

TEST_CASE("T-TAR-11 every cut and every flipped byte is an error, never short data") {
  std::string text = sample(2000);
  std::string packed = gzipped(text);
  for (std::size_t length = 0; length < packed.size(); ++length) {
    if (inflated(packed.substr(0, length)) != "<error>") {
      CAPTURE(length);
      FAIL("cut data was accepted");
    }
  }
  for (std::size_t at = 0; at < packed.size(); ++at) {
    std::string flipped = packed;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x40);
    std::string got = inflated(flipped);
    // Time, system and flags of the header say nothing about the data.
    if (got != "<error>" && got != text) {
      CAPTURE(at);
      FAIL("changed data was accepted");
    }
  }
}

TEST_CASE("more than the limit is left to streaming") {
  std::string text = sample(500'000);
  std::string packed = gzipped(text);
  Result<std::optional<ByteSpan>> exact = gunzip(bytes_of(packed), text.size());
  REQUIRE(exact.has_value());
  CHECK(exact->has_value());
  Result<std::optional<ByteSpan>> less = gunzip(bytes_of(packed), text.size() - 1);
  REQUIRE(less.has_value());
  CHECK_FALSE(less->has_value());
  CHECK(must(streamed(packed, 100)) == text);
}

TEST_CASE("what a large result needed is given back, and can be had again") {
  std::string text = sample(9'000'000);
  std::string packed = gzipped(text);
  CHECK(claimed_size(bytes_of(packed)) == text.size());
  for (int round = 0; round < 2; ++round) {
    std::optional<ByteSpan> whole = must(gunzip(bytes_of(packed), text.size()));
    REQUIRE(whole.has_value());
    CHECK(text_of(*whole) == text);
    release_gunzip_buffer();
  }
}

TEST_CASE("a claimed size that DEFLATE could not reach is not believed") {
  std::string packed = gzipped("short");
  packed.replace(packed.size() - 4, 4, "\xff\xff\xff\x7f");
  CHECK(claimed_size(bytes_of(packed)) <= packed.size() * 1032);
  CHECK(claimed_size(bytes_of("")) == 0);
}

TEST_CASE("a file is read in pieces") {
  TestFolder folder;
  std::string text = sample(600'000);
  must(write_file_atomic(folder.path("x"), text, Durable::no));
  Fd fd(io::open(folder.path("x").c_str(), O_RDONLY));
  FileSource source(fd, folder.path("x"));
  std::string read;
  for (;;) {
    ByteSpan piece = must(source.next());
    if (piece.empty()) break;
    read += text_of(piece);
  }
  CHECK(read == text);
}
