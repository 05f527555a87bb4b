// SPDX-License-Identifier: MIT
#include "tests/support/fixture_registry.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "cache/hash.h"
#include "core/base/encoding.h"
#include "core/base/file.h"
#include "core/model/integrity.h"
#include "core/model/version.h"

namespace hod::tests {

namespace fs = std::filesystem;

namespace {

std::string base_name(const std::string& name) { return name.substr(name.find('/') + 1); }

std::string sri(std::string_view bytes) {
  return Integrity::of(DigestAlgorithm::sha512, cache::digest_of(DigestAlgorithm::sha512, bytes))
      .text();
}

std::vector<TarEntry> entries_of(const fs::path& folder) {
  std::vector<TarEntry> entries;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    bool executable = (entry.status().permissions() & fs::perms::owner_exec) != fs::perms::none;
    entries.push_back({"package/" + entry.path().lexically_relative(folder).string(),
                       must(read_file(entry.path().string())), executable ? 0755U : 0644U, '0',
                       ""});
  }
  std::sort(entries.begin(), entries.end(),
            [](const TarEntry& a, const TarEntry& b) { return a.path < b.path; });
  return entries;
}

// The highest version that is no prerelease, as `npm publish` would have left the tag.
std::string latest_of(const std::map<std::string, FixturePackage>& versions) {
  std::string best;
  for (const auto& [text, package] : versions) {
    Version version = must(Version::parse(text));
    if (version.view().is_prerelease() && versions.size() > 1) continue;
    if (best.empty() || version > must(Version::parse(best))) best = text;
  }
  return best;
}

std::string path_of(const FixtureRequest& request) {
  std::string path = request.target.substr(1, request.target.find('?') - 1);
  return percent_decoded(path).value_or(path);
}

}  // namespace

FixtureRegistry::FixtureRegistry() {
  load_fixtures();
  server_ = std::make_unique<FixtureServer>(
      [this](const FixtureRequest& request) { return handle(request); });
}

void FixtureRegistry::load_fixtures() {
  fs::path root = fs::path(HOD_SOURCE_DIR) / "fixtures/packages";
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(root)) {
    if (entry.path().filename() != "package.json") continue;
    fs::path folder = entry.path().parent_path();
    // <name>/<version>/package.json or @scope/<name>/<version>/package.json; deeper ones belong to
    // a package's files.
    std::string below = folder.lexically_relative(root).string();
    bool scoped = below[0] == '@';
    if (std::count(below.begin(), below.end(), '/') != (scoped ? 2 : 1)) continue;
    add_archive(must(read_file(entry.path().string())), gzip_of(tar_of(entries_of(folder))));
  }
}

FixturePackage& FixtureRegistry::add(std::string_view manifest,
                                     const std::map<std::string, std::string>& files) {
  std::vector<TarEntry> entries{{"package/package.json", std::string(manifest), 0644, '0', ""}};
  for (const auto& [path, content] : files) {
    bool executable = path.substr(0, 4) == "bin/";
    entries.push_back({"package/" + path, content, executable ? 0755U : 0644U, '0', ""});
  }
  return add_archive(manifest, gzip_of(tar_of(entries)));
}

FixturePackage& FixtureRegistry::add_archive(std::string_view manifest, std::string archive) {
  FixturePackage package;
  package.manifest = must(Json::parse(manifest, "fixture"));
  package.integrity = sri(archive);
  package.shasum = to_hex(cache::digest_of(DigestAlgorithm::sha1, archive));
  package.tarball = std::move(archive);
  std::string name = *package.manifest.find_string("name");
  std::string version = *package.manifest.find_string("version");
  std::lock_guard lock(mutex_);
  return packages_[name][version] = std::move(package);
}

FixturePackage& FixtureRegistry::get(const std::string& name, const std::string& version) {
  return packages_.at(name).at(version);
}

void FixtureRegistry::remove(const std::string& name, const std::string& version) {
  packages_.at(name).erase(version);
}

void FixtureRegistry::set_tag(const std::string& name, const std::string& tag,
                              const std::string& version) {
  tags_[name][tag] = version;
}

