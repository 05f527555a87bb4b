// SPDX-License-Identifier: MIT
#include "cache/tar_reader.h"

#include <random>
#include <vector>

#include <archive.h>
#include <archive_entry.h>
#include <doctest/doctest.h>

#include "cache/piece_source_test.h"
#include "cache/tarball_maker_test.h"

using namespace hod;
using namespace hod::cache;

namespace {

using Lines = std::vector<std::string>;

// One line an entry: "file package/a.js 644 hello", or the error's name last.
Lines read_by(ByteSource& source, std::uint64_t most_entries) {
  TarReader reader(source, most_entries);
  Lines lines;
  for (;;) {
    Result<std::optional<TarEntry>> entry = reader.next();
    if (!entry) {
      lines.push_back("<" + std::string(error_name(entry.error().code())) + ">");
      return lines;
    }
    if (!*entry) return lines;
    const TarEntry& e = **entry;
    if (e.kind == TarEntry::Kind::folder) {
      lines.push_back("folder " + e.path);
      continue;
    }
    if (e.kind == TarEntry::Kind::other) {
      lines.push_back(std::string(e.other_kind) + " " + e.path +
                      (e.target.empty() ? "" : " -> " + e.target));
      continue;
    }
    std::string data;
    bool short_data = false;
    for (;;) {
      Result<ByteSpan> piece = reader.data();
      short_data = !piece;
      if (!piece || piece->empty()) break;
      data.append(reinterpret_cast<const char*>(piece->data()), piece->size());
    }
    lines.push_back("file " + e.path + (e.executable ? " 755 " : " 644 ") +
                    (short_data ? "<short>" : data));
  }
}

Lines read(const std::string& tar, std::uint64_t most_entries = 1000) {
  PieceSource whole(tar, tar.size() + 1);
  Lines lines = read_by(whole, most_entries);
  for (std::size_t piece : {1U, 100U, 512U, 513U}) {
    PieceSource parts(tar, piece);
    CHECK(read_by(parts, most_entries) == lines);
  }
  return lines;
}

const std::string kInvalid = "<ARCHIVE_INVALID>";
const std::string kB = "file package/b 644 y";
std::string file_b() { return tar_file("package/b", "y"); }

std::string base256(std::uint64_t value) {
  std::string field(12, '\0');
  field[0] = static_cast<char>(0x80);
  for (std::size_t i = 11; i > 3; --i, value >>= 8) field[i] = static_cast<char>(value & 0xff);
  return field;
}

TarHeader named(const std::string& name) {
  TarHeader header;
  header.name = name;
  return header;
}

}  // namespace

TEST_CASE("files, folders and modes are read; the owner's x bit decides") {
  CHECK(read(tar_file("package/a", "x", 0755) + tar_other("package/d/", '5') +
             tar_file("package/d/b", "", 0655) + tar_end()) ==
        Lines{"file package/a 755 x", "folder package/d/", "file package/d/b 644 "});
  CHECK(read(tar_file("package/a", std::string(512, 'x')) + file_b() + tar_end()) ==
        Lines{"file package/a 644 " + std::string(512, 'x'), kB});
}

TEST_CASE("T-TAR-06 set-id and sticky bits, and garbage in the mode, give plain files") {
  CHECK(read(tar_file("package/a", "x", 04755) + tar_end()) == Lines{"file package/a 755 x"});
  CHECK(read(tar_file("package/a", "x", 01666) + tar_end()) == Lines{"file package/a 644 x"});
  TarHeader odd = named("package/a");
  for (const char* mode : {"zzzzzzz", "       ", "-755", "000"}) {
    odd.raw_mode = mode;
    CHECK(read(tar_entry(odd, "x") + tar_end()) == Lines{"file package/a 644 x"});
  }
  odd.raw_mode = "  755 ";
  CHECK(read(tar_entry(odd, "x") + tar_end()) == Lines{"file package/a 755 x"});
}

