// SPDX-License-Identifier: MIT
#include "cache/tar_guard.h"

#include <doctest/doctest.h>

#include "cache/piece_source_test.h"
#include "cache/tarball_maker_test.h"

using namespace hod;
using namespace hod::cache;

namespace {

// All of the plain archive, or the error's name.
std::string guarded(const std::string& tar, std::size_t piece) {
  PieceSource source(tar, piece);
  TarGuard guard(source, 1000);
  std::string all;
  for (;;) {
    Result<ByteSpan> part = guard.next();
    if (!part) return std::string(error_name(part.error().code()));
    if (part->empty()) return all;
    all.append(reinterpret_cast<const char*>(part->data()), part->size());
  }
}

std::string guarded(const std::string& tar) {
  std::string whole = guarded(tar, tar.size() + 1);
  for (std::size_t piece : {1U, 100U, 512U, 513U}) CHECK(guarded(tar, piece) == whole);
  return whole;
}

// What a plain archive looks like: headers as TarHeaderBlock writes them.
std::string plain(const std::string& name, char type = '0', const std::string& data = "",
                  const std::string& link = "") {
  TarHeader header;
  header.name = name;
  TarHeaderBlock block;
  std::memcpy(block.data(), tar_header(header).data(), kTarBlock);
  std::string archive;
  block.append_plain(archive, {type, data.size(), false, link});
  return archive + tar_padded(data);
}

std::string plain_pax(const std::string& records) {
  std::string archive;
  append_pax_header(archive, pax_record("hdrcharset", "BINARY") + records);
  return archive;
}

const std::string kB = plain("package/b", '0', "y");
std::string file_b() { return tar_file("package/b", "y"); }
std::string other(const std::string& name, char type, const std::string& data) {
  TarHeader header;
  header.name = name;
  header.type = type;
  header.link = "target";
  return tar_entry(header, data);
}

}  // namespace

TEST_CASE("T-TAR-13 an archive becomes plain: one way of writing for each entry") {
  CHECK(guarded("") == tar_end());
  CHECK(guarded(file_b()) == kB + tar_end());
  CHECK(guarded(plain("package/b", '0', "y") + tar_end()) == kB + tar_end());
  TarHeader old;
  old.name = "package/b";
  old.type = '\0';
  old.magic = std::string(8, '\0');
  old.raw_size = "   1 ";
  old.raw_mode = "zzz";
  CHECK(guarded(tar_entry(old, "y") + tar_end() + "what follows") == kB + tar_end());
}

TEST_CASE("a lone zero block does not go on, nor do headers that speak about all files") {
  CHECK(guarded(file_b() + std::string(512, '\0') + file_b()) == kB + kB + tar_end());
  CHECK(guarded(tar_pax(pax_record("comment", "x"), 'g') + file_b()) == kB + tar_end());
}

TEST_CASE("T-TAR-13 of PAX headers only a path and a link's target go on") {
  CHECK(guarded(tar_pax(pax_record("SCHILY.acl.access", "user::rwx") +
                        pax_record("SCHILY.xattr.user.x", "y") +
                        pax_record("LIBARCHIVE.xattr.x", "eQ") + pax_record("mtime", "1.5")) +
                file_b()) == kB + tar_end());
  CHECK(guarded(tar_pax(pax_record("path", "package/long") + pax_record("linkpath", "t")) +
                file_b()) == plain_pax(pax_record("path", "package/long")) + kB + tar_end());
}

TEST_CASE("the last name of an entry counts, however it is written") {
  const std::string long_name = plain_pax(pax_record("path", "package/2")) + kB + tar_end();
  CHECK(guarded(tar_pax(pax_record("path", "package/1")) +
                tar_pax(pax_record("path", "package/2")) + file_b()) == long_name);
  CHECK(guarded(tar_pax(pax_record("path", "package/1")) + tar_long_name("package/2") + file_b()) ==
        long_name);
  CHECK(guarded(tar_long_name("package/1") + tar_pax(pax_record("path", "package/2")) + file_b()) ==
        long_name);
  CHECK(guarded(tar_long_name("package/2") + tar_pax(pax_record("comment", "x")) + file_b()) ==
        long_name);
}

TEST_CASE("T-TAR-09 the size that counts is in the header that goes on, also from all files'") {
  TarHeader five;
  five.name = "package/a";
  const std::string expected = plain("package/a", '0', "hello") + tar_end();
  CHECK(guarded(tar_pax(pax_record("size", "5")) + tar_header(five) + tar_padded("hello")) ==
        expected);
  CHECK(guarded(tar_pax(pax_record("size", "5"), 'g') + tar_header(five) + tar_padded("hello")) ==
        expected);
}

TEST_CASE("T-TAR-03 T-TAR-04 T-TAR-05 of what is no file the data does not go on") {
  CHECK(guarded(other("package/l", '2', "data") + file_b()) ==
        plain("package/l", '2', "", "target") + kB + tar_end());
  CHECK(guarded(other("package/l", '1', std::string(600, 'x')) + file_b()) ==
        plain("package/l", '1', "", "target") + kB + tar_end());
  for (char type : {'3', '4', '6', 'A', 'V', 'S', 'Z'}) {
    CHECK(guarded(other("package/l", type, "data") + file_b()) ==
          plain("package/l") + kB + tar_end());
  }
  CHECK(guarded(other("package/d", 'D', "data") + file_b()) ==
        plain("package/d", '5') + kB + tar_end());
}

TEST_CASE("T-TAR-09 a path with a zero byte is refused, however it is written") {
  CHECK(guarded(tar_pax(pax_record("path", std::string("a\0b", 3))) + file_b()) ==
        "ARCHIVE_INVALID");
  CHECK(guarded(tar_long_name(std::string("package/2\0b", 11)) + file_b()) ==
        plain_pax(pax_record("path", "package/2")) + kB + tar_end());
}
