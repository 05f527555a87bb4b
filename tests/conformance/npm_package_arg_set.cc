// SPDX-License-Identifier: MIT
// Set `npm-package-arg`: npm's reading of package arguments. Where npm refuses, the kind of refusal
// counts, too.
#include "core/model/npm_package_arg.h"
#include "tests/conformance/all_sets.h"

namespace hod::conformance {

namespace {

constexpr const char* kHome = "/home/user";  // that the answers were recorded with

Json text_or_null(const std::optional<std::string>& text) {
  return text ? Json::string(*text) : Json();
}

Json hosted_json(const std::optional<HostedGit>& hosted) {
  if (!hosted) return Json();
  Json json = Json::object();
  json.set("type", Json::string(hosted->type()));
  json.set("user", text_or_null(hosted->user));
  json.set("project", Json::string(hosted->project));
  json.set("committish", text_or_null(hosted->committish));
  json.set("default", Json::string(hosted->default_representation));
  return json;
}

Json description(const PackageArg& arg) {
  Json json = Json::object();
  json.set("type", Json::string(package_arg_type_name(arg.type)));
  json.set("registry", Json::boolean(arg.is_registry()));
  json.set("name", text_or_null(arg.name));
  json.set("scope", arg.scope().empty() ? Json() : Json::string(arg.scope()));
  json.set("escapedName", arg.name ? Json::string(arg.escaped_name()) : Json());
  json.set("rawSpec", Json::string(arg.raw_spec));
  json.set("saveSpec", text_or_null(arg.save_spec));
  json.set("fetchSpec", text_or_null(arg.fetch_spec));
  json.set("gitRange", text_or_null(arg.git_range));
  json.set("gitCommittish", text_or_null(arg.git_committish));
  json.set("gitSubdir", text_or_null(arg.git_subdir));
  json.set("hosted", hosted_json(arg.hosted));
  json.set("subSpec", arg.sub_spec ? description(*arg.sub_spec) : Json());
  json.set("isLocal", Json::boolean(arg.is_local()));
  return json;
}

// npm's code for a refusal; "" for those that have one of no kind of ours.
std::string_view npm_code(ErrorCode code) {
  if (code == ErrorCode::name_invalid) return "EINVALIDPACKAGENAME";
  if (code == ErrorCode::specifier_unsupported) return "EUNSUPPORTEDPROTOCOL";
  return {};
}

bool has_kind_of_ours(std::string_view code) {
  return code == "EINVALIDPACKAGENAME" || code == "EUNSUPPORTEDPROTOCOL";
}

Outcome judge_refusal(const Row& row, const Error& error) {
  const std::string* code = row.data.find_string("throws");
  const std::string_view ours = npm_code(error.code());
  const bool is_same = code && (has_kind_of_ours(*code) ? ours == *code : ours.empty());
  return {is_same ? Outcome::Kind::passed : Outcome::Kind::failed, "throws: " + error.what()};
}

template <class T, class Describe>
Outcome judge_result(const Row& row, const Result<T>& result, Describe describe) {
  if (!result) return judge_refusal(row, result.error());
  return judge(row, describe(*result));
}

std::optional<std::string_view> name_of(const Json& json) {
  if (!json.is_string()) return std::nullopt;
  return json.as_string();
}

}  // namespace

Outcome run_npm_package_arg_row(const Row& row) {
  if (row.op() == "npa") {
    const PackageArgPlaces places{row.arg(1).as_string(), kHome};
    return judge_result(row, parse_package_arg(row.arg(0).as_string(), places), description);
  }
  if (row.op() == "resolve") {
    const PackageArgPlaces places{row.arg(2).as_string(), kHome};
    return judge_result(
        row, resolve_package_arg(name_of(row.arg(0)), row.arg(1).as_string(), places), description);
  }
  if (row.op() == "toPurl") {
    return judge_result(row, package_url_of_arg(row.arg(0).as_string(), row.arg(1).as_string()),
                        [](const std::string& url) { return Json::string(url); });
  }
  return {Outcome::Kind::failed, "an unknown operation"};
}

}  // namespace hod::conformance
