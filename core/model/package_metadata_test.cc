// SPDX-License-Identifier: MIT
#include "core/model/package_metadata.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <random>

#include <doctest/doctest.h>

#include "core/base/encoding.h"
#include "core/model/package_metadata_layout.h"

using namespace hod;

namespace {

VersionFacts plain(std::string version) {
  VersionFacts facts;
  facts.version = std::move(version);
  return facts;
}

VersionFacts full(std::string version) {
  VersionFacts facts = plain(std::move(version));
  facts.dependencies = {{"@scope/a", "^1.0.0", DependencyKind::production},
                        {"b", "npm:c@2", DependencyKind::optional},
                        {"d", ">=1", DependencyKind::production},
                        {"d", ">=1", DependencyKind::peer},
                        {"e", "*", DependencyKind::optional_peer}};
  facts.bundled = {"x", "y"};
  facts.bins = {{"tool", "bin/tool.js"}, {"tool2", "cli.js"}};
  facts.platform = {{"linux", "!win32"}, {"x64"}, {"glibc"}};
  facts.node_engine = ">=18";
  facts.deprecated = "use something else";
  facts.has_install_script = true;
  facts.has_shrinkwrap = true;
  facts.integrity = "sha512-" + to_base64(std::string(64, 'q'));
  facts.tarball = "https://registry.example/@scope/name/-/name-" + facts.version + ".tgz";
  facts.unpacked_size = 5'000'000'000;
  facts.file_count = 17;
  facts.published = 1'700'000'000;
  facts.signatures = {{"SHA256:key", "signature of " + facts.version}, {"SHA256:other", ""}};
  return facts;
}

std::vector<std::byte> record_of(
    std::string_view name, const std::vector<VersionFacts>& versions,
    const std::vector<std::pair<const char*, const char*>>& tags = {}) {
  PackageMetadataBuilder builder(name);
  for (const VersionFacts& facts : versions) builder.add_version(facts);
  for (const auto& [tag, version] : tags) builder.add_tag(tag, version);
  return std::move(builder).build();
}

PackageMetadata open_copy(const std::vector<std::byte>& bytes) {
  auto owned = std::make_shared<const std::vector<std::byte>>(bytes);
  const std::span<const std::byte> view = *owned;
  return must(PackageMetadata::open(view, std::move(owned)));
}

std::vector<std::string> texts_of(const PackageMetadata& metadata) {
  std::vector<std::string> texts;
  for (std::uint32_t i = 0; i < metadata.version_count(); ++i) {
    texts.emplace_back(metadata.version_text(i));
  }
  return texts;
}

// Everything that can be asked of a record; the sum keeps the loads from being dropped.
std::size_t read_everything(const PackageMetadata& metadata) {
  std::size_t sum = metadata.name().size() + metadata.tags().size() + metadata.bytes().size();
  for (std::uint32_t i = 0; i < metadata.text_count(); ++i) sum += metadata.text(i).size();
  for (std::uint32_t i = 0; i < metadata.version_count(); ++i) {
    const VersionView view = metadata.version(i);
    sum += view.major + view.minor + view.patch + view.prerelease.size() + view.build.size();
    for (const auto& edge : metadata.edges(i)) {
      sum += metadata.text(edge.alias).size() + metadata.text(edge.specifier).size() +
             static_cast<std::size_t>(edge.kind);
    }
    sum += metadata.is_deprecated(i) + metadata.has_platform_needs(i);
    sum += metadata.node_engine(i).size() + static_cast<std::size_t>(metadata.published(i));
    const VersionFacts facts = metadata.facts(i);
    sum += facts.tarball.size() + facts.integrity.size() + facts.bins.size();
    sum += metadata.find(facts.version).value_or(0);
  }
  sum += metadata.tag("latest").value_or(0);
  return sum;
}

// A universe of the given size in the manner of a real one: long runs of versions with equal lists.
std::vector<VersionFacts> many_versions(std::uint32_t count) {
  std::vector<VersionFacts> versions;
  for (std::uint32_t i = 0; i < count; ++i) {
    VersionFacts facts = plain(std::to_string(i / 100) + "." + std::to_string(i % 100 / 10) + "." +
                               std::to_string(i % 10) + (i % 7 == 3 ? "-beta.1" : ""));
    for (std::uint32_t k = 0; k < 12; ++k) {
      facts.dependencies.push_back({"dependency-" + std::to_string(k),
                                    "^" + std::to_string(i / 50 + k) + ".0.0",
                                    DependencyKind::production});
    }
    std::sort(facts.dependencies.begin(), facts.dependencies.end());
    facts.node_engine = i > count / 2 ? ">=18" : ">=12";
    std::string digest(64, '\0');
    std::memcpy(digest.data(), &i, sizeof i);
    facts.integrity = "sha512-" + to_base64(digest);
    facts.tarball = "https://registry.example/big/-/big-" + facts.version + ".tgz";
    facts.published = 1'500'000'000 + i;
    versions.push_back(std::move(facts));
  }
  return versions;
}

}  // namespace

