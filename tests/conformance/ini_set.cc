// SPDX-License-Identifier: MIT
// Sets `ini` (op parse: the npm package ini) and `npmrc` (op npmrc: npm's configuration). Both
// names run both operations, since their data lies in one folder.
#include <array>
#include <map>

#include "core/base/environment.h"
#include "core/model/ini.h"
#include "core/model/npmrc.h"
#include "tests/conformance/all_sets.h"

namespace hod::conformance {

namespace {

std::optional<Json> run_parse(const Row& row) {
  const Json& brackets = row.option("bracketedArray");
  const auto document =
      parse_ini(row.arg(0).as_string(), {!brackets.is_boolean() || brackets.as_boolean()});
  if (!document) return std::nullopt;
  return document->values;
}

Environment environment_of(const Row& row) {
  Environment environment;
  const Json* variables = row.data.find("env");
  if (!variables) return environment;
  for (const Json::Member& member : variables->members())
    environment.set(member.first, member.second.as_string());
  return environment;
}

void add_if_there(Json& json, std::string_view key, const std::string& text) {
  if (!text.empty()) json.set(key, Json::string(text));
}

Json credentials_json(const RegistryCredentials& credentials) {
  Json json = Json::object();
  add_if_there(json, "email", credentials.email);
  add_if_there(json, "certfile", credentials.certfile);
  add_if_there(json, "keyfile", credentials.keyfile);
  add_if_there(json, "token", credentials.token);
  if (credentials.basic.empty()) return json;
  json.set("username", Json::string(credentials.username));
  json.set("password", Json::string(credentials.password));
  json.set("auth", Json::string(credentials.basic));
  return json;
}

// What npm finds for four addresses. Once it has sent the default registry's e-mail address, it
// holds for all.
Json all_credentials(const Npmrc& file) {
  constexpr std::array<std::string_view, 4> kAddresses{
      "https://r.example.com/", "https://r.example.com/npm/", "https://r.example.com:8080/",
      "https://h.example.com/"};
  std::map<std::string, std::string, std::less<>> values;
  for (const NpmrcEntry& entry : file.entries) {
    if (entry.state == NpmrcEntry::State::set && entry.value.is_string())
      values[entry.key] = entry.value.as_string();
  }
  const auto registry = values.find("registry");
  const auto home = registry == values.end() ? std::nullopt : nerf_dart(registry->second);
  Json all = Json::object();
  for (const std::string_view address : kAddresses) {
    const std::string prefix = nerf_dart(address).value_or("");
    RegistryCredentials credentials = registry_credentials(prefix, values);
    if (credentials.email.empty()) credentials.email = values["email"];
    if (!credentials.email.empty() && home == prefix) values["email"] = credentials.email;
    Json json = credentials_json(credentials);
    if (!json.members().empty()) all.set(address, std::move(json));
  }
  return all;
}

std::optional<Json> run_npmrc(const Row& row) {
  const Environment environment = environment_of(row);
  const NpmrcOptions options{Trust::user, &environment, environment.get("HOME").value_or(""),
                             "/proj", false};
  const auto file = read_npmrc(row.arg(0).as_string(), options);
  if (!file) return std::nullopt;
  std::vector<Json::Member> data;
  for (const NpmrcEntry& entry : file->entries) {
    if (entry.state == NpmrcEntry::State::conflicting) return std::nullopt;
    if (entry.state == NpmrcEntry::State::set) data.emplace_back(entry.key, entry.value);
  }
  Json result = Json::object();
  result.set("data", Json::object(std::move(data)));
  Json credentials = all_credentials(*file);
  if (!credentials.members().empty()) result.set("credentials", std::move(credentials));
  return result;
}

}  // namespace

Outcome run_ini_row(const Row& row) {
  if (row.op() == "parse") return judge(row, run_parse(row));
  if (row.op() == "npmrc") return judge(row, run_npmrc(row));
  return {Outcome::Kind::failed, "an operation that is not known"};
}

}  // namespace hod::conformance
