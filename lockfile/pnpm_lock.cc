// SPDX-License-Identifier: MIT
// See pnpm_lock.h.
//
// Three parts: `importers` (who asks for what), `packages` (facts of each version), `snapshots`
// (edges of each instance; a version has one for each set of peers). Version 6 has the last two in
// one, keys with a "/" in front.
//
// A key or reference is "name@version(peer@version)…"; a reference leaves out the name when it is
// the alias. Sources other than the registry have their address in place of the version.
#include "lockfile/pnpm_lock.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "core/base/lexical_path.h"
#include "core/model/dependency_rank.h"
#include "core/model/hosted_git.h"
#include "core/model/overrides.h"
#include "core/model/specifier.h"
#include "core/model/url.h"
#include "lockfile/hod_lock_format.h"
#include "lockfile/import_graph.h"
#include "lockfile/lock_checks.h"
#include "lockfile/yaml.h"

namespace hod::lockfile {

namespace {

std::vector<std::string> texts_of(const Json* list) {
  std::vector<std::string> texts;
  if (!list) return texts;
  for (const Json& element : list->elements()) texts.push_back(element.as_string());
  return texts;
}

bool flag(const Json& object, const char* name) {
  const Json* value = object.find(name);
  return value && value->as_boolean();
}

std::string text_of(const Json& object, const char* name) {
  const std::string* text = object.find_string(name);
  return text ? *text : std::string();
}

// "name@version(peers)" in its parts. Version 6 writes "/name@version" and, elsewhere, an address
// alone.
struct DepPath {
  std::string_view name;     // empty: an address alone
  std::string_view version;  // or an address
};
DepPath parse_dep_path(std::string_view path) {
  if (path.starts_with('/')) path.remove_prefix(1);
  const std::size_t peers = path.ends_with(')') ? path.find('(') : std::string_view::npos;
  path = path.substr(0, peers);
  const std::size_t sign = path.find('@', 1);
  const std::size_t colon = path.find(':');
  if (sign == std::string_view::npos || colon < sign) return {{}, path};
  return {path.substr(0, sign), path.substr(sign + 1)};
}

std::string without_peers(std::string_view path) {
  return std::string(path.ends_with(')') ? path.substr(0, path.find('(')) : path);
}

class Reader {
 public:
  Reader(const Json& lock, std::string_view origin, const Requirements& requirements)
      : lock_(lock), requirements_(requirements), graph_(origin, requirements) {}

  Result<ForeignLock> read() {
    HOD_CHECK(check_version());
    HOD_CHECK(make_nodes());
    HOD_CHECK(connect_snapshots());
    HOD_CHECK(connect_importers());
    HOD_TRY(ForeignLock lock, std::move(graph_).finish({}));
    lock.unknown.ranges = true;
    lock.unknown.bins = true;
    lock.unknown.scripts = major_ >= 9;
    lock.knows_patches = true;
    record_overrides(lock.graph);
    record_patches(lock.graph);
    return lock;
  }

 private:
  Result<void> check_version() {
    const Json* version = lock_.find("lockfileVersion");
    const std::string text = version ? version->as_string() : std::string();
    if (text.starts_with("9.")) {
      major_ = 9;
    } else if (text.starts_with("6.")) {
      major_ = 6;
    } else {
      return failure(
          graph_.invalid("its `lockfileVersion` is `" + text + "`, and hod knows 6 and 9")
              .hint("let a present pnpm write it anew with `pnpm install --lockfile-only`"));
    }
    return {};
  }

  // --- nodes

  const Json* snapshots() const { return lock_.find(major_ >= 9 ? "snapshots" : "packages"); }

  Result<void> make_nodes() {
    if (const Json* packages = lock_.find("packages")) {
      for (const auto& [key, facts] : packages->members()) facts_.emplace(key, &facts);
    }
    const Json* objects = snapshots();
    if (!objects) return {};
    for (const auto& [key, snapshot] : objects->members()) {
      const auto facts = facts_.find(major_ >= 9 ? without_peers(key) : key);
      if (facts == facts_.end())
        return failure(graph_.invalid("`" + key + "` has no entry in `packages`"));
      HOD_TRY(GraphPackage package, package_of(key, *facts->second));
      nodes_.emplace(key, graph_.add_node(std::move(package)));
    }
    return {};
  }

