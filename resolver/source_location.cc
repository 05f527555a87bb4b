// SPDX-License-Identifier: MIT
// See source_location.h.
#include "resolver/source_location.h"

#include <vector>

namespace hod::resolver {

namespace {

void append_parts(std::vector<std::string_view>& parts, std::string_view path) {
  while (!path.empty()) {
    const std::size_t end = path.find('/');
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(end == std::string_view::npos ? path.size() : end + 1);
    if (part.empty() || part == ".") continue;
    if (part == ".." && !parts.empty() && parts.back() != "..") {
      parts.pop_back();
    } else {
      parts.push_back(part);
    }
  }
}

std::string git_location(const GitSpecifier& git) {
  std::string location = git.url.starts_with("git") ? git.url : "git+" + git.url;
  std::string selector;
  if (git.range) {
    selector = "semver:" + git.range->raw();
  } else if (git.committish) {
    selector = *git.committish;
  }
  if (git.subfolder) selector += (selector.empty() ? "path:" : "&path:") + *git.subfolder;
  return selector.empty() ? location : location + "#" + selector;
}

}  // namespace

std::string joined_path(std::string_view base, std::string_view reference) {
  if (reference.starts_with("/") || reference.starts_with("~")) return std::string(reference);
  std::vector<std::string_view> parts;
  append_parts(parts, base);
  append_parts(parts, reference);
  std::string path;
  for (const std::string_view part : parts) {
    if (!path.empty()) path += '/';
    path += part;
  }
  return path.empty() ? "." : path;
}

PackageSource source_of(const Specifier& specifier, std::string_view base) {
  using Kind = PackageSource::Kind;
  if (const auto* git = specifier.as<GitSpecifier>()) return {Kind::git, git_location(*git)};
  if (const auto* url = specifier.as<TarballUrlSpecifier>()) return {Kind::tarball_url, url->url};
  if (const auto* file = specifier.as<FileSpecifier>()) {
    return {Kind::tarball_file, joined_path(base, file->path)};
  }
  if (const auto* folder = specifier.as<DirectorySpecifier>()) {
    return {folder->link ? Kind::link : Kind::directory, joined_path(base, folder->path)};
  }
  return {};
}

}  // namespace hod::resolver