TEST_CASE("names: ustar prefix, GNU and V7 headers without one, long names of both kinds") {
  TarHeader a = named("a");
  a.prefix = "package/lib";
  CHECK(read(tar_entry(a, "x") + tar_end()) == Lines{"file package/lib/a 644 x"});
  a.prefix = std::string(140, 'p');  // as long as only xstar-less archives have it
  CHECK(read(tar_entry(a, "x") + tar_end()) == Lines{"file " + a.prefix + "/a 644 x"});
  a.prefix = "package/lib";
  a.magic = std::string("ustar  \0", 8);
  CHECK(read(tar_entry(a, "x") + tar_end()) == Lines{"file a 644 x"});
  TarHeader v7 = named("package/a");
  v7.magic = std::string(8, '\0');
  v7.type = '\0';
  CHECK(read(tar_entry(v7, "x") + tar_end()) == Lines{"file package/a 644 x"});

  std::string long_name = "package/" + std::string(200, 'n');
  Lines expected{"file " + long_name + " 644 x", kB};
  CHECK(read(tar_pax(pax_record("path", long_name)) + tar_file("short", "x") + file_b()) ==
        expected);
  CHECK(read(tar_long_name(long_name) + tar_file("short", "x") + file_b()) == expected);
  CHECK(read(tar_pax(pax_record("path", "package/p")) + tar_long_name("package/l") +
             tar_file("s", "x")) == Lines{"file package/l 644 x"});
}

TEST_CASE("sizes: octal with blanks or without an end, base 256, from PAX") {
  TarHeader a = named("package/a");
  for (const std::string& size :
       {std::string("          5 "), std::string("000000000005"), base256(5), std::string("5")}) {
    a.raw_size = size;
    CHECK(read(tar_entry(a, "hello") + file_b() + tar_end()) ==
          Lines{"file package/a 644 hello", kB});
  }
  TarHeader claims_nothing = named("package/a");
  CHECK(read(tar_pax(pax_record("size", "5")) + tar_header(claims_nothing) + tar_padded("hello") +
             file_b()) == Lines{"file package/a 644 hello", kB});
  CHECK(read(tar_pax(pax_record("size", "1")) + tar_entry(claims_nothing, "hello") + file_b()) ==
        Lines{"file package/a 644 h", kB});
}

