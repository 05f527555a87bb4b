// SPDX-License-Identifier: MIT
#include "cache/unpack.h"

#include <map>

#include <doctest/doctest.h>

#include "cache/tarball_maker_test.h"
#include "cache/test_folder.h"

using namespace hod;
using namespace hod::cache;

namespace {

// What an archive unpacks to: path → content, from memory; the same from a file, in streams of
// every kind.
struct Unpacked {
  std::map<std::string, std::string> files;
  std::string manifest;
  std::vector<std::string> skipped, alike;
  std::string error;  // the code's name
  friend bool operator==(const Unpacked&, const Unpacked&) = default;
};

Unpacked told(const Result<UnpackedPackage>& package, const std::string& folder) {
  Unpacked out;
  if (!package) {
    out.error = error_name(package.error().code());
    return out;
  }
  for (const StoredFile& file : package->files)
    out.files[file.path] = must(read_file(folder + "/" + file.path));
  out.manifest = package->manifest_text;
  out.skipped = package->skipped;
  out.alike = package->alike;
  return out;
}

Unpacked unpacked(const std::string& archive, const UnpackLimits& limits = {}) {
  TestFolder whole;
  Unpacked result = told(unpack_tarball(archive, whole.path(), limits), whole.path());

  TestFolder streamed;
  UnpackLimits none_in_memory = limits;
  none_in_memory.in_memory = none_in_memory.in_memory_of_all = 1;
  CHECK(told(unpack_tarball(archive, streamed.path(), none_in_memory), streamed.path()) == result);

  TestFolder from_file, file;
  must(write_file_atomic(file.path("x.tgz"), archive, Durable::no));
  CHECK(told(unpack_tarball_file(file.path("x.tgz"), from_file.path(), limits), from_file.path()) ==
        result);
  return result;
}

const std::string kManifestText = R"({"name":"odd","version":"1.0.0"})";
std::map<std::string, std::string> with_manifest(std::map<std::string, std::string> files) {
  files["package.json"] = kManifestText;
  return files;
}

}  // namespace