void FixtureRegistry::set_fault(Fault fault) { fault_ = std::move(fault); }

void FixtureRegistry::answer(const std::string& part, FixtureReply reply) {
  answers_.emplace_back(part, std::move(reply));
}

void FixtureRegistry::require_authorization(std::string value) {
  authorization_ = std::move(value);
}

std::size_t FixtureRegistry::requests_for(std::string_view part) const {
  std::vector<FixtureRequest> all = server_->requests();
  return static_cast<std::size_t>(
      std::count_if(all.begin(), all.end(), [&](const FixtureRequest& request) {
        return request.target.find(part) != std::string::npos;
      }));
}

std::size_t FixtureRegistry::request_count() const { return server_->requests().size(); }

FixtureReply FixtureRegistry::handle(const FixtureRequest& request) {
  std::lock_guard lock(mutex_);
  if (fault_) {
    if (std::optional<FixtureReply> reply = fault_(request)) return *reply;
  }
  for (const auto& [part, reply] : answers_) {
    if (request.target.find(part) != std::string::npos) return reply;
  }
  auto given = request.headers.find("authorization");
  if (!authorization_.empty() &&
      (given == request.headers.end() || given->second != authorization_)) {
    FixtureReply reply;
    reply.status = 401;
    reply.body = R"({"error":"who are you?"})";
    return reply;
  }
  std::string path = path_of(request);
  std::size_t dash = path.find("/-/");
  if (dash == std::string::npos) return packument(request, path);
  std::string name = path.substr(0, dash);
  std::string file = path.substr(dash + 3);
  FixtureReply reply;
  for (const auto& [version, package] : packages_[name]) {
    if (file != base_name(name) + "-" + version + ".tgz") continue;
    reply.body = package.tarball;
    reply.headers.emplace_back("content-type", "application/octet-stream");
    return reply;
  }
  reply.status = 404;
  return reply;
}

FixtureReply FixtureRegistry::packument(const FixtureRequest& request, const std::string& name) {
  FixtureReply reply;
  reply.headers.emplace_back("content-type", "application/json");
  auto found = packages_.find(name);
  if (found == packages_.end() || found->second.empty()) {
    reply.status = 404;
    reply.body = R"({"error":"not found"})";
    return reply;
  }
  Json versions = Json::object();
  Json times = Json::object();
  for (const auto& [version, package] : found->second) {
    if (!package.published.empty()) times.set(version, Json::string(package.published));
    Json dist = Json::object();
    if (!package.integrity.empty()) dist.set("integrity", Json::string(package.integrity));
    if (!package.shasum.empty()) dist.set("shasum", Json::string(package.shasum));
    std::string url = server_->base() + name + "/-/" + base_name(name) + "-" + version + ".tgz";
    dist.set("tarball", Json::string(package.tarball_url.empty() ? url : package.tarball_url));
    if (!package.signatures.empty()) {
      Json list = Json::array();
      for (const auto& [key, signature] : package.signatures) {
        Json entry = Json::object();
        entry.set("keyid", Json::string(key));
        entry.set("sig", Json::string(signature));
        list.push(std::move(entry));
      }
      dist.set("signatures", std::move(list));
    }
    Json manifest = package.manifest;
    manifest.set("dist", std::move(dist));
    versions.set(version, std::move(manifest));
  }
  Json tags = Json::object();
  tags.set("latest", Json::string(latest_of(found->second)));
  for (const auto& [tag, version] : tags_[name]) tags.set(tag, Json::string(version));
  Json document = Json::object();
  document.set("name", Json::string(name));
  document.set("dist-tags", std::move(tags));
  document.set("versions", std::move(versions));
  if (!times.members().empty()) document.set("time", std::move(times));
  std::string body = document.dump();
  std::string etag = "\"" + to_hex(cache::digest_of(DigestAlgorithm::sha1, body)) + "\"";
  reply.headers.emplace_back("etag", etag);
  auto known = request.headers.find("if-none-match");
  if (known != request.headers.end() && known->second == etag) {
    reply.status = 304;
  } else {
    reply.body = std::move(body);
  }
  return reply;
}

}  // namespace hod::tests
