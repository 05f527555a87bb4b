// SPDX-License-Identifier: MIT
#include "lockfile/lock_checks.h"

#include <algorithm>

#include "core/base/lexical_path.h"
#include "core/model/integrity.h"
#include "core/model/package_name.h"
#include "core/model/specifier.h"
#include "core/model/url.h"
#include "core/model/version.h"

namespace hod::lockfile {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_base64(char c) { return is_letter(c) || is_digit(c) || c == '+' || c == '/'; }
bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// Calls `check` with each part between slashes; true when all pass.
template <class Check>
bool all_parts(std::string_view path, Check check) {
  for (std::size_t begin = 0;;) {
    const std::size_t end = path.find('/', begin);
    if (!check(path.substr(begin, end - begin))) return false;
    if (end == std::string_view::npos) return true;
    begin = end + 1;
  }
}

bool part_is_safe(std::string_view part) {
  return !part.empty() && part != "." && part != ".." &&
         std::none_of(part.begin(), part.end(), [](char c) { return is_control(c) || c == '\\'; });
}

bool hash_is_known(std::string_view hash) {
  const std::size_t dash = hash.find('-');
  if (dash == std::string_view::npos) return false;
  const auto algorithm = parse_algorithm(hash.substr(0, dash));
  if (!algorithm || *algorithm == DigestAlgorithm::md5) return false;
  std::string_view encoded = hash.substr(dash + 1);
  if (encoded.size() != (digest_size(*algorithm) + 2) / 3 * 4) return false;
  const std::size_t padding = (3 - digest_size(*algorithm) % 3) % 3;
  for (std::size_t i = 0; i < padding; ++i) {
    if (!encoded.ends_with('=')) return false;
    encoded.remove_suffix(1);
  }
  return std::all_of(encoded.begin(), encoded.end(), is_base64);
}

// May an edge written as `specifier` in a manifest in `folder` lead to this place?
bool specifier_names_place(std::string_view specifier, std::string_view folder,
                           const PackageSource& source) {
  const Result<Specifier> parsed = Specifier::parse(specifier);
  if (!parsed) return false;
  std::string_view path;
  if (const auto* directory = parsed->as<DirectorySpecifier>()) {
    path = directory->path;
  } else if (const auto* file = parsed->as<FileSpecifier>()) {
    path = file->path;
  } else {
    return false;
  }
  return joined_path(folder, path) == source.location || joined_path(".", path) == source.location;
}

}  // namespace

bool NameCheck::valid(std::string_view name) {
  if (seen_.contains(name)) return true;
  if (!PackageName::parse(name)) return false;
  seen_.insert(name);
  return true;
}

bool version_is_plain(std::string_view version) {
  // A leading "v", "=" or blank is semver to npm, but not as Version::text() writes it.
  return !version.empty() && is_digit(version.front()) && version.back() != ' ' &&
         parse_version_view(version).has_value();
}

bool path_is_inside(std::string_view path) { return all_parts(path, part_is_safe); }

bool importer_path_is_safe(std::string_view path) {
  if (path == ".") return true;
  return all_parts(
      path, [](std::string_view part) { return part_is_safe(part) && part != "node_modules"; });
}

bool local_path_is_safe(std::string_view path) {
  if (path.starts_with("/")) return path_is_inside(path.substr(1));
  while (path.starts_with("../")) path.remove_prefix(3);
  return path == "." || path == ".." || path_is_inside(path);
}

