// SPDX-License-Identifier: MIT
#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "cache/metadata_cache.h"
#include "core/base/json.h"
#include "core/model/integrity.h"
#include "core/model/package_name.h"

using namespace hod;
using namespace hod::cache;

namespace {

// The facts of the only version of a packument whose version object is `version`.
VersionFacts facts_of(const std::string& version) {
  std::string json = R"({"name":"a","versions":{"1.0.0":)" + version + "}}";
  PackageMetadata metadata = must(parse_packument(json, "a"));
  REQUIRE(metadata.version_count() == 1);
  return metadata.facts(0);
}

std::vector<std::string> dependencies_of(const std::string& version) {
  std::vector<std::string> lines;
  for (const Dependency& d : facts_of(version).dependencies) {
    lines.push_back(std::string(dependency_kind_name(d.kind)) + " " + d.alias + " " + d.specifier);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

using Lines = std::vector<std::string>;

ErrorCode error_of(std::string_view json, std::string_view name = "a") {
  Result<PackageMetadata> result = parse_packument(json, name);
  return result ? ErrorCode::internal : result.error().code();
}

constexpr const char* kFull = R"({
  "_id": "@scope/thing", "name": "@scope/thing",
  "dist-tags": {"latest": "1.1.0", "next": "2.0.0-rc.1", "broken": 7},
  "readme": "# {[\"not a bracket\"",
  "versions": {
    "1.0.0": {"name": "@scope/thing", "version": "1.0.0", "devDependencies": {"x": "1"},
      "dist": {"shasum": "356a192b7913b04c54574d18c28d46e6395428ab",
               "tarball": "https://registry.example/@scope/thing/-/thing-1.0.0.tgz"}},
    "1.1.0": {"version": "1.1.0",
      "dependencies": {"b": "^1.0.0", "c": "~2", "o": "1"},
      "optionalDependencies": {"o": "^3"},
      "peerDependencies": {"p": ">=1", "q": "*"},
      "peerDependenciesMeta": {"q": {"optional": true}, "p": {"optional": false}},
      "bundleDependencies": ["c"],
      "bin": {"thing": "./cli.js"},
      "os": ["linux", "!win32"], "cpu": "x64", "libc": ["glibc"],
      "engines": {"node": ">=18", "npm": ">=8"},
      "deprecated": "use \u201cother\u201d",
      "hasInstallScript": true, "_hasShrinkwrap": true,
      "dist": {"integrity": "sha512-3a81oZNherrMQXNJriBBMRLm+k6JqX6iCp7u5ktV05ohkpkqJ0/BqDa6PCOj/uu9RU1EI2Q86A4qmslPpUyknw==",
               "tarball": "https://registry.example/@scope/thing/-/thing-1.1.0.tgz",
               "unpackedSize": 12345, "fileCount": 6}},
    "2.0.0-rc.1": {"version": "2.0.0-rc.1"},
    "not-semver": {"version": "not-semver"}
  },
  "time": {"created": "2020-01-01T00:00:00.000Z", "modified": "2024-02-29T12:00:00.500Z",
           "1.0.0": "1970-01-02T00:00:01.000Z", "1.1.0": "2024-02-29T11:00:00+01:00"},
  "users": {"someone": true}
})";

}  // namespace

TEST_CASE("a full packument becomes a record with everything an install needs") {
  PackageMetadata metadata = must(parse_packument(kFull, "@scope/thing"));
  CHECK(metadata.name() == "@scope/thing");
  CHECK(metadata.version_count() == 3);
  CHECK(metadata.has_publish_times());
  CHECK(metadata.modified() == 1709208000);
  CHECK(metadata.tags() == std::vector<std::pair<std::string, std::string>>{
                               {"latest", "1.1.0"}, {"next", "2.0.0-rc.1"}});

  VersionFacts first = metadata.facts(*metadata.find("1.0.0"));
  CHECK(first.published == 86401);
  CHECK(first.integrity == "sha1-NWoZK3kTsExUV00Ywo1G5jlUKKs=");
  CHECK(first.dependencies.empty());

  VersionFacts facts = metadata.facts(*metadata.find("1.1.0"));
  CHECK(facts.published == 1709200800);
  CHECK(facts.platform.os == Lines{"linux", "!win32"});
  CHECK(facts.platform.cpu == Lines{"x64"});
  CHECK(facts.platform.libc == Lines{"glibc"});
  CHECK(facts.node_engine == ">=18");
  CHECK(facts.deprecated == "use \xe2\x80\x9cother\xe2\x80\x9d");
  CHECK(facts.has_install_script);
  CHECK(facts.has_shrinkwrap);
  CHECK(facts.bundled == Lines{"c"});
  CHECK(facts.bins == std::vector<Bin>{{"thing", "cli.js"}});
  CHECK(facts.integrity.starts_with("sha512-3a81"));
  CHECK(facts.tarball == "https://registry.example/@scope/thing/-/thing-1.1.0.tgz");
  CHECK(facts.unpacked_size == 12345);
  CHECK(facts.file_count == 6);
  CHECK(facts.dependencies.size() == 5);
}