  Result<GraphPackage> package_of(const std::string& key, const Json& facts) const {
    const DepPath path = parse_dep_path(key);
    GraphPackage package;
    package.name = path.name.empty() ? text_of(facts, "name") : std::string(path.name);
    const bool is_registry = !path.name.empty() && version_is_plain(path.version);
    package.version = is_registry ? std::string(path.version) : text_of(facts, "version");
    const Json* resolution = facts.find("resolution");
    if (!resolution) return failure(graph_.invalid("`" + key + "` has no resolution"));
    package.integrity = text_of(*resolution, "integrity");
    if (!is_registry) {
      const auto source = source_of(*resolution);
      if (!source) return failure(graph_.invalid("the source of `" + key + "` makes no sense"));
      package.source = *source;
    }
    if (const Json* engines = facts.find("engines"))
      package.node_engine = text_of(*engines, "node");
    package.platform = {texts_of(facts.find("os")), texts_of(facts.find("cpu")),
                        texts_of(facts.find("libc"))};
    package.bundled = texts_of(facts.find("bundledDependencies"));
    package.deprecated = text_of(facts, "deprecated");
    package.has_install_script = flag(facts, "requiresBuild");
    return package;
  }

  std::optional<PackageSource> source_of(const Json& resolution) const {
    const std::string type = text_of(resolution, "type");
    if (type == "directory") {
      return PackageSource{PackageSource::Kind::directory, text_of(resolution, "directory")};
    }
    if (type == "git") {
      std::string location = text_of(resolution, "repo");
      if (!location.starts_with("git")) location = "git+" + location;
      location += "#" + text_of(resolution, "commit");
      const std::string folder = text_of(resolution, "path");
      if (!folder.empty()) location += "&path:" + folder.substr(folder.starts_with('/') ? 1 : 0);
      return PackageSource{PackageSource::Kind::git, location};
    }
    const std::string tarball = text_of(resolution, "tarball");
    if (tarball.starts_with("file:")) {
      return PackageSource{PackageSource::Kind::tarball_file, tarball.substr(5)};
    }
    if (const auto git = git_of_archive(tarball))
      return PackageSource{PackageSource::Kind::git, *git};
    return PackageSource{PackageSource::Kind::tarball_url, tarball};
  }

  // --- edges

  Result<void> connect_snapshots() {
    const Json* objects = snapshots();
    if (!objects) return {};
    for (const auto& [key, snapshot] : objects->members()) {
      const std::uint32_t node = nodes_.at(key);
      const Json& facts = *facts_.at(major_ >= 9 ? without_peers(key) : key);
      HOD_CHECK(
          add_edges(node, facts, snapshot.find("optionalDependencies"), DependencyKind::optional));
      HOD_CHECK(add_edges(node, facts, snapshot.find("dependencies"), DependencyKind::production));
      add_missing_peers(node, facts);
    }
    return {};
  }

  Result<void> add_edges(std::uint32_t node, const Json& facts, const Json* object,
                         DependencyKind kind) {
    if (!object) return {};
    for (const auto& [alias, reference] : object->members()) {
      GraphEdge edge{alias, {}, kind, {}};
      HOD_TRY(edge.target, target_of(alias, reference.as_string(), "."));
      edge.specifier = version_specifier(alias, edge.target, reference.as_string());
      if (const Json* peers = facts.find("peerDependencies")) {
        if (const std::string* range = peers->find_string(alias)) {
          edge.kind =
              is_optional_peer(facts, alias) ? DependencyKind::optional_peer : DependencyKind::peer;
          edge.specifier = *range;
        }
      }
      std::vector<GraphEdge>& edges = graph_.node(node).edges;
      const auto same = [&edge](const GraphEdge& other) { return other.alias == edge.alias; };
      if (std::none_of(edges.begin(), edges.end(), same)) edges.push_back(std::move(edge));
    }
    return {};
  }

