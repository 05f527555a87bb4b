// SPDX-License-Identifier: MIT
#include "core/model/patches.h"

#include <doctest/doctest.h>

using namespace hod;

namespace {

Result<PatchRules> rules_of(const std::string& manifest, const std::string& file = "null") {
  const Manifest root = must(Manifest::parse(manifest, "package.json", Strict::yes));
  const WorkspaceFile workspace =
      must(WorkspaceFile::of_json(must(Json::parse(file, "")), "pnpm-workspace.yaml"));
  return patch_rules(root, &workspace);
}

std::string chosen(const PatchRules& rules, const char* name, const char* version) {
  const auto found = patch_for(rules.rules, name, version);
  if (!found) return "error";
  return *found ? (*found)->path : "none";
}

}  // namespace

TEST_CASE("an exact version goes before a range, a range before a name") {
  const PatchRules rules = must(rules_of(R"({"pnpm": {"patchedDependencies": {
      "a": "p/a", "a@^1": "./p/a1", "a@1.2.3": "p/a123", "@s/b@*": "p/b", "c@^1": "p/c"}}})"));
  CHECK(chosen(rules, "a", "1.2.3") == "p/a123");
  CHECK(chosen(rules, "a", "1.3.0") == "p/a1");
  CHECK(chosen(rules, "a", "2.0.0") == "p/a");
  CHECK(chosen(rules, "@s/b", "1.0.0-rc.1") == "p/b");
  CHECK(chosen(rules, "c", "2.0.0") == "none");
  CHECK(chosen(rules, "d", "1.0.0") == "none");
  CHECK(chosen(rules, "a", "") == "p/a");
}

TEST_CASE("two ranges that fit one version are an error that a version's key mends") {
  const std::string both = R"("a@^1": "p/1", "a@>=1.1": "p/2")";
  CHECK(chosen(must(rules_of(R"({"patchedDependencies": {)" + both + "}}")), "a", "1.2.0") ==
        "error");
  CHECK(chosen(must(rules_of(R"({"patchedDependencies": {"a@1.2.0": "p/3", )" + both + "}}")), "a",
               "1.2.0") == "p/3");
}

TEST_CASE("pnpm-workspace.yaml goes before package.json, key by key") {
  const PatchRules rules =
      must(rules_of(R"({"pnpm": {"patchedDependencies": {"a": "old", "b": "b"}}})",
                    R"({"patchedDependencies": {"a": "new"},
                                             "allowUnusedPatches": true})"));
  CHECK(chosen(rules, "a", "1.0.0") == "new");
  CHECK(chosen(rules, "b", "1.0.0") == "b");
  CHECK(rules.allow_unused);
  CHECK_FALSE(must(rules_of("{}")).allow_unused);
}

TEST_CASE("T-LINK-07 a patch file lies inside the project") {
  for (const char* path : {"../a.patch", "/etc/a.patch", "p/../../a", "", ".", "p//a", "p/./a",
                           "p\\\\..\\\\a", "./", "~/../x", "node_modules/a/x.patch"}) {
    CAPTURE(path);
    CHECK_FALSE(rules_of(R"({"patchedDependencies": {"a": ")" + std::string(path) + "\"}}"));
  }
  for (const char* key : {"../a", "", "a@what is this", "@s", "a@"}) {
    CAPTURE(key);
    CHECK_FALSE(rules_of(R"({"patchedDependencies": {")" + std::string(key) + R"(": "p/a"}})"));
  }
  CHECK_FALSE(rules_of(R"({"patchedDependencies": {"a": 1}})"));
  CHECK_FALSE(rules_of(R"({"patchedDependencies": []})"));
}

TEST_CASE("differences of patches are told by key") {
  const PatchRecord locked{{"a", "1"}, {"b", "1"}, {"c", ""}, {"d", "1"}};
  CHECK(patch_differences(locked, locked).empty());
  const auto lines = patch_differences(locked, {{"a", "1"}, {"b", "2"}, {"c", "3"}, {"e", "1"}});
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].find("`b` is another one") != std::string::npos);
  CHECK(lines[1].find("`e` is not in the lockfile") != std::string::npos);
  CHECK(lines[2].find("`d` is in the lockfile") != std::string::npos);
}