TEST_CASE("a package is unpacked, from memory, streamed and from a file alike") {
  Unpacked package = unpacked(tarball(tar_file("package/lib/a.js", "a") +
                                      tar_file("package/index.js", std::string(70'000, 'x'))));
  CHECK(package.files ==
        with_manifest({{"lib/a.js", "a"}, {"index.js", std::string(70'000, 'x')}}));
  CHECK(package.manifest == kManifestText);
  CHECK(unpacked(tar_manifest() + tar_file("package/a", "x")).files ==
        with_manifest({{"a", "x"}}));  // no gzip
}

TEST_CASE("T-TAR-01 T-TAR-02 an entry that leaves makes the whole archive hostile") {
  for (const char* name : {"package/../../evil", "/tmp/evil", "package/..\\..\\evil", "C:/evil"}) {
    CHECK(unpacked(tarball(tar_file(name, "x"))).error == "ARCHIVE_HOSTILE");
    CHECK(unpacked(tarball(tar_other(name, '2', "x"))).error == "ARCHIVE_HOSTILE");
    CHECK(
        unpacked(tarball(tar_pax(pax_record("path", name)) + tar_file("package/ok", "x"))).error ==
        "ARCHIVE_HOSTILE");
  }
}

TEST_CASE("T-TAR-03 T-TAR-04 T-TAR-05 links, devices and pipes are left out and told") {
  Unpacked package =
      unpacked(tarball(tar_other("package/out", '2', "..") + tar_file("package/out/evil", "x") +
                       tar_other("package/h", '1', "../../etc/passwd") +
                       tar_other("package/c", '3') + tar_other("package/p", '6')));
  CHECK(package.files == with_manifest({{"out/evil", "x"}}));
  CHECK(package.skipped == std::vector<std::string>{"symbolic link `package/out` to `..`",
                                                    "hard link `package/h` to `../../etc/passwd`",
                                                    "device `package/c`",
                                                    "named pipe `package/p`"});
}

TEST_CASE(
    "T-TAR-08 the last of several entries wins, for the manifest too, whatever their top folder") {
  Unpacked package =
      unpacked(gzipped(tar_file("package/package.json", "first") + tar_file("package/a", "1") +
                       tar_file("other/a", "2") + tar_file("x/package.json", "last") + tar_end()));
  CHECK(package.files == std::map<std::string, std::string>{{"a", "2"}, {"package.json", "last"}});
  CHECK(package.manifest == "last");
}

TEST_CASE("T-TAR-08 a folder entry does not undo a file, a link neither") {
  CHECK(unpacked(tarball(tar_file("package/a", "x") + tar_other("package/a/", '5') +
                         tar_other("package/a", '2', "b")))
            .files == with_manifest({{"a", "x"}}));
  CHECK(unpacked(tarball(tar_other("package/a/", '5') + tar_file("package/a", "x"))).files ==
        with_manifest({{"a", "x"}}));
  CHECK(unpacked(tarball(tar_file("package/a", "x") + tar_file("package/a/b", "y"))).error ==
        "ARCHIVE_INVALID");
}

TEST_CASE("T-TAR-07 names that differ in case or spelling only are kept and told, in both orders") {
  Unpacked package = unpacked(
      tarball(tar_file("package/README", "A") + tar_file("package/readme", "b") +
              tar_file("package/cafe\xcc\x81", "1") + tar_file("package/caf\xc3\xa9", "2")));
  CHECK(package.files.size() == 5);
  CHECK(package.alike ==
        std::vector<std::string>{"`cafe\xcc\x81` and `caf\xc3\xa9`", "`README` and `readme`"});
  Unpacked turned = unpacked(
      tarball(tar_file("package/caf\xc3\xa9", "2") + tar_file("package/cafe\xcc\x81", "1") +
              tar_file("package/readme", "b") + tar_file("package/README", "A")));
  CHECK(turned.alike == package.alike);
}

TEST_CASE("an archive without a package.json at its root is no package") {
  CHECK(unpacked(gzipped(tar_file("package/a", "x") + tar_end())).error == "ARCHIVE_INVALID");
  CHECK(unpacked(gzipped(tar_file("package.json", "{}") + tar_end())).error == "ARCHIVE_INVALID");
  CHECK(unpacked(gzipped(tar_file("package/lib/package.json", "{}") + tar_end())).error ==
        "ARCHIVE_INVALID");
  CHECK(unpacked(gzipped(tar_end())).error == "ARCHIVE_INVALID");
  CHECK(unpacked("").error == "ARCHIVE_INVALID");
  CHECK(unpacked("<html>502</html>").error == "ARCHIVE_INVALID");
  CHECK(unpacked(gzipped("<html>502</html>")).error == "ARCHIVE_INVALID");
}

TEST_CASE("a file that lies outside of any folder is left out and told") {
  Unpacked package = unpacked(tarball(tar_file("package", "x")));
  CHECK(package.files == with_manifest({}));
  CHECK(package.skipped.size() == 1);
}

TEST_CASE("T-TAR-10 total size, ratio, entries and manifest have limits, met exactly") {
  UnpackLimits limits;
  limits.total_bytes = kManifestText.size() + 100;
  CHECK(unpacked(tarball(tar_file("package/a", std::string(100, 'x'))), limits).error.empty());
  CHECK(unpacked(tarball(tar_file("package/a", std::string(101, 'x'))), limits).error ==
        "ARCHIVE_HOSTILE");

  limits = {};
  limits.entries = 2;
  CHECK(unpacked(tarball(tar_file("package/a", "x")), limits).error.empty());
  CHECK(unpacked(tarball(tar_file("package/a", "x") + tar_file("package/b", "x")), limits).error ==
        "ARCHIVE_HOSTILE");

  limits = {};
  limits.manifest_bytes = kManifestText.size();
  CHECK(unpacked(tarball(""), limits).error.empty());
  limits.manifest_bytes -= 1;
  CHECK(unpacked(tarball(""), limits).error == "ARCHIVE_HOSTILE");

  std::string bomb = tarball(tar_file("package/a", std::string(3'000'000, '\0')));
  CHECK(unpacked(bomb).error.empty());  // small enough to be let through whatever the ratio
  limits = {};
  limits.ratio_from = 1'000'000;
  CHECK(unpacked(bomb, limits).error == "ARCHIVE_HOSTILE");
  limits.ratio = 2000;
  CHECK(unpacked(bomb, limits).error.empty());
}

TEST_CASE("T-TAR-11 claimed data that is not there is an error, not zero bytes") {
  TarHeader claim;
  claim.name = "package/big";
  claim.size = 1 << 20;
  CHECK(unpacked(gzipped(tar_manifest() + tar_header(claim) + tar_padded("short"))).error ==
        "ARCHIVE_INVALID");
  std::string whole = tarball(tar_file("package/a", std::string(5000, 'x')));
  CHECK(unpacked(whole.substr(0, whole.size() - 20)).error == "ARCHIVE_INVALID");
  CHECK(unpacked(whole + "garbage").error == "ARCHIVE_INVALID");
}

TEST_CASE("T-TAR-13 archives of other formats are no packages") {
  for (const char* start :
       {"Rar!\x1a\x07\x01", "7z\xbc\xaf\x27\x1c", "PK\x03\x04", "\x28\xb5\x2f\xfd",
        "\xfd"
        "7zXZ",
        "BZh9"}) {
    CHECK(unpacked(start + std::string(2000, 'x')).error == "ARCHIVE_INVALID");
    CHECK(unpacked(gzipped(start + std::string(2000, 'x'))).error == "ARCHIVE_INVALID");
  }
}
