// SPDX-License-Identifier: MIT
// See source_location.h.
#include "resolver/source_location.h"

#include "core/base/lexical_path.h"

namespace hod::resolver {

namespace {

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