std::optional<PackageIndex> unnamed_place(const ResolutionGraph& graph) {
  std::vector<bool> named(graph.packages.size(), false);
  std::vector<PackageIndex> waiting;
  const auto visit = [&](const std::vector<GraphEdge>& edges, const std::string& folder) {
    for (const GraphEdge& edge : edges) {
      if (edge.target.kind != EdgeTarget::Kind::package) continue;
      const PackageIndex target = edge.target.index;
      const PackageSource& source = graph.packages[target].source;
      if (named[target] || !is_place(source.kind)) continue;
      if (!specifier_names_place(edge.specifier, folder, source)) continue;
      named[target] = true;
      waiting.push_back(target);
    }
  };
  for (const GraphImporter& importer : graph.importers) visit(importer.edges, importer.path);
  while (!waiting.empty()) {
    const GraphPackage& package = graph.packages[waiting.back()];
    waiting.pop_back();
    if (package.source.kind == PackageSource::Kind::directory) {
      visit(package.edges, package.source.location);
    }
  }
  for (PackageIndex i = 0; i < named.size(); ++i) {
    if (!named[i] && is_place(graph.packages[i].source.kind)) return i;
  }
  return std::nullopt;
}

bool integrity_is_known(std::string_view integrity) {
  for (std::size_t begin = 0;;) {
    const std::size_t end = integrity.find(' ', begin);
    if (!hash_is_known(integrity.substr(begin, end - begin))) return false;
    if (end == std::string_view::npos) return true;
    begin = end + 1;
  }
}

bool url_is_plain(std::string_view url) {
  const Result<Url> parsed = Url::parse(url);
  return parsed && parsed->userinfo.empty();
}

bool git_location_is_safe(std::string_view location) {
  if (!location.starts_with("git+") && !location.starts_with("git://")) return false;
  const std::size_t hash = location.find('#');
  if (hash == std::string_view::npos || hash == 0) return false;
  std::string_view commit = location.substr(hash + 1);
  if (const std::size_t folder = commit.find("&path:"); folder != std::string_view::npos) {
    if (!path_is_inside(commit.substr(folder + 6))) return false;
    commit = commit.substr(0, folder);
  }
  if (commit.size() != 40 && commit.size() != 64) return false;
  if (!std::all_of(commit.begin(), commit.end(), is_hex)) return false;
  return std::none_of(location.begin(), location.end(), [](char c) {
    return is_control(c) || c == ' ' || c == '\\' || static_cast<unsigned char>(c) >= 0x80;
  });
}

bool peer_context_is_safe(std::string_view context) {
  constexpr std::size_t kLongest = std::size_t{1} << 16;
  if (context.empty()) return true;
  return context.size() <= kLongest && context.starts_with('(') && context.ends_with(')') &&
         context.find("..") == std::string_view::npos &&
         std::none_of(context.begin(), context.end(),
                      [](char c) { return is_control(c) || c == '\\'; });
}

bool registry_alias_is_safe(std::string_view alias) {
  constexpr std::size_t kLongest = 64;
  if (alias.empty()) return true;
  return alias.size() <= kLongest && (is_letter(alias.front()) || is_digit(alias.front())) &&
         std::all_of(alias.begin(), alias.end(), [](char c) {
           return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.';
         });
}

bool needs_integrity(PackageSource::Kind kind) {
  switch (kind) {
    case PackageSource::Kind::registry:
    case PackageSource::Kind::tarball_url:
    case PackageSource::Kind::tarball_file:
      return true;
    case PackageSource::Kind::git:
    case PackageSource::Kind::directory:
    case PackageSource::Kind::link:
      return false;
  }
  return true;
}

bool is_place(PackageSource::Kind kind) {
  return kind == PackageSource::Kind::tarball_file || kind == PackageSource::Kind::directory ||
         kind == PackageSource::Kind::link;
}

bool source_location_is_safe(PackageSource::Kind kind, std::string_view location) {
  switch (kind) {
    case PackageSource::Kind::registry:
      return registry_alias_is_safe(location);
    case PackageSource::Kind::tarball_url:
      return url_is_plain(location);
    case PackageSource::Kind::git:
      return git_location_is_safe(location);
    case PackageSource::Kind::tarball_file:
    case PackageSource::Kind::directory:
    case PackageSource::Kind::link:
      return local_path_is_safe(location);
  }
  return false;
}

}  // namespace hod::lockfile
