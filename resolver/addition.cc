// SPDX-License-Identifier: MIT
// See addition.h.
//
// The engine gets a lockfile of what the new packages lead to and nothing else. What they lead to
// shows while it works: a name that the lockfile has and the engine does not know is put in, with
// everything below it, and the engine begins again, with the answers so far.
#include "resolver/addition.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "core/model/dependency_rank.h"
#include "core/model/range.h"
#include "core/model/specifier.h"
#include "core/model/version.h"
#include "resolver/output.h"
#include "resolver/warnings.h"

namespace hod::resolver {

namespace {

// Only where the lockfile is law for everything that it has.
bool keeps_everything(const Policy& policy) {
  return policy.trust_locked && policy.keep_locked_peers && !policy.flat && !policy.engine_strict &&
         !policy.platform && policy.resolution == Resolution::newest;
}

bool has_edge(const GraphImporter& importer, const std::string& alias) {
  return std::any_of(importer.edges.begin(), importer.edges.end(),
                     [&alias](const GraphEdge& edge) { return edge.alias == alias; });
}

// The same importers with what the lockfile does not have of them; none: that is not all.
std::optional<Requirements> additions(const Requirements& requirements,
                                      const ResolutionGraph& locked) {
  Requirements added;
  added.catalogs = requirements.catalogs;
  added.extensions = requirements.extensions;
  if (locked.importers.size() != requirements.importers.size()) return std::nullopt;
  std::size_t count = 0;
  for (std::size_t i = 0; i < locked.importers.size(); ++i) {
    const Importer& importer = requirements.importers[i];
    if (importer.path != locked.importers[i].path) return std::nullopt;
    added.importers.push_back({importer.path, importer.name, importer.version, {}});
    std::set<std::string_view> aliases;
    for (const Dependency& dependency : importer.dependencies) {
      if (has_edge(locked.importers[i], dependency.alias)) continue;
      if (dependency.kind == DependencyKind::optional_peer) continue;
      if (is_peer(dependency.kind) || !aliases.insert(dependency.alias).second) return std::nullopt;
      added.importers.back().dependencies.push_back(dependency);
    }
    count += aliases.size();
  }
  if (count == 0 || differences(locked, requirements).size() != count) return std::nullopt;
  return added;
}

}  // namespace

std::unique_ptr<Addition> Addition::of(const Requirements& requirements,
                                       const ResolutionGraph* locked, const Policy& policy) {
  const bool plain =
      locked != nullptr && keeps_everything(policy) && requirements.overrides.rules.empty();
  if (!plain) return nullptr;
  std::optional<Requirements> added = additions(requirements, *locked);
  if (!added) return nullptr;
  std::unique_ptr<Addition> made(new Addition(std::move(*added), *locked, policy));
  const auto moves = [&made](const std::string& name) {
    return name == "*" || made->is_locked(name);
  };
  if (std::any_of(policy.update.begin(), policy.update.end(), moves)) return nullptr;
  std::set<std::string_view> names;
  for (const Importer& importer : made->added_.importers) {
    for (const Dependency& dependency : importer.dependencies) {
      const auto specifier = effective_specifier(requirements, importer, dependency);
      const auto parsed =
          specifier ? Specifier::parse(*specifier) : failure(ErrorCode::internal, "");
      const bool locked_name = made->is_locked(dependency.alias);
      const bool simple =
          parsed && (parsed->as<RangeSpecifier>() || (parsed->as<TagSpecifier>() && !locked_name));
      if (!simple || (locked_name && requirements.importers.size() > 1)) return nullptr;
      names.insert(dependency.alias);
    }
  }
  for (const Importer& importer : requirements.importers) {
    if (names.contains(importer.name)) return nullptr;
  }
  // Somebody may want it beside itself.
  for (const GraphPackage& package : locked->packages) {
    for (const GraphEdge& edge : package.edges) {
      if (is_peer(edge.kind) && names.contains(edge.alias)) return nullptr;
    }
  }
  for (const std::string_view name : names) made->include(std::string(name));
  made->begin();
  return made;
}

Addition::Addition(Requirements added, const ResolutionGraph& locked, Policy policy)
    : added_(std::move(added)), locked_(locked), policy_(std::move(policy)) {
  by_name_.reserve(locked.packages.size());
  for (PackageIndex i = 0; i < locked.packages.size(); ++i) {
    by_name_[locked.packages[i].name].push_back(i);
  }
}

// False: the lockfile has nothing of that name, or the engine knows it.
bool Addition::include(const std::string& name) {
  if (!is_locked(name) || !included_.insert(name).second) return false;
  std::vector<std::string_view> waiting{name};
  while (!waiting.empty()) {
    const std::string_view next = waiting.back();
    waiting.pop_back();
    for (const PackageIndex index : by_name_.find(next)->second) {
      for (const GraphEdge& edge : locked_.packages[index].edges) {
        if (edge.target.kind != EdgeTarget::Kind::package) continue;
        const std::string& below = locked_.packages[edge.target.index].name;
        if (included_.insert(below).second) waiting.push_back(below);
      }
    }
  }
  return true;
}

void Addition::begin() {
  ResolutionGraph part;
  part.overrides = locked_.overrides;
  for (const Importer& importer : added_.importers) {
    part.importers.push_back({importer.path, importer.name, importer.version, {}});
  }
  std::unordered_map<PackageIndex, PackageIndex> places;
  for (const std::string& name : included_) {
    for (const PackageIndex index : by_name_.find(name)->second) {
      places.emplace(index, static_cast<PackageIndex>(part.packages.size()));
      part.packages.push_back(locked_.packages[index]);
    }
  }
  for (GraphPackage& package : part.packages) {
    for (GraphEdge& edge : package.edges) {
      if (edge.target.kind != EdgeTarget::Kind::package) continue;
      edge.target.index = places.find(edge.target.index)->second;
    }
  }
  open_.clear();
  engine_ = std::make_unique<Engine>(Engine::Setup{added_, policy_, &part, std::nullopt});
}

// Gives the engine what is known. False: it has to wait, or to begin again.
bool Addition::answer_open() {
  for (const PackageId id : engine_->take_asked()) open_.push_back(engine_->key_of(id));
  bool any = false;
  bool begins_again = false;
  std::erase_if(open_, [&](const MetadataKey& key) {
    const bool registry = key.source.kind == PackageSource::Kind::registry;
    if (registry && include(key.name)) begins_again = true;
    const auto known = answers_.find(key);
    if (known == answers_.end()) {
      if (!begins_again && asked_.insert(key).second) needed_.push_back(key);
      return false;
    }
    Engine::Answer answer = known->second.clone();
    if (answer.missing) {
      engine_->provide_missing(key, std::move(*answer.missing));
    } else {
      engine_->provide(key, std::move(*answer.metadata), std::move(answer.source));
    }
    any = true;
    return true;
  });
  if (begins_again) {
    begin();
    begun_again_ = true;
  }
  return any || begins_again;
}

Addition::Outcome Addition::advance() {
  for (;;) {
    // What only the engine before this one asked for is waited for, too: nobody may be left asking.
    if (begun_again_ && asked_.size() > answers_.size()) return Outcome::waiting;
    begun_again_ = false;
    switch (engine_->advance()) {
      case Engine::Outcome::waiting:
        if (answer_open()) continue;
        return Outcome::waiting;
      case Engine::Outcome::solved: {
        warnings_ = find_warnings(*engine_);
        const ResolutionGraph made =
            make_graph(engine_->requirements(), engine_->knowledge(), engine_->search());
        return merge(made) ? Outcome::solved : Outcome::given_up;
      }
      case Engine::Outcome::impossible:
      case Engine::Outcome::exhausted:
        return Outcome::given_up;
    }
  }
}

std::vector<MetadataKey> Addition::take_needed() { return std::exchange(needed_, {}); }

std::vector<ExpectedRelease> Addition::take_expected() { return engine_->take_expected(); }

void Addition::provide(const MetadataKey& key, Engine::Answer answer) {
  answers_.insert_or_assign(key, std::move(answer));
}

const Budget& Addition::budget() const { return engine_->knowledge().budget; }

std::size_t Addition::packages_loaded() const { return engine_->universe().package_count(); }

ResolutionGraph Addition::take_graph() { return std::move(*graph_); }

// ---- beside the rest

bool Addition::same_edges(const ResolutionGraph& made, const GraphPackage& a,
                          const GraphPackage& b) const {
  const auto same_target = [&](const EdgeTarget& x, const EdgeTarget& y) {
    if (x.kind != EdgeTarget::Kind::package || y.kind != x.kind) return x == y;
    const GraphPackage& one = made.packages[x.index];
    const GraphPackage& other = locked_.packages[y.index];
    return std::tie(one.name, one.version, one.source, one.peer_context) ==
           std::tie(other.name, other.version, other.source, other.peer_context);
  };
  return std::equal(a.edges.begin(), a.edges.end(), b.edges.begin(), b.edges.end(),
                    [&](const GraphEdge& x, const GraphEdge& y) {
                      return x.alias == y.alias && x.specifier == y.specifier && x.kind == y.kind &&
                             same_target(x.target, y.target);
                    });
}

// Which locked package it is; none: a new one. `clashes`: neither.
std::optional<PackageIndex> Addition::known_as(const ResolutionGraph& made,
                                               const GraphPackage& package, bool& clashes) const {
  const auto peer = [](const GraphEdge& edge) { return is_peer(edge.kind); };
  clashes = !package.peer_context.empty() ||
            std::any_of(package.edges.begin(), package.edges.end(), peer);
  const auto named = by_name_.find(package.name);
  if (clashes || named == by_name_.end()) return std::nullopt;
  std::optional<PackageIndex> found;
  for (const PackageIndex index : named->second) {
    const GraphPackage& locked = locked_.packages[index];
    if (locked.version != package.version) continue;
    clashes = found || locked.source != package.source || !locked.peer_context.empty();
    if (clashes) return std::nullopt;
    found = index;
  }
  clashes = found && !same_edges(made, package, locked_.packages[*found]);
  return found;
}

// Is there another version although one that the lockfile has would do? Then solving everything
// might bring them together.
bool Addition::is_needless(const ResolutionGraph& made, const GraphEdge& edge) const {
  if (edge.target.kind != EdgeTarget::Kind::package) return false;
  const GraphPackage& target = made.packages[edge.target.index];
  const auto named = by_name_.find(target.name);
  if (named == by_name_.end()) return false;
  const Result<Range> range = Range::parse(edge.specifier, {.loose = Loose::yes});
  if (!range) return true;
  return std::any_of(named->second.begin(), named->second.end(), [&](PackageIndex index) {
    const std::string& text = locked_.packages[index].version;
    const Result<Version> version = Version::parse(text, Loose::yes);
    return text != target.version && (!version || range->contains(*version));
  });
}

// Where each package that was made is to be: the place of the locked one that it is, or behind
// them all. None: they do not fit together.
std::optional<std::vector<PackageIndex>> Addition::places(const ResolutionGraph& made) const {
  const auto count = static_cast<PackageIndex>(locked_.packages.size());
  std::vector<PackageIndex> place(made.packages.size());
  PackageIndex next = count;
  for (PackageIndex i = 0; i < made.packages.size(); ++i) {
    bool clashes = false;
    const std::optional<PackageIndex> known = known_as(made, made.packages[i], clashes);
    if (clashes) return std::nullopt;
    place[i] = known ? *known : next++;
  }
  const auto needless = [&](const GraphEdge& edge) {
    const bool is_new =
        edge.target.kind == EdgeTarget::Kind::package && place[edge.target.index] >= count;
    return is_new && is_needless(made, edge);
  };
  const auto any_needless = [&](const auto& owner) {
    return std::any_of(owner.edges.begin(), owner.edges.end(), needless);
  };
  if (std::any_of(made.importers.begin(), made.importers.end(), any_needless) ||
      std::any_of(made.packages.begin(), made.packages.end(), any_needless)) {
    return std::nullopt;
  }
  return place;
}

bool Addition::merge(const ResolutionGraph& made) {
  const std::optional<std::vector<PackageIndex>> place = places(made);
  if (!place) return false;
  const auto settled = [&place](std::vector<GraphEdge> edges) {
    for (GraphEdge& edge : edges) {
      if (edge.target.kind == EdgeTarget::Kind::package) {
        edge.target.index = (*place)[edge.target.index];
      }
    }
    return edges;
  };
  ResolutionGraph graph;
  graph.importers = locked_.importers;
  graph.packages = locked_.packages;
  graph.overrides = locked_.overrides;
  for (PackageIndex i = 0; i < made.packages.size(); ++i) {
    if ((*place)[i] < locked_.packages.size()) continue;
    graph.packages.push_back(made.packages[i]);
    graph.packages.back().edges = settled(made.packages[i].edges);
  }
  for (std::size_t i = 0; i < made.importers.size(); ++i) {
    graph.importers[i].name = made.importers[i].name;
    graph.importers[i].version = made.importers[i].version;
    for (GraphEdge& edge : settled(made.importers[i].edges)) {
      graph.importers[i].edges.push_back(std::move(edge));
    }
  }
  canonicalize(graph);
  graph_ = std::move(graph);
  return true;
}

}  // namespace hod::resolver
