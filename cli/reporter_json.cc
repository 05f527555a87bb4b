// SPDX-License-Identifier: MIT
#include "cli/reporter_json.h"

namespace hod::cli {

namespace {

constexpr std::int64_t kDocumentVersion = 1;

Json strings(const std::vector<std::string>& texts) {
  Json array = Json::array();
  for (const std::string& text : texts) array.push(Json::string(text));
  return array;
}

Json document_of(const Error& error) {
  Json document = Json::object();
  document.set("code", Json::string(error_name(error.code())));
  document.set("message", Json::string(error.what()));
  if (!error.where().empty()) document.set("where", Json::string(error.where()));
  document.set("details", strings(error.details()));
  document.set("trail", strings(error.trail()));
  document.set("hints", strings(error.hints()));
  return document;
}

class JsonReporter : public Reporter {
 public:
  JsonReporter(ReporterOptions options, ReporterStreams streams)
      : command_(std::move(options.command)), streams_(std::move(streams)) {}

  void progress(Phase, const Progress&) override {}
  void phase_done(Phase) override {}
  void line(std::string_view) override {}
  void clear_live() override {}
  void notice(std::string_view text) override { notices_.push(Json::string(text)); }
  void warning(std::string_view text) override { warnings_.push(Json::string(text)); }
  void error(const Error& error) override { errors_.push(document_of(error)); }
  void result(std::string_view, Json document) override { result_ = std::move(document); }

  void finish(int exit_code) override {
    Json document = Json::object();
    document.set("version", Json::number(kDocumentVersion));
    document.set("command", Json::string(command_));
    document.set("ok", Json::boolean(exit_code == 0));
    document.set("exit", Json::number(exit_code));
    document.set("result", std::move(result_));
    document.set("notices", std::move(notices_));
    document.set("warnings", std::move(warnings_));
    document.set("errors", std::move(errors_));
    streams_.out(document.dump(2) + "\n");
  }

 private:
  std::string command_;
  ReporterStreams streams_;
  Json result_;
  Json notices_ = Json::array();
  Json warnings_ = Json::array();
  Json errors_ = Json::array();
};

}  // namespace

std::unique_ptr<Reporter> make_json_reporter(ReporterOptions options, ReporterStreams streams) {
  return std::make_unique<JsonReporter>(std::move(options), std::move(streams));
}

}  // namespace hod::cli