TEST_CASE("a metadata record gives back every fact it was made from") {
  const std::vector<VersionFacts> versions = {plain("1.0.0"), full("1.1.0"), full("2.0.0-rc.1+b7")};
  PackageMetadataBuilder builder("@scope/name");
  builder.set_modified(1'650'000'000);
  builder.set_has_publish_times(true);
  for (const VersionFacts& facts : versions) builder.add_version(facts);
  builder.add_tag("latest", "1.1.0");
  builder.add_tag("next", "2.0.0-rc.1+b7");
  builder.add_tag("gone", "9.9.9");
  const PackageMetadata metadata = make_package_metadata(std::move(builder));

  CHECK(metadata.name() == "@scope/name");
  CHECK(metadata.modified() == 1'650'000'000);
  CHECK(metadata.has_publish_times());
  REQUIRE(metadata.version_count() == 3);
  for (std::uint32_t i = 0; i < 3; ++i) CHECK(metadata.facts(i) == versions[i]);
  VersionFacts released = metadata.release_facts(1);
  CHECK(released.dependencies.empty());
  released.dependencies = versions[1].dependencies;
  CHECK(released == versions[1]);
  CHECK(metadata.version(2).major == 2);
  CHECK(metadata.version(2).prerelease == "rc.1");
  CHECK(metadata.version(2).build == "b7");
  CHECK_FALSE(metadata.is_deprecated(0));
  CHECK(metadata.is_deprecated(1));
  CHECK_FALSE(metadata.has_platform_needs(0));
  CHECK(metadata.has_platform_needs(1));
  CHECK_FALSE(metadata.has_bundled(0));
  CHECK(metadata.has_bundled(1));
  CHECK(metadata.node_engine(0) == "");
  CHECK(metadata.node_engine(1) == ">=18");
  CHECK(metadata.published(0) == 0);
  CHECK(metadata.published(1) == 1'700'000'000);
  CHECK(metadata.tag("latest") == 1);
  CHECK(metadata.tag("next") == 2);
  CHECK(metadata.tag("gone") == std::nullopt);
  CHECK(metadata.tag("absent") == std::nullopt);
  CHECK(metadata.tags() == std::vector<std::pair<std::string, std::string>>{
                               {"latest", "1.1.0"}, {"next", "2.0.0-rc.1+b7"}});
}

TEST_CASE("a metadata record without versions is still one") {
  const PackageMetadata metadata = open_copy(record_of("empty", {}));
  CHECK(metadata.name() == "empty");
  CHECK(metadata.version_count() == 0);
  CHECK(metadata.find("1.0.0") == std::nullopt);
  CHECK(metadata.tags().empty());
  CHECK_FALSE(metadata.has_publish_times());
}

TEST_CASE("versions are sorted by precedence and what is no semver is dropped") {
  const PackageMetadata metadata = open_copy(record_of(
      "a", {plain("1.10.0"), plain("1.9.0"), plain("not a version"), plain("1.10.0-alpha.2"),
            plain("1.10.0-alpha.10"), plain("0.0.20230101120000"), plain("")}));
  CHECK(texts_of(metadata) == std::vector<std::string>{"0.0.20230101120000", "1.9.0",
                                                       "1.10.0-alpha.2", "1.10.0-alpha.10",
                                                       "1.10.0"});
  CHECK(metadata.version(0).patch == 20230101120000);
  CHECK(metadata.version(0).major == 0);
  CHECK(metadata.find("0.0.20230101120000") == 0);
}

TEST_CASE("of a version that is added twice the last one counts") {
  VersionFacts second = plain("1.0.0");
  second.deprecated = "second";
  const PackageMetadata metadata = open_copy(record_of("a", {plain("1.0.0"), second}));
  REQUIRE(metadata.version_count() == 1);
  CHECK(metadata.facts(0).deprecated == "second");
}

TEST_CASE("a version is found by its exact text first and by equal precedence second") {
  const PackageMetadata metadata = open_copy(
      record_of("a", {plain("1.0.0"), plain("2.0.0+one"), plain("2.0.0+two"), plain("3.0.0")}));
  CHECK(metadata.find("2.0.0+two") == 2);
  CHECK(metadata.find("2.0.0+one") == 1);
  CHECK(metadata.find("2.0.0") == 1);
  CHECK(metadata.find("v3.0.0") == 3);
  CHECK(metadata.find("4.0.0") == std::nullopt);
  CHECK(metadata.find("latest") == std::nullopt);
}

TEST_CASE("equal dependency lists are stored once and equal specifiers have equal indices") {
  VersionFacts a = plain("1.0.0");
  a.dependencies = {{"x", "^1", DependencyKind::production}, {"y", "^1", DependencyKind::peer}};
  VersionFacts b = a;
  b.version = "1.0.1";
  VersionFacts c = plain("1.0.2");
  c.dependencies = {{"z", "^1", DependencyKind::production}};
  const PackageMetadata metadata = open_copy(record_of("a", {a, b, c}));
  CHECK(metadata.edges(0).data() == metadata.edges(1).data());
  CHECK(metadata.edges(0)[0].specifier == metadata.edges(0)[1].specifier);
  CHECK(metadata.edges(0)[0].specifier == metadata.edges(2)[0].specifier);
}

TEST_CASE("edges are sorted by alias and development dependencies are no business of a record") {
  VersionFacts facts = plain("1.0.0");
  facts.dependencies = {{"z", "1", DependencyKind::production},
                        {"a", "1", DependencyKind::development},
                        {"b", "1", DependencyKind::peer},
                        {"b", "2", DependencyKind::production}};
  const PackageMetadata metadata = open_copy(record_of("a", {facts}));
  CHECK(metadata.facts(0).dependencies ==
        std::vector<Dependency>{{"b", "2", DependencyKind::production},
                                {"b", "1", DependencyKind::peer},
                                {"z", "1", DependencyKind::production}});
}

TEST_CASE("integrities and addresses that follow no rule are kept as they are") {
  for (const char* integrity :
       {"", "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=", "sha512-AAAA", "sha512-????", "sha512-x sha1-y"}) {
    for (const char* tarball : {"", "https://files.example/a-1.0.0.tgz",
                                "https://registry.example/b/-/b-1.0.0.tgz", "a/-/a-1.0.0.tgz"}) {
      VersionFacts facts = plain("1.0.0");
      facts.integrity = integrity;
      facts.tarball = tarball;
      CHECK(open_copy(record_of("a", {facts})).facts(0) == facts);
    }
  }
}

TEST_CASE("the same facts in any order give the same bytes") {
  std::vector<VersionFacts> versions = many_versions(60);
  versions.push_back(full("100.0.0"));
  const std::vector<std::byte> record = record_of("big", versions);
  std::mt19937 random(7);
  for (int round = 0; round < 5; ++round) {
    std::shuffle(versions.begin(), versions.end(), random);
    CHECK(record_of("big", versions) == record);
  }
}

TEST_CASE("a record may start at any address") {
  const std::vector<std::byte> record = record_of("@scope/name", {full("1.0.0")});
  std::vector<std::byte> shifted(1);
  shifted.insert(shifted.end(), record.begin(), record.end());
  const PackageMetadata metadata =
      must(PackageMetadata::open(std::span(shifted).subspan(1), nullptr));
  shifted.assign(shifted.size(), std::byte{0});
  CHECK(metadata.facts(0) == full("1.0.0"));
}

TEST_CASE("copies of a record keep its bytes alive") {
  std::optional<PackageMetadata> first = open_copy(record_of("a", {plain("1.0.0")}));
  const PackageMetadata second = *first;
  first.reset();
  CHECK(second.version_text(0) == "1.0.0");
}

TEST_CASE("foreign, cut and padded bytes are no metadata record") {
  const std::vector<std::byte> record = record_of("@scope/name", {full("1.0.0"), full("1.1.0")});
  for (std::size_t size = 0; size < record.size(); ++size) {
    const std::vector<std::byte> cut(record.begin(),
                                     record.begin() + static_cast<std::ptrdiff_t>(size));
    const auto opened = PackageMetadata::open(cut, nullptr);
    REQUIRE_FALSE(opened);
    CHECK(opened.error().code() == ErrorCode::metadata_invalid);
  }
  std::vector<std::byte> longer = record;
  longer.resize(longer.size() + 8);
  CHECK_FALSE(PackageMetadata::open(longer, nullptr));
  CHECK_FALSE(PackageMetadata::open(std::vector<std::byte>(4096), nullptr));
  std::vector<std::byte> later = record;
  later[8] = std::byte{99};
  CHECK_FALSE(PackageMetadata::open(later, nullptr));
}

TEST_CASE("versions out of order are refused") {
  std::vector<std::byte> record = record_of("a", {plain("1.0.0"), plain("2.0.0")});
  auto* first = record.data() + sizeof(metadata::Header);
  std::swap_ranges(first, first + sizeof(metadata::VersionRow),
                   first + sizeof(metadata::VersionRow));
  CHECK_FALSE(PackageMetadata::open(record, nullptr));
}

TEST_CASE("a damaged record is refused or readable to its end, whatever the damage") {
  std::vector<VersionFacts> versions = many_versions(8);
  versions.push_back(full("50.0.0"));
  versions.push_back(plain("51.0.9999999999999"));
  const std::vector<std::byte> record =
      record_of("big", versions, {{"latest", "50.0.0"}, {"next", "51.0.9999999999999"}});
  std::mt19937 random(20261120);
  std::size_t readable = 0;
  std::size_t sum = 0;
  const auto look = [&](const std::vector<std::byte>& bytes) {
    if (const auto opened = PackageMetadata::open(bytes, nullptr)) {
      ++readable;
      sum += read_everything(*opened);
    }
  };
  SUBCASE("every byte in turn, three ways") {
    for (std::size_t i = 0; i < record.size(); ++i) {
      for (const unsigned flip : {0x01U, 0x80U, 0xFFU}) {
        std::vector<std::byte> damaged = record;
        damaged[i] ^= static_cast<std::byte>(flip);
        look(damaged);
      }
    }
  }
  SUBCASE("words replaced by telling values") {
    const std::uint32_t values[] = {0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFFFFF8};
    for (int round = 0; round < 20'000; ++round) {
      std::vector<std::byte> damaged = record;
      for (unsigned k = 0; k <= random() % 3; ++k) {
        const std::size_t at = random() % (damaged.size() / 4) * 4;
        const auto value = static_cast<std::uint32_t>(
            random() % 2 ? values[random() % std::size(values)] : random() % 300);
        std::memcpy(damaged.data() + at, &value, sizeof value);
      }
      look(damaged);
    }
  }
  SUBCASE("blocks of zeros, as an unsynced page leaves them") {
    for (int round = 0; round < 2'000; ++round) {
      std::vector<std::byte> damaged = record;
      const std::size_t at = random() % damaged.size();
      const std::size_t end = std::min(damaged.size(), at + 1 + random() % 512);
      std::fill(damaged.begin() + static_cast<std::ptrdiff_t>(at),
                damaged.begin() + static_cast<std::ptrdiff_t>(end), std::byte{0});
      look(damaged);
    }
  }
  CHECK(readable > 0);
  CHECK(sum > 0);
}

TEST_CASE("a package of 5,000 versions is opened and searched") {
  const std::vector<VersionFacts> versions = many_versions(5000);
  const std::vector<std::byte> record = record_of("big", versions, {{"latest", "49.9.9"}});
  const auto start = std::chrono::steady_clock::now();
  const PackageMetadata metadata = must(PackageMetadata::open(record, nullptr));
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < metadata.version_count(); ++i) {
    sum += metadata.version(i).minor + metadata.edges(i).size();
  }
  const auto end = std::chrono::steady_clock::now();
  MESSAGE("opened and read in "
          << std::chrono::duration_cast<std::chrono::microseconds>(end - start).count() << " us, "
          << record.size() / 5000 << " bytes a version");
  CHECK(sum > 0);
  REQUIRE(metadata.version_count() == 5000);
  for (const VersionFacts& facts : versions) {
    const auto found = metadata.find(facts.version);
    REQUIRE(found);
    REQUIRE(metadata.version_text(*found) == facts.version);
  }
  CHECK(metadata.facts(4321) == versions[4321]);
  CHECK(metadata.tag("latest") == 4999);
}
