// SPDX-License-Identifier: MIT
// See import_graph.h.
//
// What must stay true:
//  (1) Every name, version, path and address of the graph passed lock_checks.h.
//  (2) The set of name@version is that of the nodes which importers reach, and each edge leads to
//  the same version.
#include "lockfile/import_graph.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/model/dependency_rank.h"
#include "core/model/hosted_git.h"
#include "core/model/integrity.h"
#include "core/model/specifier.h"
#include "core/model/url.h"
#include "lockfile/lock_checks.h"

namespace hod::lockfile {

namespace {

// The stronger of two integrities of one version; nothing when they contradict each other.
std::optional<std::string> stronger(const std::string& a, const std::string& b) {
  if (a == b || b.empty()) return a;
  if (a.empty()) return b;
  const Integrity first = Integrity::parse(a);
  const Integrity second = Integrity::parse(b);
  const IntegrityHash* x = first.strongest();
  const IntegrityHash* y = second.strongest();
  if (!x || !y) return std::nullopt;
  if (x->algorithm != y->algorithm) return x->algorithm > y->algorithm ? a : b;
  if (x->digest() != y->digest()) return std::nullopt;
  return a;
}

// "(react@18.2.0)(vue@3.0.0)": what can be reached from a package over peers, itself left out.
std::string context_of(const std::vector<GraphPackage>& packages, std::uint32_t start,
                       const std::vector<GraphImporter>& importers) {
  std::set<std::string> parts;
  std::set<std::uint32_t> seen{start};
  std::vector<std::uint32_t> waiting{start};
  while (!waiting.empty()) {
    const std::uint32_t next = waiting.back();
    waiting.pop_back();
    for (const GraphEdge& edge : packages[next].edges) {
      if (!is_peer(edge.kind)) continue;
      if (edge.target.kind == EdgeTarget::Kind::importer) {
        const GraphImporter& importer = importers[edge.target.index];
        parts.insert("(" + importer.name + "@link:" + importer.path + ")");
      } else if (edge.target.kind == EdgeTarget::Kind::package &&
                 seen.insert(edge.target.index).second) {
        parts.insert("(" + packages[edge.target.index].id() + ")");
        waiting.push_back(edge.target.index);
      }
    }
  }
  std::string text;
  for (const std::string& part : parts) text += part;
  return text;
}

auto identity(const GraphPackage& package) {
  return std::tie(package.name, package.version, package.source, package.peer_context);
}

// What still looks alike though it leads elsewhere is numbered.
void tell_apart(std::vector<GraphPackage>& packages) {
  std::map<std::tuple<std::string, std::string, PackageSource, std::string>, std::size_t> counts;
  for (GraphPackage& package : packages) {
    const std::size_t count = ++counts[identity(package)];
    if (count > 1) package.peer_context += "(#" + std::to_string(count) + ")";
  }
}

std::string_view without_query(std::string_view url) {
  return url.substr(0, url.find_first_of("?#"));
}

bool is_commit(std::string_view text) {
  return (text.size() == 40 || text.size() == 64) &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

// "https://host/a/b/tar.gz/<commit>", "…/archive/<commit>.tar.gz": the commit in a git host's
// tarball address.
std::optional<std::string_view> commit_in(std::string_view url) {
  for (std::size_t begin = 0; begin < url.size();) {
    std::size_t end = url.find_first_of("/?#=.&", begin);
    if (end == std::string_view::npos) end = url.size();
    if (is_commit(url.substr(begin, end - begin))) return url.substr(begin, end - begin);
    begin = end + 1;
  }
  return std::nullopt;
}

std::optional<ResolvedAddress> git_source(std::string_view resolved) {
  std::string location(resolved);
  if (!location.starts_with("git+") && !location.starts_with("git://")) {
    const auto hosted = HostedGit::parse(resolved);
    location = hosted ? hosted->ssh_url() : "git+" + location;
  }
  if (!git_location_is_safe(location)) return std::nullopt;
  return ResolvedAddress{{PackageSource::Kind::git, location}};
}

bool is_web(std::string_view text) {
  return text.starts_with("https://") || text.starts_with("http://");
}

std::optional<ResolvedAddress> web_source(std::string_view resolved, std::string_view name,
                                          const Specifier* specifier) {
  const GitSpecifier* git = specifier ? specifier->as<GitSpecifier>() : nullptr;
  if (git) {
    const auto commit = commit_in(resolved);
    return commit ? git_source("git+" + git->url + "#" + std::string(*commit)) : std::nullopt;
  }
  if (specifier && specifier->as<TarballUrlSpecifier>()) {
    const std::string location(resolved.substr(0, resolved.find('#')));
    if (!url_is_plain(location)) return std::nullopt;
    return ResolvedAddress{{PackageSource::Kind::tarball_url, location}};
  }
  return ResolvedAddress{{}, !address_is_registry_shaped(resolved, name)};
}

}  // namespace

std::optional<std::string> git_of_archive(std::string_view url) {
  const Result<Url> parsed = Url::parse(url);
  const auto commit = commit_in(url);
  if (!parsed || !commit) return std::nullopt;
  // "/user/project/…", but for GitLab's API: "/api/v4/projects/user%2Fproject/…".
  constexpr std::string_view kProjects = "/api/v4/projects/";
  const bool is_api = parsed->path.starts_with(kProjects);
  std::string project = parsed->path.substr(is_api ? kProjects.size() : 1);
  const std::size_t first = project.find('/');
  project.resize(std::min(is_api ? first : project.find('/', first + 1), project.size()));
  for (const char* escaped : {"%2F", "%2f"}) {
    if (const std::size_t at = project.find(escaped); at != std::string::npos)
      project.replace(at, 3, "/");
  }
  std::string_view host = parsed->origin.host;
  if (host.starts_with("codeload.")) host.remove_prefix(9);
  const auto hosted = HostedGit::parse("https://" + std::string(host) + "/" + project + ".git");
  if (!hosted) return std::nullopt;
  constexpr HostedGit::Form kPlain{.git_plus = true, .committish = false};
  return hosted->https(kPlain) + "#" + std::string(*commit);
}

bool address_is_registry_shaped(std::string_view url, std::string_view name) {
  const std::string_view path = without_query(url);
  if (!path.ends_with(".tgz")) return false;
  for (const char* slash : {"/", "%2f", "%2F"}) {
    std::string folder(name);
    if (const std::size_t at = folder.find('/'); at != std::string::npos)
      folder.replace(at, 1, slash);
    if (path.find("/" + folder + "/-/") != std::string_view::npos) return true;
  }
  return false;
}

std::optional<ResolvedAddress> source_of_address(std::string_view resolved, std::string_view name,
                                                 std::string_view specifier) {
  const Result<Specifier> parsed = Specifier::parse(specifier);
  if (resolved.empty()) return ResolvedAddress{};
  if (is_web(resolved)) return web_source(resolved, name, parsed ? &*parsed : nullptr);
  if (resolved.starts_with("file:")) {
    const std::string_view path = resolved.substr(5);
    const bool is_archive =
        path.ends_with(".tgz") || path.ends_with(".tar.gz") || path.ends_with(".tar");
    const auto kind =
        is_archive ? PackageSource::Kind::tarball_file : PackageSource::Kind::directory;
    const std::string place(path.starts_with("./") ? path.substr(2) : path);
    if (!local_path_is_safe(place)) return std::nullopt;
    return ResolvedAddress{{kind, place}};
  }
  return git_source(resolved);
}

ImportGraph::ImportGraph(std::string_view origin, const Requirements& requirements)
    : origin_(origin), requirements_(requirements) {
  for (const Importer& importer : requirements.importers) {
    importers_.push_back({importer.path, importer.name, importer.version, {}});
  }
}

std::uint32_t ImportGraph::add_node(GraphPackage package) {
  nodes_.push_back(std::move(package));
  return static_cast<std::uint32_t>(nodes_.size() - 1);
}

std::optional<std::uint32_t> ImportGraph::importer_at(std::string_view path) const {
  if (path.empty()) path = ".";
  for (std::uint32_t i = 0; i < importers_.size(); ++i) {
    if (importers_[i].path == path) return i;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> ImportGraph::importer_named(std::string_view name) const {
  for (std::uint32_t i = 0; i < importers_.size(); ++i) {
    if (importers_[i].name == name && importers_[i].path != ".") return i;
  }
  return std::nullopt;
}

void ImportGraph::add_importer_edge(std::uint32_t importer, GraphEdge edge) {
  std::vector<GraphEdge>& edges = importers_[importer].edges;
  const auto known = std::find_if(edges.begin(), edges.end(), [&edge](const GraphEdge& other) {
    return other.alias == edge.alias;
  });
  if (known != edges.end()) return;
  const Importer& wanted = requirements_.importers[importer];
  for (const Dependency& dependency : wanted.dependencies) {
    if (dependency.alias != edge.alias || dependency.specifier != edge.specifier) continue;
    if (auto effective = effective_specifier(requirements_, wanted, dependency)) {
      edge.specifier = std::move(*effective);
    }
    break;
  }
  edges.push_back(std::move(edge));
}

std::vector<Dependency> ImportGraph::wanted_by(std::uint32_t importer) const {
  std::vector<Dependency> wanted = requirements_.importers[importer].dependencies;
  std::stable_sort(wanted.begin(), wanted.end(), [](const Dependency& a, const Dependency& b) {
    return a.alias != b.alias ? a.alias < b.alias : rank(a.kind) < rank(b.kind);
  });
  const auto same = [](const Dependency& a, const Dependency& b) { return a.alias == b.alias; };
  wanted.erase(std::unique(wanted.begin(), wanted.end(), same), wanted.end());
  return wanted;
}

void ImportGraph::note_foreign_address(std::uint32_t node, std::string_view url) {
  const Result<Url> parsed = Url::parse(url);
  foreign_addresses_.push_back("`" + nodes_[node].id() + "` was locked at an address of `" +
                               (parsed ? parsed->origin.host : std::string("an unknown host")) +
                               "` that no registry would use; it is asked of the registry instead");
}

Error ImportGraph::invalid(std::string what) const {
  return Error(ErrorCode::lockfile_invalid, "the lockfile cannot be read: " + std::move(what))
      .at(origin_);
}

Result<void> ImportGraph::check(const GraphPackage& package, Options options) const {
  const std::string id = "`" + package.id() + "`";
  NameCheck names;
  if (!names.valid(package.name))
    return failure(invalid("`" + package.name + "` is no package name"));
  const bool may_lack_version = package.source.kind != PackageSource::Kind::registry;
  if (!version_is_plain(package.version) && !(package.version.empty() && may_lack_version)) {
    return failure(invalid(id + " has no valid version"));
  }
  if (!source_location_is_safe(package.source.kind, package.source.location)) {
    return failure(invalid("the source of " + id + " is no place for a package"));
  }
  for (const GraphEdge& edge : package.edges) {
    if (!names.valid(edge.alias)) {
      return failure(
          invalid("`" + edge.alias + "`, which " + id + " asks for, is no package name"));
    }
  }
  for (const std::string& name : package.bundled) {
    if (!names.valid(name))
      return failure(invalid("`" + name + "`, bundled by " + id + ", is no package name"));
  }
  if (!package.integrity.empty() && !integrity_is_known(package.integrity)) {
    return failure(invalid("the integrity of " + id + " has no digest of a known algorithm"));
  }
  if (package.integrity.empty() && options.wants_integrity &&
      needs_integrity(package.source.kind)) {
    return failure(Error(ErrorCode::integrity_missing, id + " has no integrity in the lockfile")
                       .at(origin_)
                       .hint("without it nobody can tell whether its bytes are the right ones"));
  }
  return {};
}

// The coarsest division in which nodes of one class are alike and lead to the same classes.
std::vector<std::uint32_t> ImportGraph::classes() const {
  std::vector<std::uint32_t> of(nodes_.size());
  std::map<std::tuple<std::string, std::string, PackageSource>, std::uint32_t> first;
  for (std::size_t i = 0; i < of.size(); ++i) {
    const GraphPackage& node = nodes_[i];
    const auto next = static_cast<std::uint32_t>(first.size());
    of[i] = first.try_emplace({node.name, node.version, node.source}, next).first->second;
  }
  for (std::size_t known = first.size();;) {
    std::map<std::vector<std::uint32_t>, std::uint32_t> refined;
    std::vector<std::uint32_t> next(of.size());
    for (std::size_t i = 0; i < of.size(); ++i) {
      std::map<std::string_view, std::pair<std::uint32_t, std::uint32_t>> targets;
      for (const GraphEdge& edge : nodes_[i].edges) {
        const bool to_package = edge.target.kind == EdgeTarget::Kind::package;
        targets[edge.alias] = {static_cast<std::uint32_t>(edge.target.kind),
                               to_package ? of[edge.target.index] : edge.target.index};
      }
      std::vector<std::uint32_t> signature{of[i]};
      for (const auto& [alias, target] : targets) {
        signature.push_back(target.first);
        signature.push_back(target.second);
      }
      const auto number = static_cast<std::uint32_t>(refined.size());
      next[i] = refined.try_emplace(std::move(signature), number).first->second;
    }
    of = std::move(next);
    if (refined.size() == known) return of;
    known = refined.size();
  }
}

// packages[class]: the first node of each class, with edges between classes.
Result<std::vector<GraphPackage>> ImportGraph::packages_of(
    const std::vector<std::uint32_t>& classes) const {
  std::vector<GraphPackage> packages;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    if (classes[i] < packages.size()) {
      GraphPackage& known = packages[classes[i]];
      auto integrity = stronger(known.integrity, nodes_[i].integrity);
      if (!integrity) {
        return failure(
            invalid("`" + known.id() + "` has two integrities that contradict each other"));
      }
      known.integrity = std::move(*integrity);
      continue;
    }
    // Classes are numbered in the order of their first nodes.
    GraphPackage package = nodes_[i];
    for (GraphEdge& edge : package.edges) {
      if (edge.target.kind == EdgeTarget::Kind::package)
        edge.target.index = classes[edge.target.index];
    }
    packages.push_back(std::move(package));
  }
  return packages;
}

Result<ForeignLock> ImportGraph::finish(Options options) && {
  for (const GraphPackage& node : nodes_) HOD_CHECK(check(node, options));
  const std::vector<std::uint32_t> class_of = classes();
  ForeignLock lock;
  HOD_TRY(lock.graph.packages, packages_of(class_of));
  NameCheck names;
  for (GraphImporter& importer : importers_) {
    for (GraphEdge& edge : importer.edges) {
      if (!names.valid(edge.alias))
        return failure(invalid("`" + edge.alias + "` is no package name"));
      if (edge.target.kind == EdgeTarget::Kind::package)
        edge.target.index = class_of[edge.target.index];
    }
  }
  std::vector<std::string> contexts;
  for (std::uint32_t i = 0; i < lock.graph.packages.size(); ++i) {
    contexts.push_back(context_of(lock.graph.packages, i, importers_));
  }
  for (std::size_t i = 0; i < contexts.size(); ++i) {
    lock.graph.packages[i].peer_context = std::move(contexts[i]);
  }
  tell_apart(lock.graph.packages);
  lock.graph.importers = std::move(importers_);
  lock.graph.overrides = override_record(requirements_);
  canonicalize(lock.graph);
  if (const auto place = unnamed_place(lock.graph)) {
    const GraphPackage& package = lock.graph.packages[*place];
    return failure(invalid("no manifest names the place of `" + package.name + "`, `" +
                           package.source.location + "`"));
  }
  lock.warnings = std::move(foreign_addresses_);
  return lock;
}

}  // namespace hod::lockfile