TEST_CASE("T-TAR-09 what is no size is refused") {
  TarHeader a = named("package/a");
  for (const std::string& size :
       {std::string(12, '\xff'), std::string("0000000zz"), std::string("-5"),
        std::string("00000000009"),
        std::string("\x80\x7f\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12),
        std::string("\x81") + std::string(11, '\0')}) {
    a.raw_size = size;
    CHECK(read(tar_header(a) + tar_padded("hello") + file_b() + tar_end()) == Lines{kInvalid});
  }
  a.raw_size = "77777777777";
  Lines huge = read(tar_header(a) + tar_padded("hello") + tar_end());
  CHECK(huge == Lines{"file package/a 644 <short>", kInvalid});
}

TEST_CASE("T-TAR-09 a wrong checksum is refused, in the first header and later") {
  TarHeader bad = named("package/a");
  bad.good_checksum = false;
  CHECK(read(tar_entry(bad, "x") + file_b() + tar_end()) == Lines{kInvalid});
  CHECK(read(file_b() + tar_entry(bad, "x") + tar_end()) == Lines{kB, kInvalid});
}

TEST_CASE("T-TAR-09 malformed PAX records are refused, odd but correct ones are not") {
  for (const std::string& records :
       {std::string("99 path=x\n"), std::string("8 path=x\n"), std::string("11 path=x\n"),
        std::string("path=x\n"), std::string("11 path=xx"), std::string("10 pathxx\n"),
        std::string("x path=x\n"), std::string("6 =x\n\n"),
        std::string("18446744073709551617 path=x\n"), std::string("0 \n"), std::string("3 \n"),
        std::string(" \n"), pax_record("path", "a") + "junk", pax_record("size", "-1"),
        pax_record("size", ""), pax_record("size", "1x"), pax_record("GNU.sparse.major", "1")}) {
    CAPTURE(records);
    CHECK(read(tar_pax(records) + file_b() + tar_end()) == Lines{kInvalid});
  }
  CHECK(read(tar_pax(pax_record("comment", "a\nb=c") + pax_record("path", "package/b")) +
             tar_file("z", "y")) == Lines{kB});
  CHECK(read(tar_pax(pax_record("path", "x") + pax_record("path", "package/b")) +
             tar_file("z", "y")) == Lines{kB});
  CHECK(read(tar_pax("") + file_b()) == Lines{kB});
  CHECK(read(file_b() + tar_pax(pax_record("path", "x")) + tar_end()) == Lines{kB});
}

TEST_CASE("T-TAR-09 an entry without a name is refused, also an emptied one") {
  CHECK(read(tar_file("", "x") + tar_end()) == Lines{kInvalid});
  CHECK(read(tar_pax(pax_record("path", "")) + file_b()) == Lines{kInvalid});
}

TEST_CASE("global PAX headers: comments are passed over, a path for all files is not taken") {
  CHECK(read(tar_pax(pax_record("comment", "0123") + pax_record("path", "package/g"), 'g') +
             file_b()) == Lines{kB});
  CHECK(read(tar_pax(pax_record("size", "1"), 'g') + tar_file("package/a", "hello") + file_b()) ==
        Lines{"file package/a 644 h", kB});
}

TEST_CASE(
    "T-TAR-03 T-TAR-04 T-TAR-05 links, devices and pipes are named, their data is passed over") {
  TarHeader hard = named("package/h");
  hard.type = '1';
  hard.link = "package/b";
  CHECK(read(tar_other("package/s", '2', "../../etc") + tar_other("package/c", '3') +
             tar_other("package/k", '4') + tar_other("package/p", '6') + tar_entry(hard, "data") +
             file_b()) == Lines{"symbolic link package/s -> ../../etc", "device package/c",
                                "device package/k", "named pipe package/p",
                                "hard link package/h -> package/b", kB});
  CHECK(read(tar_long_name(std::string(150, 't'), 'K') + tar_other("package/s", '2', "t") +
             file_b()) == Lines{"symbolic link package/s -> " + std::string(150, 't'), kB});
  CHECK(read(tar_pax(pax_record("linkpath", "/etc")) + tar_other("package/s", '2', "t") +
             file_b()) == Lines{"symbolic link package/s -> /etc", kB});
}

TEST_CASE(
    "other kinds: contiguous files are files, unknown ones are passed over, sparse ones refused "
    "when they go on") {
  TarHeader odd = named("package/a");
  odd.type = '7';
  CHECK(read(tar_entry(odd, "x") + file_b()) == Lines{"file package/a 644 x", kB});
  odd.type = 'Z';
  CHECK(read(tar_entry(odd, "x") + file_b()) == Lines{"entry of an unknown kind package/a", kB});
  odd.type = 'S';
  CHECK(read(tar_entry(odd, "x") + file_b()) == Lines{"sparse file package/a", kB});
  odd.prefix = std::string(138, '\0') + "x";  // byte 483 of the header
  odd.prefix[137] = 1;                        // byte 482: more sparse headers follow
  CHECK(read(tar_entry(odd, "x") + file_b()) == Lines{kInvalid});
}

TEST_CASE("folders: a size is ignored, a trailing slash makes one of a plain entry") {
  TarHeader folder = named("package/d/");
  folder.type = '5';
  folder.raw_size = "00000010000";
  CHECK(read(tar_header(folder) + file_b()) == Lines{"folder package/d/", kB});
  CHECK(read(tar_file("package/d/", "") + file_b()) == Lines{"folder package/d/", kB});
  CHECK(read(tar_file("package/d/", "data") + file_b()) == Lines{"folder package/d/", kInvalid});
  TarHeader contiguous = named("package/d/");
  contiguous.type = '7';
  CHECK(read(tar_entry(contiguous, "x")) == Lines{kInvalid});
}

TEST_CASE("T-TAR-09 a file with a link's target is refused: readers disagree what it is") {
  TarHeader odd = named("package/a");
  odd.link = "target";
  CHECK(read(tar_entry(odd, "x") + file_b()) == Lines{kInvalid});
}

TEST_CASE(
    "T-TAR-09 the end: two zero blocks, or none; one alone is passed over; what follows the end is "
    "not read") {
  CHECK(read(file_b()) == Lines{kB});
  CHECK(read(file_b() + std::string(512, '\0')) == Lines{kB});
  CHECK(read(file_b() + std::string(512, '\0') + tar_file("package/a", "x") + tar_end()) ==
        Lines{kB, "file package/a 644 x"});
  CHECK(read(file_b() + tar_end() + tar_file("package/a", "x")) == Lines{kB});
  CHECK(read(file_b() + tar_end() + "garbage") == Lines{kB});
  CHECK(read(file_b() + std::string(37, '\0')) == Lines{kB});
  CHECK(read("") == Lines{});
  CHECK(read(tar_end()) == Lines{});
}

TEST_CASE("T-TAR-11 an archive cut anywhere inside is refused") {
  std::string tar =
      tar_pax(pax_record("path", "package/long")) + tar_file("a", std::string(600, 'x')) + file_b();
  for (std::size_t length = 1; length < tar.size(); ++length) {
    PieceSource source(std::string_view(tar).substr(0, length), 1 << 20);
    Lines lines = read_by(source, 10);
    bool at_border = length == 1024 || length == 1024 + 512 + 1024;
    if (at_border != (lines.empty() || lines.back() != kInvalid)) {
      CAPTURE(length);
      FAIL("a cut archive was accepted, or a whole one refused");
    }
  }
}

TEST_CASE("T-TAR-10 the number of headers and the size of extended ones have limits") {
  std::string three = file_b() + file_b() + file_b();
  CHECK(read(three, 3).size() == 3);
  CHECK(read(three, 2) == Lines{kB, kB, "<ARCHIVE_HOSTILE>"});
  std::string metas;
  for (int i = 0; i < 5; ++i) metas += tar_pax(pax_record("comment", "x"));
  CHECK(read(metas + file_b(), 5) == Lines{"<ARCHIVE_HOSTILE>"});
  TarHeader pax = named("x");
  pax.type = 'x';
  pax.raw_size = tar_octal((1 << 20) + 1, 11);
  CHECK(read(tar_header(pax) + std::string(4096, 'x')) == Lines{kInvalid});
}

TEST_CASE("T-TAR-13 other archive formats are not tar") {
  for (const std::string& bytes :
       {std::string("Rar!\x1a\x07\x00", 7) + std::string(600, 'x'),
        std::string("7z\xbc\xaf\x27\x1c") + std::string(600, 'x'),
        std::string("PK\x03\x04") + std::string(600, 'x'),
        std::string(32768, '\1') + "\1CD001" + std::string(4096, '\1'),
        std::string("MSCF") + std::string(600, '\1'),
        std::string("#mtree\n") + std::string(600, 'x'),
        std::string("\x28\xb5\x2f\xfd") + std::string(600, 'x'), std::string("<html>")}) {
    CHECK(read(bytes) == Lines{kInvalid});
  }
}

// ---- a second reader: libarchive, on archives that all readers should understand alike

namespace {

std::string joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += line.substr(0, 400) + "\n";
  return text;
}

Lines libarchive_reading(const std::string& tar) {
  struct archive* a = archive_read_new();
  archive_read_support_format_tar(a);
  archive_read_set_options(a, "read_concatenated_archives");
  Lines lines;
  if (archive_read_open_memory(a, tar.data(), tar.size()) != ARCHIVE_OK) lines.push_back(kInvalid);
  struct archive_entry* e = nullptr;
  while (lines.empty() || lines.back() != kInvalid) {
    int result = archive_read_next_header(a, &e);
    if (result == ARCHIVE_EOF) break;
    // Names that the test's C locale cannot spell are no damage.
    bool odd_name =
        result == ARCHIVE_WARN && std::strstr(archive_error_string(a), "locale") != nullptr;
    if (result != ARCHIVE_OK && !odd_name) {
      lines.push_back(kInvalid);
      break;
    }
    std::string path = archive_entry_pathname(e);
    if (archive_entry_symlink(e) != nullptr) {
      lines.push_back("symbolic link " + path + " -> " + archive_entry_symlink(e));
    } else if (archive_entry_hardlink(e) != nullptr) {
      lines.push_back("hard link " + path + " -> " + archive_entry_hardlink(e));
    } else if (archive_entry_filetype(e) == AE_IFDIR) {
      lines.push_back("folder " + path);
    } else {
      std::string data(static_cast<std::size_t>(archive_entry_size(e)), '\0');
      la_ssize_t got = archive_read_data(a, data.data(), data.size());
      bool executable = (archive_entry_mode(e) & 0100) != 0;
      lines.push_back("file " + path + (executable ? " 755 " : " 644 ") +
                      (got == static_cast<la_ssize_t>(data.size()) ? data : "<short>"));
    }
  }
  archive_read_free(a);
  return lines;
}

}  // namespace

