// SPDX-License-Identifier: MIT
#include "cli/reporter_json.h"

#include <doctest/doctest.h>

#include "core/base/result.h"

namespace hod::cli {

namespace {

struct Scene {
  Scene() {
    ReporterOptions options;
    options.kind = ReporterOptions::Kind::json;
    options.command = "install";
    reporter = make_json_reporter(std::move(options),
                                  {[this](std::string_view text) { out += text; },
                                   [this](std::string_view text) { err += text; },
                                   [] { return std::chrono::steady_clock::time_point(); }});
  }

  Json document() const { return must(Json::parse(out, "stdout")); }

  std::string out, err;
  std::unique_ptr<Reporter> reporter;
};

}  // namespace

TEST_CASE("--json is one versioned document on stdout, errors included") {
  Scene scene;
  scene.reporter->line("for people");
  scene.reporter->warning("careful");
  scene.reporter->error(Error(ErrorCode::usage, "no").at("here").hint("do this"));
  Json outcome = Json::object();
  outcome.set("added", Json::number(3));
  scene.reporter->result("for people", std::move(outcome));
  CHECK(scene.out.empty());
  scene.reporter->finish(2);
  CHECK(scene.err.empty());
  const Json document = scene.document();
  CHECK(document.find("version")->as_number() == 1);
  CHECK(*document.find_string("command") == "install");
  CHECK(document.find("exit")->as_number() == 2);
  CHECK_FALSE(document.find("ok")->as_boolean());
  CHECK(document.find("result")->find("added")->as_number() == 3);
  CHECK(document.find("warnings")->elements().size() == 1);
  CHECK(document.find("notices")->elements().empty());
  CHECK(scene.out.find("for people") == std::string::npos);
}

TEST_CASE("--json: an error has its code, its place, what led to it and the ways out") {
  Scene scene;
  scene.reporter->error(Error(ErrorCode::usage, "no")
                            .at("here")
                            .detail("in particular")
                            .during("while trying")
                            .hint("do this"));
  scene.reporter->error(Error(ErrorCode::internal, "nowhere"));
  scene.reporter->finish(2);
  const Json document = scene.document();
  const auto& errors = document.find("errors")->elements();
  REQUIRE(errors.size() == 2);
  CHECK(*errors[0].find_string("code") == "USAGE");
  CHECK(*errors[0].find_string("message") == "no");
  CHECK(*errors[0].find_string("where") == "here");
  for (const char* list : {"details", "trail", "hints"}) {
    CAPTURE(list);
    CHECK(errors[0].find(list)->elements().size() == 1);
    CHECK(errors[1].find(list)->elements().empty());
  }
  CHECK(errors[1].find("where") == nullptr);
}

TEST_CASE("--json: nothing said is a document all the same, and progress is not part of it") {
  Scene scene;
  scene.reporter->progress(Phase::fetch, {1, 2, 3, "slow"});
  scene.reporter->phase_done(Phase::fetch);
  scene.reporter->clear_live();
  scene.reporter->finish(0);
  CHECK(scene.err.empty());
  CHECK(scene.document().find("ok")->as_boolean());
  CHECK(scene.out.find("slow") == std::string::npos);
  CHECK(scene.out.ends_with("}\n"));
}

}  // namespace hod::cli
