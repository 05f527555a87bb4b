// SPDX-License-Identifier: MIT
// hod config get|list: settings with their sources. Secrets are hidden by the settings themselves.
#include <fmt/core.h>

#include "cli/session.h"
#include "core/base/edit_distance.h"

namespace hod::cli {

namespace {

Json document_of(const ListedSetting& setting) {
  Json document = Json::object();
  document.set("key", Json::string(setting.key));
  document.set("value", Json::string(setting.value));
  document.set("source", Json::string(setting.source.text()));
  document.set("known", Json::boolean(setting.known));
  document.set("inEffect", Json::boolean(setting.in_effect));
  return document;
}

Result<int> get(Session& session, const std::string& key) {
  const ListedSetting* setting = session.settings.find(key);
  if (setting == nullptr) {
    std::vector<std::string> keys;
    for (const ListedSetting& listed : session.settings.listed) keys.push_back(listed.key);
    Error error(ErrorCode::config_invalid, fmt::format("there is no setting `{}`", key));
    std::vector<std::string> near = nearest(keys, key);
    if (!near.empty())
      return failure(std::move(error).hint(fmt::format("did you mean `{}`?", near.front())));
    return failure(std::move(error).hint("`hod config list` shows all settings"));
  }
  session.reporter.result(setting->value + "\n", document_of(*setting));
  session.reporter.line(fmt::format("from {}", setting->source.text()));
  return 0;
}

Result<int> list(Session& session) {
  std::string text;
  Json document = Json::array();
  for (const ListedSetting& setting : session.settings.listed) {
    std::string remark = !setting.in_effect ? "; not in effect"
                         : !setting.known   ? "; unknown to hod"
                                            : "";
    text +=
        fmt::format("{} = {}  ({}{})\n", setting.key, setting.value, setting.source.text(), remark);
    document.push(document_of(setting));
  }
  session.reporter.result(text, std::move(document));
  return 0;
}

}  // namespace

Result<int> config_command(Session& session) {
  const std::vector<std::string>& words = session.arguments.words();
  std::string verb = words.empty() ? "list" : words.front();
  if ((verb == "list" || verb == "ls") && words.size() <= 1) return list(session);
  if (verb == "get" && words.size() == 2) return get(session, words[1]);
  return failure(Error(ErrorCode::usage, "`hod config` knows `get <key>` and `list`")
                     .hint("to change a setting, edit ~/.npmrc, or the project's .npmrc"));
}

}  // namespace hod::cli