TEST_CASE("an abbreviated packument has no publish times") {
  PackageMetadata metadata = must(parse_packument(
      R"({"name":"a","modified":"2020-01-01T00:00:00.000Z","dist-tags":{},"versions":{"1.0.0":{}}})",
      "a"));
  CHECK_FALSE(metadata.has_publish_times());
  CHECK(metadata.modified() == 1577836800);
}

TEST_CASE("an optional dependency wins over the same name among the dependencies") {
  CHECK(dependencies_of(R"({"dependencies":{"b":"1","o":"1"},"optionalDependencies":{"o":"2"}})") ==
        Lines{"optional o 2", "prod b 1"});
  CHECK(dependencies_of(R"({"optionalDependencies":{"o":"2"},"dependencies":{"o":"1","b":"1"}})") ==
        Lines{"optional o 2", "prod b 1"});
}

TEST_CASE("a peer is optional only where the meta says `true`") {
  CHECK(dependencies_of(R"({"peerDependencies":{"p":"1","q":"2","r":"3"},
      "peerDependenciesMeta":{"p":{"optional":true},"q":{"optional":"yes"},"z":{"optional":true},"r":7}})") ==
        Lines{"peer q 2", "peer r 3", "peerOptional p 1"});
}

TEST_CASE("T-RES-02 duplicate keys: the last one wins, `__proto__` is no name") {
  CHECK(dependencies_of(R"({"dependencies":{"b":"1"},"dependencies":{"c":"2"}})") ==
        Lines{"prod c 2"});
  CHECK(dependencies_of(R"({"dependencies":{"b":"1","c":"1","b":"2"}})") ==
        Lines{"prod b 2", "prod c 1"});
  CHECK(dependencies_of(R"({"dependencies":{"__proto__":"1","constructor":"1","b":"1"}})") ==
        Lines{"prod b 1", "prod constructor 1"});
  PackageMetadata metadata = must(parse_packument(
      R"({"versions":{"1.0.0":{}},"name":"b","name":"a","__proto__":{"versions":{"9.0.0":{}}},
          "versions":{"2.0.0":{"deprecated":"x"},"2.0.0":{}}})",
      "a"));
  REQUIRE(metadata.version_count() == 1);
  CHECK(metadata.version_text(0) == "2.0.0");
  CHECK_FALSE(metadata.is_deprecated(0));
}

TEST_CASE("T-LINK-04 dependency names that could act as paths are dropped") {
  CHECK(
      dependencies_of(
          R"({"dependencies":{"../../x":"1","@x/../../../.git/hooks":"1",".bin":"1","node_modules":"1",
      "a/b":"1","":"1","ok":"1","@s/ok":"1","\u0000":"1"}})") ==
      Lines{"prod @s/ok 1", "prod ok 1"});
}

