// SPDX-License-Identifier: MIT
#include "core/model/requirements.h"

#include <doctest/doctest.h>

using namespace hod;

namespace {

Manifest manifest(const std::string& path, const char* text) {
  return must(Manifest::parse(text, path + "/package.json", Strict::yes));
}

}  // namespace

TEST_CASE("importers are sorted by path with the root first") {
  const Manifest root = manifest(".", R"({"name": "root", "dependencies": {"x": "^1"}})");
  const Manifest a = manifest("a", R"({"name": "a", "version": "1.0.0",
                                       "dependencies": {"b": "workspace:^"}})");
  const Manifest b = manifest("-b", R"({"name": "b"})");
  const Requirements requirements =
      must(Requirements::of_manifests({{"a", &a}, {".", &root}, {"-b", &b}}));
  REQUIRE(requirements.importers.size() == 3);
  CHECK(requirements.importers[0] ==
        Importer{".", "root", "", {{"x", "^1", DependencyKind::production}}});
  CHECK(requirements.importers[1].path == "-b");
  CHECK(requirements.importers[2] ==
        Importer{"a", "a", "1.0.0", {{"b", "workspace:^", DependencyKind::production}}});
}

TEST_CASE("two members of one name are refused") {
  const Manifest root = manifest(".", R"({"name": "same"})");
  const Manifest a = manifest("a", R"({"name": "same"})");
  const Manifest b = manifest("b", R"({"name": "same"})");
  const Manifest nameless = manifest("c", "{}");
  CHECK(Requirements::of_manifests({{".", &root}, {"a", &a}, {"c", &nameless}, {"d", &nameless}}));
  const auto refused = Requirements::of_manifests({{".", &root}, {"a", &a}, {"b", &b}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == ErrorCode::workspace_invalid);
  CHECK(refused.error().where() == "`a` and `b`");
}

TEST_CASE("T-LINK-04: a member's name must be a package name, the root's need not") {
  const Manifest bad = manifest("a", R"({"name": "../../x"})");
  const Manifest fine = manifest(".", R"({"name": "My App"})");
  CHECK(Requirements::of_manifests({{".", &fine}}));
  const auto refused = Requirements::of_manifests({{".", &fine}, {"a", &bad}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == ErrorCode::workspace_invalid);
}

TEST_CASE("a specifier that means nothing is told with its importer") {
  const Manifest root = manifest(".", R"({"dependencies": {"a": "nope:x y"}})");
  const auto refused = Requirements::of_manifests({{".", &root}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().text().find("`a` of `.`") != std::string::npos);
}

TEST_CASE("overrides come from the root alone") {
  const Manifest root = manifest(".", R"({"overrides": {"a": "1"}})");
  const Manifest member = manifest("m", R"({"name": "m", "overrides": {"b": "1"}})");
  const Requirements requirements =
      must(Requirements::of_manifests({{".", &root}, {"m", &member}}));
  REQUIRE(requirements.overrides.rules.size() == 1);
  CHECK(requirements.overrides.rules[0].target.name == "a");
}

TEST_CASE("a workspace file's overrides, catalogs and extensions go before the root's own") {
  const Manifest root = manifest(".", R"({
    "dependencies": {"a": "catalog:", "b": "catalog:next", "c": "^5"},
    "workspaces": {"packages": [], "catalog": {"a": "9", "only": "1"}, "catalogs": {"next": {"b": "^8"}}},
    "pnpm": {"overrides": {"x": "1", "y": "$c"},
             "packageExtensions": {"q@^1": {"peerDependencies": {"r": "*"}, "devDependencies": {"s": "1"}}}}})");
  WorkspaceFile file;
  file.path = "pnpm-workspace.yaml";
  file.catalogs[""]["a"] = "^1";
  file.overrides = must(Json::parse(R"({"x": "2", "p>z": "3"})", ""));
  file.package_extensions = must(Json::parse(R"({"t": {"dependencies": {"u": "^1"}}})", ""));
  const Requirements requirements = must(Requirements::of_manifests({{".", &root}}, &file));
  CHECK(override_record(requirements) ==
        std::vector<std::pair<std::string, std::string>>{{"packageExtensions.q@^1.peer.r", "*"},
                                                         {"packageExtensions.t.prod.u", "^1"},
                                                         {"pnpm-workspace.overrides.p>z", "3"},
                                                         {"pnpm-workspace.overrides.x", "2"},
                                                         {"pnpm.overrides.x", "1"},
                                                         {"pnpm.overrides.y", "^5"}});
  REQUIRE(requirements.overrides.match({}, "x", "^0.1") != nullptr);
  CHECK(requirements.overrides.match({}, "x", "^0.1")->specifier == "2");
  const Importer& app = requirements.importers[0];
  CHECK(effective_specifier(requirements, app, app.dependencies[0]) == "^1");
  CHECK(effective_specifier(requirements, app, app.dependencies[1]) == "^8");
  CHECK(requirements.catalogs.at("").at("only") == "1");
  CHECK(requirements.extensions.size() == 2);
}

TEST_CASE("extensions and overrides that cannot be read are errors of their file") {
  const Manifest plain = manifest(".", "{}");
  const auto refused = [](const Manifest& root, const char* overrides, const char* extensions) {
    WorkspaceFile file;
    file.path = "pnpm-workspace.yaml";
    file.overrides = must(Json::parse(overrides, ""));
    file.package_extensions = must(Json::parse(extensions, ""));
    const auto requirements = Requirements::of_manifests({{".", &root}}, &file);
    return requirements ? "fine" : requirements.error().text();
  };
  CHECK(refused(plain, "null", "null") == "fine");
  CHECK(refused(plain, R"({"../x": "1"})", "null").find("pnpm-workspace.yaml") !=
        std::string::npos);
  CHECK(
      refused(plain, R"({"x": 1})", "null").find("`pnpm-workspace.overrides.x` must be a string") !=
      std::string::npos);
  CHECK(refused(plain, "null", R"({"../x": {}})").find("is not valid") != std::string::npos);
  CHECK(refused(plain, "null", R"({"x": {"dependencies": 1}})").find("[MANIFEST_INVALID]") !=
        std::string::npos);
  CHECK(refused(plain, "null", R"({"x": 1})").find("[MANIFEST_INVALID]") != std::string::npos);
  const Manifest odd = manifest(".", R"({"pnpm": {"packageExtensions": []}})");
  CHECK(refused(odd, "null", "null").find("`pnpm.packageExtensions` must be an object") !=
        std::string::npos);
  CHECK(refused(manifest(".", R"({"catalog": "of something else"})"), "null", "null") == "fine");
}

TEST_CASE("overrides and catalogs decide what a dependency asks for") {
  Requirements requirements;
  requirements.importers.push_back({".", "app", "1.0.0", {}});
  requirements.catalogs[""] = {{"a", "^1"}, {"o", "^7"}};
  requirements.catalogs["next"] = {{"a", "^2"}};
  const auto rule = [](const char* name, const char* specifier) {
    return Override{
        {}, false, {name, std::nullopt, ""}, specifier, std::string("overrides.") + name};
  };
  requirements.overrides.rules = {rule("gone", "-"), rule("b", "3.0.0"), rule("o", "catalog:")};
  const auto asked = [&](const char* alias, const char* specifier) {
    return effective_specifier(requirements, requirements.importers[0],
                               {alias, specifier, DependencyKind::production});
  };
  CHECK(asked("a", "catalog:") == "^1");
  CHECK(asked("a", "catalog:default") == "^1");
  CHECK(asked("a", "catalog:next") == "^2");
  CHECK(asked("a", "catalog:none") == "catalog:none");
  CHECK(asked("x", "catalog:") == "catalog:");
  CHECK(asked("b", "^1") == "3.0.0");
  CHECK(asked("o", "^1") == "^7");
  CHECK(asked("gone", "^1") == std::nullopt);
  CHECK(asked("a", "~5") == "~5");
}

TEST_CASE("overrides and package extensions are recorded in one sorted list") {
  Requirements requirements;
  requirements.overrides.rules = {{{}, false, {"b", std::nullopt, ""}, "2", "overrides.b"},
                                  {{}, false, {"a", std::nullopt, ""}, "1", "overrides.a"}};
  requirements.extensions = {{{"x", std::nullopt, "^1"}, {{"y", "^2", DependencyKind::peer}}}};
  CHECK(override_record(requirements) ==
        std::vector<std::pair<std::string, std::string>>{
            {"overrides.a", "1"}, {"overrides.b", "2"}, {"packageExtensions.x@^1.peer.y", "^2"}});
}
