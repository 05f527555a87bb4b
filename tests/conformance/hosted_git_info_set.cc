// SPDX-License-Identifier: MIT
// Set `hosted-git-info`: what an address at a known host consists of, and the addresses derived
// from it.
#include "core/model/hosted_git.h"
#include "tests/conformance/all_sets.h"

namespace hod::conformance {

namespace {

Json text_or_null(const std::optional<std::string>& text) {
  return text ? Json::string(*text) : Json();
}

Json description(const HostedGit& hosted) {
  Json json = Json::object();
  json.set("type", Json::string(hosted.type()));
  json.set("domain", Json::string(hosted.domain()));
  json.set("user", text_or_null(hosted.user));
  json.set("project", Json::string(hosted.project));
  json.set("committish", text_or_null(hosted.committish));
  json.set("default", Json::string(hosted.default_representation));
  json.set("ssh", Json::string(hosted.ssh()));
  json.set("sshurl", Json::string(hosted.ssh_url()));
  json.set("https", Json::string(hosted.https()));
  json.set("git", text_or_null(hosted.git()));
  json.set("tarball", Json::string(hosted.tarball()));
  json.set("shortcut", Json::string(hosted.shortcut()));
  json.set("browse", Json::string(hosted.browse()));
  json.set("hash", Json::string(hosted.hash()));
  json.set("path", Json::string(hosted.path()));
  json.set("string", Json::string(hosted.text()));
  json.set("file", Json::string(hosted.file("package.json")));
  return json;
}

std::optional<Json> from_url(const Json& address) {
  if (!address.is_string()) return Json();
  const auto hosted = HostedGit::parse(address.as_string());
  return hosted ? description(*hosted) : Json();
}

std::optional<Json> from_manifest(const Json& manifest) {
  const auto repository = repository_of(manifest);
  if (!repository) return std::nullopt;
  if (!*repository) return Json();
  return (*repository)->hosted ? description(*(*repository)->hosted)
                               : Json::string((*repository)->url);
}

}  // namespace

Outcome run_hosted_git_info_row(const Row& row) {
  if (row.op() == "fromUrl") return judge(row, from_url(row.arg(0)));
  if (row.op() == "fromManifest") return judge(row, from_manifest(row.arg(0)));
  return {Outcome::Kind::failed, "an unknown operation"};
}

}  // namespace hod::conformance
