// SPDX-License-Identifier: MIT
#include "core/model/workspace_file.h"

#include <doctest/doctest.h>

using namespace hod;

namespace {

Result<WorkspaceFile> read(const char* text) {
  return WorkspaceFile::of_json(must(Json::parse(text, "")), "pnpm-workspace.yaml");
}
std::string refused(const char* text) {
  const auto file = read(text);
  if (file) return "fine";
  CHECK(file.error().code() == ErrorCode::manifest_invalid);
  CHECK(file.error().where() == "pnpm-workspace.yaml");
  return file.error().what();
}

}  // namespace

TEST_CASE("a workspace file names members, catalogs, overrides and extensions") {
  const WorkspaceFile file = must(read(R"({
    "packages": ["packages/*", "!packages/old"],
    "catalog": {"react": "^18", "@s/x": "1"}, "catalogs": {"next": {"react": "^19"}},
    "overrides": {"a": "1"}, "packageExtensions": {"b": {}}, "onlyBuiltDependencies": ["c"]})"));
  CHECK(file.packages == std::vector<std::string>{"packages/*", "!packages/old"});
  CHECK(file.catalogs ==
        Catalogs{{"", {{"react", "^18"}, {"@s/x", "1"}}}, {"next", {{"react", "^19"}}}});
  CHECK(file.overrides.find("a") != nullptr);
  CHECK(file.package_extensions.find("b") != nullptr);
  CHECK(file.path == "pnpm-workspace.yaml");
}

TEST_CASE("an empty workspace file and keys without anything behind them are fine") {
  CHECK(must(read("null")).packages.empty());
  const WorkspaceFile file = must(read(R"({"packages": null, "catalog": null, "catalogs": null,
                                           "overrides": null, "packageExtensions": null})"));
  CHECK(file.packages.empty());
  CHECK(file.catalogs.empty());
  CHECK(file.overrides.is_null());
}

TEST_CASE("the default catalog may be called default, but not be there twice") {
  CHECK(must(read(R"({"catalogs": {"default": {"a": "1"}}})")).catalogs.at("").at("a") == "1");
  CHECK(refused(R"({"catalog": {"a": "1"}, "catalogs": {"default": {"a": "1"}}})").find("twice") !=
        std::string::npos);
}

TEST_CASE("workspace files of wrong types are errors") {
  CHECK(refused("[]").find("a mapping is expected") != std::string::npos);
  CHECK(refused(R"({"packages": "a"})").find("`packages`") != std::string::npos);
  CHECK(refused(R"({"packages": [true]})").find("`packages`") != std::string::npos);
  CHECK(refused(R"({"catalog": []})").find("`catalog` must be an object") != std::string::npos);
  CHECK(refused(R"({"catalog": {"a": true}})").find("`catalog.a` must be a string") !=
        std::string::npos);
  CHECK(refused(R"({"catalogs": {"x": "y"}})").find("`catalogs.x` must be an object") !=
        std::string::npos);
  CHECK(refused(R"({"catalogs": []})").find("`catalogs` must be an object") != std::string::npos);
  CHECK(refused(R"({"overrides": []})").find("`overrides` must be an object") != std::string::npos);
  CHECK(refused(R"({"packageExtensions": 1})").find("`packageExtensions` must be") !=
        std::string::npos);
}

TEST_CASE("T-LINK-04: names in catalogs are package names") {
  CHECK(refused(R"({"catalog": {"../x": "1"}})").find("not valid") != std::string::npos);
}