TEST_CASE("a field of the wrong type costs only itself") {
  CHECK(dependencies_of(R"({"dependencies":{"b":1,"c":null,"d":{},"e":["1"],"f":"1"}})") ==
        Lines{"prod f 1"});
  for (const char* wrong :
       {"null", "1", "\"x\"", "[]", "[{}]", "true", "{}", "[1,2,[3]]", "{\"a\":{\"b\":[]}}"}) {
    CAPTURE(wrong);
    std::string version = "{";
    for (const char* field :
         {"dependencies", "optionalDependencies", "peerDependencies", "peerDependenciesMeta",
          "bundleDependencies", "bin", "os", "cpu", "libc", "engines", "deprecated", "scripts",
          "hasInstallScript", "_hasShrinkwrap", "dist"}) {
      version += "\"" + std::string(field) + "\":" + wrong + ",";
    }
    VersionFacts facts =
        facts_of(version + R"("dist":{"tarball":"https://registry.example/a.tgz"}})");
    CHECK(facts.dependencies.empty());
    CHECK(facts.tarball == "https://registry.example/a.tgz");
  }
  PackageMetadata metadata = must(parse_packument(
      R"({"name":"a","dist-tags":[],"time":"never","modified":5,"versions":{"1.0.0":null,"2.0.0":[],"3.0.0":{}}})",
      "a"));
  CHECK(metadata.version_count() == 1);
}

TEST_CASE("deprecation comes as a text, as true, as false") {
  CHECK(facts_of(R"({"deprecated":"gone"})").deprecated == "gone");
  CHECK_FALSE(facts_of(R"({"deprecated":true})").deprecated.empty());
  CHECK(facts_of(R"({"deprecated":false})").deprecated.empty());
  CHECK(facts_of(R"({"deprecated":""})").deprecated.empty());
}

TEST_CASE("install scripts are seen in the scripts or by the flag") {
  CHECK(facts_of(R"({"scripts":{"postinstall":"node x"}})").has_install_script);
  CHECK(facts_of(R"({"scripts":{"install":"node-gyp rebuild"}})").has_install_script);
  CHECK(facts_of(R"({"hasInstallScript":true,"scripts":{"test":"x"}})").has_install_script);
  CHECK_FALSE(facts_of(R"({"scripts":{"test":"x","postinstall":""}})").has_install_script);
}

TEST_CASE("bundled dependencies: a list, `true` for all, either spelling") {
  CHECK(facts_of(R"({"bundledDependencies":["b","../c"]})").bundled == Lines{"b"});
  CHECK(facts_of(R"({"bundleDependencies":true,"dependencies":{"z":"1","b":"1"}})").bundled ==
        Lines{"b", "z"});
  CHECK(facts_of(R"({"bundleDependencies":false,"dependencies":{"b":"1"}})").bundled.empty());
  CHECK(facts_of(R"({"bundledDependencies":["b"],"bundleDependencies":["c"]})").bundled ==
        Lines{"c"});
}

TEST_CASE("a weak or unknown integrity falls back to the shasum") {
  CHECK(
      facts_of(
          R"({"dist":{"integrity":"rot13-abc","shasum":"356a192b7913b04c54574d18c28d46e6395428ab"}})")
          .integrity == "sha1-NWoZK3kTsExUV00Ywo1G5jlUKKs=");
  CHECK(facts_of(R"({"dist":{"integrity":"","shasum":"zz"}})").integrity.empty());
}

TEST_CASE("documents that are no packument are refused") {
  CHECK(error_of("") == ErrorCode::metadata_invalid);
  CHECK(error_of("<html></html>") == ErrorCode::metadata_invalid);
  CHECK(error_of("[]") == ErrorCode::metadata_invalid);
  CHECK(error_of(R"({"error":"not found"})") == ErrorCode::metadata_invalid);
  CHECK(error_of(R"({"name":"a"})") == ErrorCode::metadata_invalid);
  CHECK(error_of(R"({"name":"a","versions":[]})") == ErrorCode::metadata_invalid);
  CHECK(error_of(R"({"name":"b","versions":{}})") == ErrorCode::metadata_invalid);
  CHECK(error_of(R"({"versions":{}})") == ErrorCode::metadata_invalid);
  CHECK(error_of(R"({"name":"a","versions":{}} trailing)") == ErrorCode::metadata_invalid);
  CHECK(error_of(R"({"name":"a","versions":{}}{})") == ErrorCode::metadata_invalid);
  CHECK(error_of(R"({"name":"a","versions":{"1.0.0":{"dependencies":{"b" "1"}}}})") ==
        ErrorCode::metadata_invalid);
  CHECK(error_of(R"({"name":"a","versions":{"1.0.0":{"dependencies":{"b":"1",}}}})") ==
        ErrorCode::metadata_invalid);
  CHECK(error_of(R"({"name":"a","time":{"x":"1" "y"},"versions":{}})") ==
        ErrorCode::metadata_invalid);
}

TEST_CASE("every cut of a packument is refused") {
  std::string_view full = kFull;
  for (std::size_t length = 0; length < full.size(); ++length) {
    if (full.substr(length).find_first_not_of(" \n") == std::string_view::npos) break;
    if (error_of(full.substr(0, length), "@scope/thing") != ErrorCode::metadata_invalid) {
      CAPTURE(length);
      FAIL("a cut packument was accepted");
    }
  }
}

TEST_CASE("an unpublished package has no versions and that is no error") {
  PackageMetadata metadata = must(parse_packument(
      R"({"name":"a","time":{"created":"2020-01-01T00:00:00.000Z","unpublished":{"name":"x","versions":["1.0.0"]}}})",
      "a"));
  CHECK(metadata.version_count() == 0);
}

TEST_CASE("T-RES-05 deep and long documents cost linear time and no stack") {
  std::string deep = R"({"name":"a","versions":{"1.0.0":{"x":)" + std::string(100'000, '[') +
                     std::string(100'000, ']') + "}}}";
  CHECK(error_of(deep) == ErrorCode::metadata_invalid);
  std::string deps = R"({"name":"a","versions":{"1.0.0":{"dependencies":{)";
  for (int i = 0; i < 50'000; ++i)
    deps += "\"d" + std::to_string(i % 100) + "\":\"" + std::to_string(i) + "\",";
  deps += R"("z":"1"}}}})";
  CHECK(must(parse_packument(deps, "a")).facts(0).dependencies.size() == 101);
}

// ---- a second reading, by a tree and without haste

namespace {

using Facts = std::map<std::string, VersionFacts>;

void add_dependencies(const Json* list, DependencyKind kind, const Json* meta,
                      std::vector<Dependency>& out) {
  if (list == nullptr) return;
  for (const auto& [name, value] : list->members()) {
    if (!PackageName::parse(name) || !value.is_string()) continue;
    DependencyKind actual = kind;
    const Json* peer = meta != nullptr ? meta->find(name) : nullptr;
    const Json* optional = peer != nullptr ? peer->find("optional") : nullptr;
    if (optional != nullptr && optional->as_boolean()) actual = DependencyKind::optional_peer;
    out.push_back({name, value.as_string(), actual});
  }
}

std::string text_of(const Json* object, std::string_view key) {
  const std::string* text = object != nullptr ? object->find_string(key) : nullptr;
  return text != nullptr ? *text : "";
}

VersionFacts plain_facts(const std::string& version, const Json& body) {
  VersionFacts facts;
  facts.version = version;
  std::vector<Dependency> production;
  add_dependencies(body.find("dependencies"), DependencyKind::production, nullptr, production);
  add_dependencies(body.find("optionalDependencies"), DependencyKind::optional, nullptr,
                   facts.dependencies);
  for (const Dependency& d : production) {
    auto same = [&](const Dependency& other) { return other.alias == d.alias; };
    if (std::none_of(facts.dependencies.begin(), facts.dependencies.end(), same))
      facts.dependencies.push_back(d);
  }
  add_dependencies(body.find("peerDependencies"), DependencyKind::peer,
                   body.find("peerDependenciesMeta"), facts.dependencies);
  std::sort(facts.dependencies.begin(), facts.dependencies.end());
  facts.node_engine = text_of(body.find("engines"), "node");
  facts.deprecated = text_of(&body, "deprecated");
  const Json* dist = body.find("dist");
  facts.tarball = text_of(dist, "tarball");
  facts.integrity = text_of(dist, "integrity");
  if (Integrity::parse(facts.integrity).empty())
    facts.integrity = Integrity::of_shasum(text_of(dist, "shasum")).text();
  return facts;
}

Facts plain_reading(const Json& document) {
  Facts all;
  for (const auto& [version, body] : document.find("versions")->members()) {
    if (body.is_object() && Version::parse(version)) all[version] = plain_facts(version, body);
  }
  return all;
}

Facts record_reading(const PackageMetadata& metadata) {
  Facts all;
  for (std::uint32_t i = 0; i < metadata.version_count(); ++i) {
    VersionFacts facts = metadata.facts(i);
    std::sort(facts.dependencies.begin(), facts.dependencies.end());
    // Only what the second reading reads.
    VersionFacts compared;
    compared.version = facts.version;
    compared.dependencies = facts.dependencies;
    compared.node_engine = facts.node_engine;
    compared.deprecated = facts.deprecated;
    compared.tarball = facts.tarball;
    compared.integrity = facts.integrity;
    all[compared.version] = compared;
  }
  return all;
}

class RandomPackument {
 public:
  explicit RandomPackument(unsigned seed) : random_(seed) {}

  std::string text() {
    std::string out = blank() + "{" + pair("name", "\"a\"");
    if (chance(3)) out += "," + pair("readme", value(3));
    out += "," + pair("versions", versions());
    if (chance(3)) out += "," + pair("x\\u0041", value(4));
    return out + "}" + blank();
  }

 private:
  bool chance(unsigned in) { return random_() % in == 0; }
  std::string blank() { return chance(4) ? " \n" : ""; }
  std::string pair(const std::string& key, const std::string& text) {
    return blank() + "\"" + key + "\"" + blank() + ":" + blank() + text + blank();
  }
  std::string one_of(const std::vector<std::string>& all) { return all[random_() % all.size()]; }
  std::string string() {
    return one_of({R"("")", R"("^1.2.3")", R"("\"{[\\")", R"("\u00e9\n")", R"("\ud83d\ude00")",
                   R"("caf\u0065")", "\"\xc3\xa9\"",
                   "\"" + std::string(random_() % 90, 'x') + "\""});
  }
  std::string value(int depth) {
    switch (random_() % (depth > 0 ? 7 : 5)) {
      case 0:
        return "null";
      case 1:
        return "true";
      case 2:
        return one_of({"0", "-1.5e3", "12345"});
      case 5:
        return "[" + (chance(2) ? value(depth - 1) + "," + value(depth - 1) : "") + "]";
      case 6:
        return "{" + (chance(2) ? pair(one_of({"a", "optional", "node"}), value(depth - 1)) : "") +
               "}";
      default:
        return string();
    }
  }
  std::string list() {
    std::string out = "{";
    std::size_t count = random_() % 6;
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) out += ",";
      out += pair(one_of({"b", "c", "@s/d", "../e", "lo\\u0064ash", "__proto__", "f.g"}),
                  chance(6) ? value(1) : string());
    }
    return out + "}";
  }
  std::string version() {
    std::string out = "{";
    std::size_t count = random_() % 9;
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) out += ",";
      std::string key = one_of({"dependencies", "optionalDependencies", "peerDependencies",
                                "peerDependenciesMeta", "dist", "engines", "deprecated",
                                "description", "devDependencies"});
      std::string body = value(3);
      if (!chance(5)) {
        if (key.ends_with("endencies")) body = list();
        if (key == "peerDependenciesMeta") body = "{" + pair("b", R"({"optional":true})") + "}";
        if (key == "dist")
          body = "{" + pair("tarball", string()) + "," + pair("shasum", string()) + "}";
        if (key == "engines") body = "{" + pair("node", string()) + "}";
      }
      // `true` has a text of our own, which the second reading does not know.
      if (key == "deprecated") body = string();
      out += pair(key, body);
    }
    return out + "}";
  }
  std::string versions() {
    std::string out = "{";
    std::size_t count = random_() % 6;
    for (std::size_t i = 0; i < count; ++i) {
      if (i > 0) out += ",";
      out += pair(one_of({"1.0.0", "1.2.3-beta.1", "2.0.0", "no", "3.0.0+build"}), version());
    }
    return out + "}";
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("reading a packument agrees with reading its tree, on random ones") {
  for (unsigned seed = 1; seed <= 3000; ++seed) {
    std::string text = RandomPackument(seed).text();
    Result<Json> tree = Json::parse(text, "packument");
    REQUIRE(tree.has_value());
    Result<PackageMetadata> metadata = parse_packument(text, "a");
    if (!metadata || record_reading(*metadata) != plain_reading(*tree)) {
      CAPTURE(seed);
      CAPTURE(text);
      REQUIRE(metadata.has_value());
      REQUIRE(record_reading(*metadata) == plain_reading(*tree));
    }
  }
}

TEST_CASE("bytes changed at random never crash, and what a tree reader accepts is read alike") {
  std::mt19937 random(7);
  constexpr std::string_view kBytes = "{}[]\",:\\ x1\xff\x00";
  for (int round = 0; round < 3000; ++round) {
    std::string text = kFull;
    for (unsigned i = 0; i <= random() % 3; ++i)
      text[random() % text.size()] = kBytes[random() % kBytes.size()];
    Result<PackageMetadata> metadata = parse_packument(text, "@scope/thing");
    Result<Json> tree = Json::parse(text, "packument");
    if (!tree || !tree->is_object() || !metadata) continue;
    const Json* versions = tree->find("versions");
    if (versions == nullptr || !versions->is_object()) continue;
    if (record_reading(*metadata) != plain_reading(*tree)) {
      CAPTURE(text);
      REQUIRE(record_reading(*metadata) == plain_reading(*tree));
    }
  }
}
