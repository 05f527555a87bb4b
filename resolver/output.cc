// SPDX-License-Identifier: MIT
// See output.h.
//
// Peers may form circles (two siblings that want each other), so an instance's identity cannot be
// built from its providers' identities. It is the set of scopes that can be reached over peer
// edges: for siblings a walk among the siblings, beyond them the sets already known of the parent
// and of the parent's own providers.
//
// What must stay true:
//  (1) Name, version, source and peer context together tell any two packages of the graph apart.
//  (2) Nothing in the graph depends on the order of numbers.
#include "resolver/output.h"

#include <algorithm>
#include <map>

namespace hod::resolver {

namespace {

// An instance in the making.
struct Instance {
  ScopeId scope = kNoScope;
  std::vector<ScopeId> reach;         // sorted; over peers, itself not included unless by a circle
  std::vector<EdgeTarget> providers;  // one for each peer of the node; indices of instances
  std::vector<EdgeTarget> children;   // one for each choice of the scope
};

class GraphMaker {
 public:
  GraphMaker(const Requirements& requirements, Knowledge& knowledge, Search& search)
      : requirements_(requirements),
        book_(knowledge.book),
        universe_(knowledge.universe),
        search_(search) {}

  ResolutionGraph run();

 private:
  // Where a child's peer comes from.
  struct Origin {
    enum class Kind : std::uint8_t { nobody, parent, sibling, above } kind = Kind::nobody;
    std::uint32_t index = 0;  // sibling: among the choices; above: among the parent's peers
  };

  bool is_importer(ScopeId scope) const {
    return universe_[book_[search_[scope].node].package].kind == Package::Kind::importer;
  }
  std::uint32_t importer_of(ScopeId scope) const {
    return universe_[book_[search_[scope].node].package].importer;
  }
  Origin origin(const Instance& parent, NameId peer) const;
  void expand(std::uint32_t index);
  std::vector<ScopeId> reach_of(const Instance& parent, std::uint32_t child,
                                const std::vector<std::vector<Origin>>& origins) const;
  void add_reach(std::vector<ScopeId>& reach, ScopeId scope,
                 const std::vector<ScopeId>& more) const;
  std::uint32_t intern(ScopeId scope, std::vector<ScopeId> reach, bool& is_new);
  EdgeTarget target_of(std::uint32_t parent, const Origin& origin) const;

  std::string context_text(const Instance& instance) const;
  void tell_apart(ResolutionGraph& graph);
  std::vector<std::uint32_t> classes(const ResolutionGraph& graph) const;
  void merge(ResolutionGraph& graph, const std::vector<std::uint32_t>& classes) const;
  GraphPackage package_of(const Instance& instance) const;
  std::vector<GraphEdge> edges_of(const Instance& instance) const;