TEST_CASE("T-TAR-09 libarchive reads the same out of random archives") {
  std::mt19937 random(42);
  auto name = [&](std::size_t most) {
    std::string text = "package/";
    for (std::size_t i = random() % most; i > 0; --i)
      text += random() % 9 == 0 ? '/' : static_cast<char>('a' + random() % 26);
    if (text.ends_with('/')) text += 'x';
    return text;
  };
  for (int round = 0; round < 2000; ++round) {
    std::string tar;
    for (std::size_t i = random() % 8; i > 0; --i) {
      std::string data(random() % 1500, static_cast<char>('a' + random() % 26));
      unsigned mode = random() % 2 == 0 ? 0644 : 0755;
      TarHeader header = named(name(80));
      header.mode = mode;
      switch (random() % 8) {
        case 0:
          tar += tar_pax(pax_record("mtime", "1.5") + pax_record("path", name(300)));
          break;
        case 1:
          tar += tar_long_name(name(300));
          break;
        case 2:
          header.raw_size = base256(data.size());
          break;
        case 3:
          header.magic = std::string("ustar  \0", 8);
          break;
        case 4:
          header.prefix = "package" + std::string(random() % 120, 'p');
          break;
        case 5:
          tar += tar_other(name(60), random() % 2 == 0 ? '2' : '1', "target");
          continue;
        case 6:
          tar += tar_other(name(60) + "/", '5');
          continue;
        default:
          break;
      }
      tar += tar_entry(header, data);
    }
    tar += tar_end();
    PieceSource source(tar, tar.size());
    Lines ours = read_by(source, 1000);
    if (ours != libarchive_reading(tar)) {
      CAPTURE(round);
      REQUIRE(joined(ours) == joined(libarchive_reading(tar)));
    }
  }
}

TEST_CASE("T-TAR-09 what libarchive refuses in damaged archives, we refuse too") {
  std::mt19937 random(43);
  for (int round = 0; round < 4000; ++round) {
    std::string tar = tar_pax(pax_record("path", "package/" + std::string(120, 'n'))) +
                      tar_file("a", "data") + tar_long_name("package/" + std::string(130, 'l')) +
                      tar_file("b", std::string(700, 'x')) + tar_end();
    std::size_t at = random() % (tar.size() - 1024);
    tar[at] = static_cast<char>(random());
    PieceSource source(tar, tar.size());
    Lines ours = read_by(source, 1000);
    Lines theirs = libarchive_reading(tar);
    bool refused = !theirs.empty() && theirs.back() == kInvalid;
    if (refused && (ours.empty() || ours.back() != kInvalid)) {
      CAPTURE(at);
      REQUIRE(joined(ours) == joined(theirs));
    }
  }
}