  void add_missing_peers(std::uint32_t node, const Json& facts) {
    const Json* peers = facts.find("peerDependencies");
    if (!peers) return;
    std::vector<GraphEdge>& edges = graph_.node(node).edges;
    for (const auto& [alias, range] : peers->members()) {
      const auto same = [&name = alias](const GraphEdge& other) { return other.alias == name; };
      if (std::any_of(edges.begin(), edges.end(), same)) continue;
      edges.push_back(
          {alias,
           range.as_string(),
           is_optional_peer(facts, alias) ? DependencyKind::optional_peer : DependencyKind::peer,
           {}});
    }
  }

  static bool is_optional_peer(const Json& facts, const std::string& alias) {
    const Json* meta = facts.find("peerDependenciesMeta");
    const Json* of_alias = meta ? meta->find(alias) : nullptr;
    return of_alias && flag(*of_alias, "optional");
  }

  // What asks for exactly the version that is there.
  std::string version_specifier(const std::string& alias, EdgeTarget target,
                                const std::string& reference) {
    if (target.kind != EdgeTarget::Kind::package) return reference;
    const GraphPackage& package = graph_.node(target.index);
    if (package.source.kind != PackageSource::Kind::registry) {
      return is_place(package.source.kind) ? "file:" + package.source.location
                                           : package.source.location;
    }
    return package.name == alias ? package.version : "npm:" + package.id();
  }

  // `folder`: what a link is relative to.
  Result<EdgeTarget> target_of(const std::string& alias, const std::string& reference,
                               const std::string& folder) {
    if (reference.starts_with("link:"))
      return link_target(alias, joined_path(folder, reference.substr(5)));
    for (const std::string& key :
         {reference, alias + "@" + reference, "/" + alias + "@" + reference}) {
      const auto found = nodes_.find(key);
      if (found != nodes_.end()) return package_target(found->second);
    }
    return failure(
        graph_.invalid("`" + alias + "` at `" + reference + "` is needed, but not in it"));
  }

  // A member that is copied in ("injected") is that member to us.
  EdgeTarget package_target(std::uint32_t node) const {
    const PackageSource& source = graph_.node(node).source;
    if (source.kind == PackageSource::Kind::directory) {
      if (const auto importer = graph_.importer_at(source.location)) {
        return {EdgeTarget::Kind::importer, *importer};
      }
    }
    return {EdgeTarget::Kind::package, node};
  }

  EdgeTarget link_target(const std::string& alias, const std::string& path) {
    if (const auto importer = graph_.importer_at(path))
      return {EdgeTarget::Kind::importer, *importer};
    const auto [known, added] = links_.try_emplace(alias + "\n" + path, graph_.node_count());
    if (added) {
      GraphPackage package;
      package.name = alias;
      package.source = {PackageSource::Kind::link, path};
      graph_.add_node(std::move(package));
    }
    return {EdgeTarget::Kind::package, known->second};
  }

  // --- importers

  Result<void> connect_importers() {
    const Json* importers = lock_.find("importers");
    if (!importers) return connect_importer(".", lock_);  // version 6 of a single project
    for (const auto& [path, importer] : importers->members())
      HOD_CHECK(connect_importer(path, importer));
    return {};
  }

  Result<void> connect_importer(const std::string& path, const Json& object) {
    const auto importer = graph_.importer_at(path);
    if (!importer) return {};  // no member any more
    add_ignored(*importer);
    const std::pair<const char*, DependencyKind> kFields[] = {
        {"optionalDependencies", DependencyKind::optional},
        {"dependencies", DependencyKind::production},
        {"devDependencies", DependencyKind::development}};
    for (const auto& [field, kind] : kFields) {
      const Json* dependencies = object.find(field);
      if (!dependencies) continue;
      for (const auto& [alias, entry] : dependencies->members()) {
        GraphEdge edge{alias, text_of(entry, "specifier"), kind, {}};
        HOD_TRY(edge.target, target_of(alias, text_of(entry, "version"), path));
        if (const auto peer = peer_kind(*importer, alias))
          edge.kind = *peer;  // installed by itself
        graph_.add_importer_edge(*importer, std::move(edge));
      }
    }
    return {};
  }

