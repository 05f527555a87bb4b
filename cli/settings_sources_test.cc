#include "cli/settings_sources.h"

#include <doctest/doctest.h>

#include "cli/test_folder.h"

using namespace hod;
using namespace hod::cli;

namespace {

// "key=value@source" of each, separated by blanks.
std::string gathered(const SettingsInput& input) {
  std::string text;
  for (const GivenSetting& given : must(gather_settings(input))) {
    text += (text.empty() ? "" : " ") + given.key + '=' + given.value.dump();
    if (!given.refused.empty()) text += "(refused)";
    text += '@' + std::to_string(static_cast<int>(given.source.kind)) + ':' +
            std::to_string(given.source.line);
  }
  return text;
}

}  // namespace

TEST_CASE("files come typed as npm types them, with their lines; hod's own as written") {
  TestFolder folder;
  SettingsInput input;
  input.environment.set("HOME", folder.path());
  input.system_file = folder / "absent";
  folder.write(".npmrc", "\nsave-exact=yes\n");
  CHECK(gathered(input) == "save-exact=true@2:2");
  folder.write(".config/hod/config.json", "{\n\"saveExact\":\n\"yes\"}");
  CHECK(gathered(input) == "save-exact=true@2:2 save-exact=\"yes\"@3:3");
  input.environment.set("XDG_CONFIG_HOME", folder / "xdg");
  folder.write("xdg/hod/config.json", R"({"a": "${HOME:-x}", "b": "${NO:-y}"})");
  CHECK(gathered(input) == "save-exact=true@2:2 a=\"" + folder.path() + "\"@3:1 b=\"y\"@3:1");
}

TEST_CASE("a folder where a file of settings should be is told, an absent one or a device is not") {
  TestFolder folder;
  SettingsInput input;
  input.system_file = "";
  input.environment.set("HOME", folder.path());
  input.environment.set("npm_config_userconfig", "/dev/null");
  CHECK(gather_settings(input).has_value());
  input.project_root = folder / "project";
  CHECK(gather_settings(input).has_value());
  must(make_directories(folder / "project/.npmrc"));
  auto refused = gather_settings(input);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().where() == folder / "project/.npmrc");
}

TEST_CASE(
    "npm's variables are read in any case, hod's by name; what npm says about itself is not") {
  SettingsInput input;
  input.system_file = "";
  input.environment.set("NPM_CONFIG_Save_Exact", "true");
  input.environment.set("npm_config_user_agent", "npm/1");
  input.environment.set("npm_config_tag", "");
  input.environment.set("npm_config__authToken", "t");
  input.environment.set("HOD_OFFLINE", "1");
  input.environment.set("HOD_SOMETHING_ELSE", "1");
  input.flags = {{"offline", "false"}};
  CHECK(gathered(input) ==
        "save-exact=true@6:0 _authToken=\"t\"@6:0 offline=\"1\"@6:0 offline=\"false\"@7:0");
}

TEST_CASE(
    "the manifest's `hod` object is a project's word, and a broken manifest is not our business") {
  TestFolder folder;
  SettingsInput input;
  input.system_file = "";
  input.project_root = folder.path();
  folder.write(
      "package.json",
      "{\"hod\":{\"layout\":\"${X:-hoisted}\",\"strict-ssl\":false,\"allowed\":{\"a\":1}}}");
  CHECK(gathered(input) ==
        R"(layout="${X:-hoisted}"@5:1 strict-ssl=false(refused)@5:1 allowed={"a":1}@5:1)");
  folder.write("package.json", "{\"hod\":");
  CHECK(gathered(input) == "");
}

TEST_CASE("paths are absolute, or below the folder they are written in") {
  CHECK(absolute_path("/a", "/h", "/f") == "/a");
  CHECK(absolute_path("~/a", "/h", "/f") == "/h/a");
  CHECK(absolute_path("a", "/h", "/f") == "/f/a");
  CHECK(absolute_path("a", "/h", "") == "");
  CHECK(absolute_path("", "/h", "/f") == "");
}
