// SPDX-License-Identifier: MIT
#include "cli/install_summary.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::cli;
using std::chrono::milliseconds;

namespace {

struct Told {
  std::string err;
  Json document;
};

Told told(const InstallOptions& options, const InstallOutcome& outcome) {
  Told out;
  auto now = [] { return std::chrono::steady_clock::time_point{}; };
  auto people = make_reporter(
      {}, {[](std::string_view) {}, [&](std::string_view text) { out.err += text; }, now});
  summarize_install(*people, options, outcome, milliseconds{310});
  std::string text;
  ReporterOptions json;
  json.kind = ReporterOptions::Kind::json;
  auto machine = make_reporter(
      json, {[&](std::string_view part) { text += part; }, [](std::string_view) {}, now});
  summarize_install(*machine, options, outcome, milliseconds{310});
  machine->finish(0);
  out.document = must(Json::parse(text, ""));
  return out;
}

}  // namespace

TEST_CASE("the summary counts packages, names what was added and what did not run") {
  InstallOutcome outcome;
  outcome.packages = 12;
  outcome.links.packages_added = 3;
  outcome.links.packages_removed = 1;
  outcome.added = {"express 5.1.0"};
  outcome.skipped_scripts = {"esbuild 0.28.1", "sharp 0.35.0"};
  outcome.deprecated = {{"old 1.0.0", "use new", true}, {"deep 1.0.0", "gone", false}};
  outcome.unfit_engines = {"cookie 2.0.2 (>=22)"};
  outcome.node_version = "20.1.0";
  Told said = told({}, outcome);
  CHECK(said.err ==
        "warning: old 1.0.0 is deprecated: use new\n"
        "! 1 deprecated package below your dependencies: deep 1.0.0\n"
        "warning: 1 package wants another Node.js than 20.1.0: cookie 2.0.2 (>=22)\n"
        "! 2 packages want to run install scripts, not run: esbuild 0.28.1, sharp 0.35.0\n"
        "  + express 5.1.0\n"
        "12 packages (3 added, 1 removed), isolated, 0.31 s\n");
  const Json* result = said.document.find("result");
  CHECK(result->find("packages")->as_number() == 12);
  CHECK(result->find("scriptsNotRun")->elements().size() == 2);
}

TEST_CASE("a dry run shows the changes to the lockfile") {
  InstallOptions options;
  options.dry_run = true;
  InstallOutcome outcome;
  outcome.changes = {{"a", "1.0.0", "2.0.0"}, {"b", "", "1.0.0"}, {"c", "1.0.0", ""}};
  Told said = told(options, outcome);
  CHECK(said.err ==
        "  ~ a 1.0.0 -> 2.0.0\n  + b 1.0.0\n  - c 1.0.0\n3 changes to hod.lock; nothing was "
        "changed\n");
  CHECK(said.document.find("result")->find("changes")->elements().size() == 3);
}

TEST_CASE("long lists are cut, with a count of the rest") {
  InstallOutcome outcome;
  for (int i = 0; i < 13; ++i) outcome.skipped_scripts.push_back("p" + std::to_string(i));
  CHECK(told({}, outcome).err.find("p9 and 3 more") != std::string::npos);
}

TEST_CASE("warnings of the solver come with the way to their package, in --json as data") {
  InstallOutcome outcome;
  using Kind = resolver::Warning::Kind;
  outcome.warnings = {
      {Kind::peer_unmet, "plug@1.0.0", "plug 1.0.0 wants host ^2", {".", "a@1.0.0", "plug@1.0.0"}},
      {Kind::held_back, "b@1.0.0", "b 1.1.0 is too young", {".", "b@1.0.0"}},
      {Kind::deprecated, "deep@1.0.0", "gone", {".", "b@1.0.0", "deep@1.0.0"}}};
  outcome.deprecated = {{"deep 1.0.0", "gone", false}};
  InstallOptions options;
  options.lockfile_only = true;
  Told said = told(options, outcome);
  CHECK(said.err ==
        "warning: plug 1.0.0 wants host ^2 (a@1.0.0)\n"
        "warning: b 1.1.0 is too young\n"
        "! 1 deprecated package below your dependencies: deep 1.0.0 (b@1.0.0)\n"
        "hod.lock is up to date\n");
  const Json& told_ones = *said.document.find("result")->find("resolutionWarnings");
  REQUIRE(told_ones.elements().size() == 3);
  CHECK(*told_ones.elements()[1].find_string("kind") == "heldBack");
}

TEST_CASE("more than twenty changes are counted, and an update shows its own") {
  InstallOutcome outcome;
  outcome.moves = true;
  outcome.manifest_changes = {{"web/package.json", "a", "^1.0.0", "^2.0.0"}};
  for (int i = 0; i < 23; ++i) outcome.changes.push_back({"p" + std::to_string(i), "", "1.0.0"});
  Told said = told({}, outcome);
  CHECK(said.err.find("  web/package.json: a ^1.0.0 -> ^2.0.0\n  + p0 1.0.0\n") == 0);
  CHECK(said.err.find("p19 1.0.0\n  … and 3 more\n") != std::string::npos);
  CHECK(said.document.find("result")->find("manifestChanges")->elements().size() == 1);
}

TEST_CASE("many optional dependencies that cannot be had are one line") {
  InstallOutcome outcome;
  const auto drop = [&](int i, std::vector<std::string> path) {
    const std::string name = "native-" + std::to_string(i);
    outcome.warnings.push_back({resolver::Warning::Kind::optional_dropped, name,
                                "the optional dependency " + name + " is left out",
                                std::move(path)});
  };
  drop(0, {".", "addon@1.0.0"});
  CHECK(told({}, outcome)
            .err.find("warning: the optional dependency native-0 is left out "
                      "(addon@1.0.0)\n") != std::string::npos);
  for (int i = 1; i < 24; ++i) drop(i, {".", "addon@1.0.0"});
  const std::string err = told({}, outcome).err;
  CHECK(err.find("warning: 24 optional dependencies cannot be had and are left out: native-0, ") !=
        std::string::npos);
  CHECK(err.find("native-9 and 14 more (addon@1.0.0)\n") != std::string::npos);
  CHECK(err.find("is left out") == std::string::npos);
}