  // Names that the project told pnpm to leave out.
  void add_ignored(std::uint32_t importer) {
    const std::vector<std::string> ignored = texts_of(lock_.find("ignoredOptionalDependencies"));
    for (const Dependency& dependency : graph_.wanted_by(importer)) {
      if (dependency.kind == DependencyKind::optional &&
          std::find(ignored.begin(), ignored.end(), dependency.alias) != ignored.end()) {
        graph_.add_importer_edge(importer,
                                 {dependency.alias, dependency.specifier, dependency.kind, {}});
      }
    }
  }

  // The kind of an alias that its manifest has as a peer and as nothing else.
  std::optional<DependencyKind> peer_kind(std::uint32_t importer, const std::string& alias) const {
    for (const Dependency& dependency : graph_.wanted_by(importer)) {
      if (dependency.alias == alias && is_peer(dependency.kind)) return dependency.kind;
    }
    return std::nullopt;
  }

  // --- overrides

  static std::string rule_text(const Override& rule) {
    std::string text;
    for (const OverrideStep& step : rule.parents) text += step.name + "@" + step.selector + ">";
    return text + rule.target.name + "@" + rule.target.selector + "=" + rule.specifier;
  }

  // The lockfile holds the overrides that were in force. Where they are not those of today, the
  // graph's record is made to differ from today's too, so that the lockfile counts as out of date.
  // npm's `overrides` are not pnpm's business.
  void record_overrides(ResolutionGraph& graph) const {
    Json manifest = Json::object();
    if (const Json* locked = lock_.find("overrides")) {
      Json pnpm = Json::object();
      pnpm.set("overrides", *locked);
      manifest.set("pnpm", std::move(pnpm));
    }
    const auto parsed = Overrides::of_manifest(manifest, "");
    std::set<std::string> before;
    std::set<std::string> today;
    if (parsed) {
      for (const Override& rule : parsed->rules) before.insert(rule_text(rule));
    }
    for (const Override& rule : requirements_.overrides.rules) {
      today.insert(rule_text(rule));
      if (before.contains(rule_text(rule)) || rule.origin.starts_with("overrides.")) continue;
      std::erase_if(graph.overrides,
                    [&rule](const auto& item) { return item.first == rule.origin; });
    }
    for (const Override& rule : parsed ? parsed->rules : std::vector<Override>()) {
      if (!today.contains(rule_text(rule)))
        graph.overrides.emplace_back(rule.origin, rule.specifier);
    }
    std::sort(graph.overrides.begin(), graph.overrides.end());
  }

  // `key: hash`, before pnpm 11 `key: {hash, path}`. Up to pnpm 9 the hash is another one than ours
  // (26 characters): then it stays unknown.
  void record_patches(ResolutionGraph& graph) const {
    const Json* patched = lock_.find("patchedDependencies");
    if (!patched) return;
    for (const auto& [key, value] : patched->members()) {
      const std::string hash = value.is_string() ? value.as_string() : text_of(value, "hash");
      graph.patches.emplace_back(key, is_patch_hash(hash) ? hash : std::string());
    }
    std::sort(graph.patches.begin(), graph.patches.end());
  }

  const Json& lock_;
  const Requirements& requirements_;
  ImportGraph graph_;
  int major_ = 0;
  std::unordered_map<std::string, const Json*> facts_;
  std::unordered_map<std::string, std::uint32_t> nodes_;  // by snapshot key
  std::unordered_map<std::string, std::uint32_t> links_;
};

// Does this document hold pnpm's own tools and nothing of the project?
bool is_of_pnpm_itself(const Json& document) {
  const Json* importers = document.find("importers");
  if (!importers || importers->members().empty()) return false;
  return std::all_of(importers->members().begin(), importers->members().end(),
                     [](const Json::Member& importer) {
                       return importer.second.find("packageManagerDependencies") ||
                              importer.second.find("configDependencies");
                     });
}

}  // namespace

Result<ForeignLock> read_pnpm_lock(std::string_view text, std::string_view origin,
                                   const Requirements& requirements) {
  HOD_TRY(const std::vector<Json> documents, parse_yaml(text, origin));
  for (const Json& document : documents) {
    if (document.is_object() && !is_of_pnpm_itself(document)) {
      return Reader(document, origin, requirements).read();
    }
  }
  return failure(Error(ErrorCode::lockfile_invalid, "the lockfile cannot be read: it is empty")
                     .at(std::string(origin)));
}

}  // namespace hod::lockfile
