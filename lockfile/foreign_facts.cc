// SPDX-License-Identifier: MIT
#include "lockfile/foreign_facts.h"

#include <algorithm>
#include <tuple>

namespace hod::lockfile {

namespace {

bool is_everything_known(const ForeignLock::Unknown& unknown) {
  return unknown == ForeignLock::Unknown{};
}

const GraphEdge* edge_of(const std::vector<GraphEdge>& edges, std::string_view alias) {
  const auto found = std::find_if(edges.begin(), edges.end(),
                                  [&](const GraphEdge& edge) { return edge.alias == alias; });
  return found == edges.end() ? nullptr : &*found;
}

class Completion {
 public:
  Completion(ForeignLock& lock, std::string_view origin)
      : graph_(lock.graph), unknown_(lock.unknown), origin_(origin) {}

  Result<void> run(const std::map<std::string, PackageMetadata>& documents) {
    find_parents();
    for (PackageIndex i = 0; i < graph_.packages.size(); ++i) {
      GraphPackage& package = graph_.packages[i];
      const auto document = documents.find(package.name);
      if (package.source.kind != PackageSource::Kind::registry || document == documents.end())
        continue;
      const auto version = document->second.find(package.version);
      if (!version) return failure(gone(package));
      complete(i, document->second.facts(*version));
    }
    canonicalize(graph_);
    return {};
  }

 private:
  Error gone(const GraphPackage& package) const {
    return Error(ErrorCode::version_not_found,
                 "`" + package.id() + "` is in the lockfile, but not in the registry any more")
        .at(std::string(origin_))
        .hint("restore that version, or move it where the lockfile was made; no other is picked");
  }

  void find_parents() {
    parents_.resize(graph_.packages.size());
    for (PackageIndex i = 0; i < graph_.packages.size(); ++i) {
      for (const GraphEdge& edge : graph_.packages[i].edges) {
        if (edge.target.kind == EdgeTarget::Kind::package) parents_[edge.target.index].push_back(i);
      }
    }
  }

  void complete(PackageIndex index, VersionFacts facts) {
    GraphPackage& package = graph_.packages[index];
    if (unknown_.integrity && package.integrity.empty()) package.integrity = facts.integrity;
    if (unknown_.platforms) package.platform = std::move(facts.platform);
    if (unknown_.bins) package.bins = std::move(facts.bins);
    if (unknown_.engines) package.node_engine = std::move(facts.node_engine);
    if (unknown_.scripts) package.has_install_script = facts.has_install_script;
    if (package.deprecated.empty()) package.deprecated = std::move(facts.deprecated);
    if (package.tarball.empty()) package.tarball = std::move(facts.tarball);
    for (const Dependency& dependency : facts.dependencies) {
      const bool peer = dependency.kind == DependencyKind::peer ||
                        dependency.kind == DependencyKind::optional_peer;
      if (peer && unknown_.peers) add_peer(index, dependency);
      if (unknown_.ranges) take_range(package, dependency);
    }
  }

  // An alias keeps its own: the lockfile knows what it stands for.
  static void take_range(GraphPackage& package, const Dependency& dependency) {
    for (GraphEdge& edge : package.edges) {
      if (edge.alias == dependency.alias) edge.specifier = dependency.specifier;
    }
  }

  void add_peer(PackageIndex index, const Dependency& peer) {
    GraphPackage& package = graph_.packages[index];
    if (edge_of(package.edges, peer.alias) != nullptr) return;
    GraphEdge edge{peer.alias, peer.specifier, peer.kind, provider_of(index, peer.alias)};
    if (edge.target.kind == EdgeTarget::Kind::absent && peer.kind == DependencyKind::peer) return;
    package.edges.push_back(std::move(edge));
  }

  // In the manner of a tree that is hoisted: what the project has is found by everybody.
  EdgeTarget provider_of(PackageIndex index, std::string_view alias) const {
    for (const GraphImporter& importer : graph_.importers) {
      const GraphEdge* edge = edge_of(importer.edges, alias);
      if (edge != nullptr && edge->target.kind != EdgeTarget::Kind::absent) return edge->target;
    }
    for (PackageIndex parent : parents_[index]) {
      const GraphEdge* edge = edge_of(graph_.packages[parent].edges, alias);
      if (edge != nullptr && edge->target.kind != EdgeTarget::Kind::absent) return edge->target;
    }
    return only_one_named(alias);
  }

  EdgeTarget only_one_named(std::string_view name) const {
    EdgeTarget target;
    for (PackageIndex i = 0; i < graph_.packages.size(); ++i) {
      if (graph_.packages[i].name != name) continue;
      if (target.kind == EdgeTarget::Kind::package) return {};
      target = {EdgeTarget::Kind::package, i};
    }
    return target;
  }

  ResolutionGraph& graph_;
  const ForeignLock::Unknown& unknown_;
  std::string_view origin_;
  std::vector<std::vector<PackageIndex>> parents_;
};

// "importer or package id", alias, target: edges to nothing are left out.
using Edges = std::set<std::tuple<std::string, std::string, std::string>>;

void add_edges(const ResolutionGraph& graph, const std::string& from,
               const std::vector<GraphEdge>& edges, Edges& out) {
  for (const GraphEdge& edge : edges) {
    if (edge.target.kind == EdgeTarget::Kind::package) {
      out.emplace(from, edge.alias, graph.packages[edge.target.index].id());
    } else if (edge.target.kind == EdgeTarget::Kind::importer) {
      out.emplace(from, edge.alias, graph.importers[edge.target.index].path);
    }
  }
}

Edges edges_of(const ResolutionGraph& graph) {
  Edges out;
  for (const GraphImporter& importer : graph.importers)
    add_edges(graph, importer.path, importer.edges, out);
  for (const GraphPackage& package : graph.packages)
    add_edges(graph, package.id(), package.edges, out);
  return out;
}

std::set<std::string> versions_of(const ResolutionGraph& graph) {
  std::set<std::string> out;
  for (const GraphPackage& package : graph.packages) out.insert(package.id());
  return out;
}

tl::unexpected<Error> moved(const std::string& what) {
  return failure(ErrorCode::internal, "the lockfile cannot be carried over as it is: " + what);
}

}  // namespace

std::set<std::string> names_with_unknown_facts(const ForeignLock& lock) {
  std::set<std::string> names;
  if (is_everything_known(lock.unknown)) return names;
  for (const GraphPackage& package : lock.graph.packages) {
    if (package.source.kind == PackageSource::Kind::registry) names.insert(package.name);
  }
  return names;
}

Result<void> complete_facts(ForeignLock& lock,
                            const std::map<std::string, PackageMetadata>& documents,
                            std::string_view origin) {
  return Completion(lock, origin).run(documents);
}

Result<void> check_nothing_moved(const ResolutionGraph& before, const ResolutionGraph& after) {
  const std::set<std::string> had = versions_of(before), has = versions_of(after);
  for (const std::string& id : had) {
    if (!has.contains(id)) return moved("`" + id + "` would be lost");
  }
  for (const std::string& id : has) {
    if (!had.contains(id)) return moved("`" + id + "` would be new");
  }
  const Edges now = edges_of(after);
  for (const auto& [from, alias, target] : edges_of(before)) {
    if (!now.contains({from, alias, target}))
      return moved("`" + alias + "` of `" + from + "` would not lead to `" + target + "` any more");
  }
  return {};
}

}  // namespace hod::lockfile