  const Requirements& requirements_;
  const Book& book_;
  const Universe& universe_;
  const Search& search_;
  std::deque<Instance> instances_;  // importers first
  std::map<std::pair<ScopeId, std::vector<ScopeId>>, std::uint32_t> with_peers_;
  std::vector<std::uint32_t> without_peers_;  // by scope
};

GraphMaker::Origin GraphMaker::origin(const Instance& parent, NameId peer) const {
  const Scope& scope = search_[parent.scope];
  const Package& own = universe_[book_[scope.node].package];
  if (own.kind != Package::Kind::importer && own.name == peer) return {Origin::Kind::parent};
  const std::uint32_t slot = book_.find_slot(scope.node, peer);
  if (slot != kNone) {
    const bool filled = scope.choices[slot].version != kNoVersion;
    return {filled ? Origin::Kind::sibling : Origin::Kind::nobody, slot};
  }
  const std::uint32_t above = book_.find_peer(scope.node, peer);
  if (above != kNone && scope.context[above].version != kNoVersion) {
    return {Origin::Kind::above, above};
  }
  for (std::uint32_t i = 0; i < scope.implicit.size(); ++i) {
    if (scope.implicit[i] == peer) {
      return {Origin::Kind::sibling, book_[scope.node].slot_count + i};
    }
  }
  return {};
}

void GraphMaker::add_reach(std::vector<ScopeId>& reach, ScopeId scope,
                           const std::vector<ScopeId>& more) const {
  reach.push_back(scope);
  reach.insert(reach.end(), more.begin(), more.end());
}

std::vector<ScopeId> GraphMaker::reach_of(const Instance& parent, std::uint32_t child,
                                          const std::vector<std::vector<Origin>>& origins) const {
  std::vector<ScopeId> reach;
  std::vector<std::uint32_t> waiting{child};
  std::vector<bool> visited(origins.size());
  while (!waiting.empty()) {
    const std::uint32_t next = waiting.back();
    waiting.pop_back();
    for (const Origin& from : origins[next]) {
      switch (from.kind) {
        case Origin::Kind::nobody:
          break;
        case Origin::Kind::parent:
          add_reach(reach, parent.scope, parent.reach);
          break;
        case Origin::Kind::above: {
          const EdgeTarget& provider = parent.providers[from.index];
          if (provider.kind == EdgeTarget::Kind::absent) break;
          const Instance& above = instances_[provider.index];
          add_reach(reach, above.scope, above.reach);
          break;
        }
        case Origin::Kind::sibling:
          reach.push_back(search_[parent.scope].choices[from.index].scope);
          if (!visited[from.index]) {
            visited[from.index] = true;
            waiting.push_back(from.index);
          }
          break;
      }
    }
  }
  std::sort(reach.begin(), reach.end());
  reach.erase(std::unique(reach.begin(), reach.end()), reach.end());
  return reach;
}

std::uint32_t GraphMaker::intern(ScopeId scope, std::vector<ScopeId> reach, bool& is_new) {
  const auto next = static_cast<std::uint32_t>(instances_.size());
  std::uint32_t* known = nullptr;
  if (reach.empty()) {
    if (without_peers_.size() <= at(scope)) without_peers_.resize(at(scope) + 1, kNone);
    known = &without_peers_[at(scope)];
  } else {
    known = &with_peers_.try_emplace({scope, reach}, kNone).first->second;
  }
  is_new = *known == kNone;
  if (is_new) {
    *known = next;
    instances_.push_back({scope, std::move(reach), {}, {}});
  }
  return *known;
}

EdgeTarget GraphMaker::target_of(std::uint32_t index, const Origin& from) const {
  const Instance& parent = instances_[index];
  switch (from.kind) {
    case Origin::Kind::nobody:
      return {};
    case Origin::Kind::parent:
      return {EdgeTarget::Kind::package, index};
    case Origin::Kind::sibling:
      return parent.children[from.index];
    case Origin::Kind::above:
      return parent.providers[from.index];
  }
  return {};
}

void GraphMaker::expand(std::uint32_t index) {
  Instance& parent = instances_[index];
  const Scope& scope = search_[parent.scope];
  const auto count = static_cast<std::uint32_t>(scope.choices.size());
  std::vector<std::vector<Origin>> origins(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const ScopeId child = scope.choices[i].scope;
    if (child == kNoScope || is_importer(child)) continue;
    for (const Peer& peer : book_.peers(search_[child].node)) {
      origins[i].push_back(origin(parent, peer.name));
    }
  }
  parent.children.resize(count);
  std::vector<std::uint32_t> fresh;
  for (std::uint32_t i = 0; i < count; ++i) {
    const ScopeId child = scope.choices[i].scope;
    if (child == kNoScope) continue;
    bool is_new = false;
    const std::uint32_t target = is_importer(child)
                                     ? importer_of(child)
                                     : intern(child, reach_of(parent, i, origins), is_new);
    parent.children[i] = {EdgeTarget::Kind::package, target};
    if (is_new) fresh.push_back(i);
  }
  for (const std::uint32_t i : fresh) {
    Instance& child = instances_[parent.children[i].index];
    for (const Origin& from : origins[i]) {
      child.providers.push_back(target_of(index, from));
    }
  }
}

// "(react@18.2.0)(vue@3.0.0)": every provider that can be reached, by name.
std::string GraphMaker::context_text(const Instance& instance) const {
  std::vector<std::string> parts;
  for (const ScopeId scope : instance.reach) {
    if (scope == instance.scope) continue;  // by a circle
    const Node& node = book_[search_[scope].node];
    const Package& package = universe_[node.package];
    std::string part(universe_.text(package.name));
    if (package.kind == Package::Kind::importer) {
      part.append("@link:").append(requirements_.importers[package.importer].path);
    } else {
      part.append("@").append(package.metadata.version_text(node.version));
    }
    parts.push_back(std::move(part));
  }
  std::sort(parts.begin(), parts.end());
  parts.erase(std::unique(parts.begin(), parts.end()), parts.end());
  std::string text;
  for (const std::string& part : parts) text += "(" + part + ")";
  return text;
}

std::vector<GraphEdge> GraphMaker::edges_of(const Instance& instance) const {
  const Scope& scope = search_[instance.scope];
  const auto slots = book_.slots(scope.node);
  const auto peers = book_.peers(scope.node);
  std::vector<GraphEdge> edges;
  edges.reserve(slots.size() + peers.size());
  const auto graph_target = [this](EdgeTarget target) {
    if (target.kind == EdgeTarget::Kind::absent) return target;
    const auto importers = static_cast<std::uint32_t>(requirements_.importers.size());
    if (target.index < importers) return EdgeTarget{EdgeTarget::Kind::importer, target.index};
    return EdgeTarget{EdgeTarget::Kind::package, target.index - importers};
  };
  for (std::uint32_t i = 0; i < slots.size(); ++i) {
    edges.push_back({std::string(universe_.text(slots[i].alias)),
                     std::string(universe_[slots[i].spec].text), slots[i].kind,
                     graph_target(instance.children[i])});
  }
  for (std::uint32_t i = 0; i < peers.size(); ++i) {
    if (book_.find_slot(scope.node, peers[i].name) != kNone) continue;  // it uses its own copy
    edges.push_back({std::string(universe_.text(peers[i].name)),
                     std::string(universe_[peers[i].spec].text),
                     peers[i].optional ? DependencyKind::optional_peer : DependencyKind::peer,
                     graph_target(instance.providers[i])});
  }
  return edges;
}

GraphPackage GraphMaker::package_of(const Instance& instance) const {
  const Node& node = book_[search_[instance.scope].node];
  const Package& package = universe_[node.package];
  VersionFacts facts = package.metadata.release_facts(node.version);
  GraphPackage made;
  made.name = package.kind == Package::Kind::source && !package.metadata.name().empty()
                  ? package.metadata.name()
                  : universe_.text(package.name);
  made.version = std::move(facts.version);
  made.source = package.source;
  made.integrity = std::move(facts.integrity);
  if (package.kind == Package::Kind::registry) made.tarball = std::move(facts.tarball);
  made.peer_context = context_text(instance);
  made.edges = edges_of(instance);
  made.bins = std::move(facts.bins);
  made.platform = std::move(facts.platform);
  made.bundled = std::move(facts.bundled);
  made.node_engine = std::move(facts.node_engine);
  made.deprecated = std::move(facts.deprecated);
  made.has_install_script = facts.has_install_script;
  made.unpacked_size = facts.unpacked_size;
  return made;
}

// Packages in one class look alike and lead to packages that look alike.
std::vector<std::uint32_t> GraphMaker::classes(const ResolutionGraph& graph) const {
  std::map<std::vector<std::string>, std::uint32_t> texts;
  std::vector<std::uint32_t> of(graph.packages.size());
  for (std::size_t i = 0; i < of.size(); ++i) {
    const GraphPackage& package = graph.packages[i];
    of[i] = texts
                .try_emplace(
                    {package.name, package.version, package.source.location, package.peer_context},
                    static_cast<std::uint32_t>(texts.size()))
                .first->second;
  }
  for (std::size_t known = texts.size();;) {
    std::map<std::vector<std::uint32_t>, std::uint32_t> refined;
    std::vector<std::uint32_t> next(of.size());
    for (std::size_t i = 0; i < of.size(); ++i) {
      std::vector<std::uint32_t> signature{of[i]};
      for (const GraphEdge& edge : graph.packages[i].edges) {
        signature.push_back(static_cast<std::uint32_t>(edge.target.kind));
        signature.push_back(edge.target.kind == EdgeTarget::Kind::package ? of[edge.target.index]
                                                                          : edge.target.index);
      }
      next[i] =
          refined.try_emplace(std::move(signature), static_cast<std::uint32_t>(refined.size()))
              .first->second;
    }
    of = std::move(next);
    if (refined.size() == known) return of;
    known = refined.size();
  }
}

void GraphMaker::merge(ResolutionGraph& graph, const std::vector<std::uint32_t>& of) const {
  std::map<std::uint32_t, std::uint32_t> kept;  // class → new index
  std::vector<GraphPackage> packages;
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (kept.try_emplace(of[i], static_cast<std::uint32_t>(packages.size())).second) {
      packages.push_back(std::move(graph.packages[i]));
    }
  }
  graph.packages = std::move(packages);
  const auto renumber = [&](std::vector<GraphEdge>& edges) {
    for (GraphEdge& edge : edges) {
      if (edge.target.kind == EdgeTarget::Kind::package) {
        edge.target.index = kept[of[edge.target.index]];
      }
    }
  };
  for (GraphPackage& package : graph.packages) renumber(package.edges);
  for (GraphImporter& importer : graph.importers) renumber(importer.edges);
}

// Instances that look alike although they are different scopes (other overrides above them, say):
// merged where they also lead to the same, marked where not. Takes and leaves a canonical graph, in
// which those that look alike are neighbours.
void GraphMaker::tell_apart(ResolutionGraph& graph) {
  const auto alike = [&graph](std::size_t i) {
    const GraphPackage& a = graph.packages[i - 1];
    const GraphPackage& b = graph.packages[i];
    return a.version == b.version && a.name == b.name && a.source == b.source &&
           a.peer_context == b.peer_context;
  };
  const auto any_alike = [&] {
    for (std::size_t i = 1; i < graph.packages.size(); ++i) {
      if (alike(i)) return true;
    }
    return false;
  };
  if (!any_alike()) return;
  merge(graph, classes(graph));
  canonicalize(graph);
  std::vector<std::size_t> place(graph.packages.size(), 1);  // among those that look alike
  for (std::size_t i = 1; i < place.size(); ++i) {
    if (alike(i)) place[i] = place[i - 1] + 1;
  }
  for (std::size_t i = 0; i < place.size(); ++i) {
    if (place[i] > 1) graph.packages[i].peer_context += "(#" + std::to_string(place[i]) + ")";
  }
  canonicalize(graph);
}

// Peers that were left to the project (Knowledge::left_to_project) end at its own dependency.
void serve_from_project(ResolutionGraph& graph) {
  for (GraphPackage& package : graph.packages) {
    for (GraphEdge& edge : package.edges) {
      const bool open = edge.target.kind == EdgeTarget::Kind::absent;
      if (!open || edge.kind != DependencyKind::peer) continue;
      for (const GraphEdge& own : graph.importers.front().edges) {
        if (own.alias == edge.alias) edge.target = own.target;
      }
    }
  }
}

ResolutionGraph GraphMaker::run() {
  for (const ScopeId root : search_.roots()) instances_.push_back({root, {}, {}, {}});
  for (std::uint32_t i = 0; i < instances_.size(); ++i) expand(i);
  ResolutionGraph graph;
  const std::size_t importers = requirements_.importers.size();
  for (std::size_t i = 0; i < importers; ++i) {
    const Importer& importer = requirements_.importers[i];
    graph.importers.push_back(
        {importer.path, importer.name, importer.version, edges_of(instances_[i])});
  }
  graph.packages.reserve(instances_.size() - importers);
  for (std::size_t i = importers; i < instances_.size(); ++i) {
    graph.packages.push_back(package_of(instances_[i]));
  }
  serve_from_project(graph);
  graph.overrides = override_record(requirements_);
  canonicalize(graph);
  tell_apart(graph);
  return graph;
}

}  // namespace

ResolutionGraph make_graph(const Requirements& requirements, Knowledge& knowledge, Search& search) {
  return GraphMaker(requirements, knowledge, search).run();
}

}  // namespace hod::resolver
