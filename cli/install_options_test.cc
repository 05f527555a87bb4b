// SPDX-License-Identifier: MIT
#include "cli/install_options.h"

#include <doctest/doctest.h>

#include "cli/session.h"
#include "cli/test_folder.h"

using namespace hod;
using namespace hod::cli;

namespace {

Result<InstallOptions> options(const std::string& root, std::vector<std::string> words,
                               const std::function<void(Settings&)>& set = {}) {
  Arguments arguments = must(Arguments::parse(words));
  Environment environment;
  Settings settings;
  if (set) set(settings);
  auto reporter = make_reporter({}, {[](std::string_view) {}, [](std::string_view) {},
                                     [] { return std::chrono::steady_clock::now(); }});
  Timing timing;
  Session session{arguments,           environment, root,  std::nullopt,
                  std::move(settings), *reporter,   timing};
  return install_options(session, root);
}

}  // namespace

TEST_CASE("kinds are left out by --prod, --omit and --no-optional, on top of what is set") {
  TestFolder folder;
  CHECK(must(options(folder.path(), {"install", "--prod"})).omit.development);
  CHECK(must(options(folder.path(), {"install", "--omit=peer"})).omit.peer);
  CHECK(must(options(folder.path(), {"install", "--no-optional"})).omit.optional);
  auto set = [](Settings& settings) { settings.omit.value.development = true; };
  CHECK(must(options(folder.path(), {"install"}, set)).omit.development);
  CHECK_FALSE(must(options(folder.path(), {"install", "--no-prod"}, set)).omit.development);
  CHECK(options(folder.path(), {"install", "--omit=nonsense"}).error().code() == ErrorCode::usage);
}

TEST_CASE("frozen: by ci, by option, by setting, and by CI where there is a lockfile") {
  TestFolder folder;
  auto in_ci = [](Settings& settings) { settings.ci.value = true; };
  auto set_off = [](Settings& settings) {
    settings.ci.value = true;
    settings.frozen_lockfile.value = false;
  };
  CHECK(must(options(folder.path(), {"ci"})).frozen);
  CHECK(must(options(folder.path(), {"ci"})).clean);
  CHECK(must(options(folder.path(), {"install", "--frozen-lockfile"})).frozen);
  CHECK_FALSE(must(options(folder.path(), {"install"})).frozen);
  CHECK_FALSE(must(options(folder.path(), {"install"}, in_ci)).frozen);
  folder.write("hod.lock", "");
  CHECK(must(options(folder.path(), {"install"}, in_ci)).frozen);
  CHECK_FALSE(must(options(folder.path(), {"install"}, set_off)).frozen);
  CHECK_FALSE(must(options(folder.path(), {"install", "--no-frozen-lockfile"}, in_ci)).frozen);
  CHECK_FALSE(must(options(folder.path(), {"add", "x"}, in_ci)).frozen);
}

TEST_CASE("the layout is the set one, else that of the team's lockfile, else isolated") {
  TestFolder folder;
  CHECK(must(options(folder.path(), {"install"})).layout == cache::Layout::isolated);
  folder.write("package-lock.json", "{}");
  CHECK(must(options(folder.path(), {"install"})).layout == cache::Layout::hoisted);
  auto isolated = [](Settings& settings) { settings.layout.value = cache::Layout::isolated; };
  CHECK(must(options(folder.path(), {"install"}, isolated)).layout == cache::Layout::isolated);
  // The global virtual store is a kind of the isolated layout.
  auto global = [](Settings& settings) { settings.global_virtual_store.value = true; };
  CHECK(must(options(folder.path(), {"install"}, global)).layout == cache::Layout::isolated);
}

TEST_CASE("another form of the tree is another text") {
  InstallOptions plain, hoisted, production, quiet, global, elsewhere;
  hoisted.layout = cache::Layout::hoisted;
  production.omit.development = true;
  quiet.ignore_scripts = true;
  global.global_virtual_store = elsewhere.global_virtual_store = true;
  elsewhere.cache_root = "/elsewhere";
  std::set<std::string> texts = {plain.tree_settings(),      hoisted.tree_settings(),
                                 production.tree_settings(), quiet.tree_settings(),
                                 global.tree_settings(),     elsewhere.tree_settings()};
  CHECK(texts.size() == 6);
}

TEST_CASE("the release age is a day for the built-in registry, and nothing for others") {
  constexpr std::int64_t kNow = 1'000'000;
  constexpr std::int64_t kDay = 86'400;
  Settings settings;
  settings.registry.value = HOD_DEFAULT_REGISTRY;
  CHECK(newest_allowed(settings, kNow) == kNow - kDay);
  settings.scope_registries["@ours"].value = "https://registry.example/";
  CHECK(exempt_of_age(settings) == std::set<std::string>{"@ours/*"});
  settings.registry.value = "https://registry.example/";
  CHECK(newest_allowed(settings, kNow) == 0);
  settings.minimum_release_age.value = std::chrono::minutes{10};
  settings.minimum_release_age_exclude.value = {"mine"};
  CHECK(newest_allowed(settings, kNow) == kNow - 600);
  CHECK(exempt_of_age(settings) == std::set<std::string>{"mine"});
  settings.minimum_release_age.value = std::chrono::minutes{0};
  settings.registry.value = HOD_DEFAULT_REGISTRY;
  CHECK(newest_allowed(settings, kNow) == 0);
  settings.before.value = 4711;
  CHECK(newest_allowed(settings, kNow) == 4711);
}

TEST_CASE("--resolution, --prefer-dedupe and dedupe itself ask for the fewest packages") {
  TestFolder folder;
  using resolver::Resolution;
  CHECK(must(options(folder.path(), {"install"})).resolution == Resolution::newest);
  CHECK(must(options(folder.path(), {"install", "--resolution=fewest"})).resolution ==
        Resolution::fewest);
  CHECK(must(options(folder.path(), {"add", "x", "--prefer-dedupe"})).resolution ==
        Resolution::fewest);
  CHECK(must(options(folder.path(), {"dedupe"})).resolution == Resolution::fewest);
  CHECK(options(folder.path(), {"install", "--resolution=most"}).error().code() ==
        ErrorCode::usage);
}
