// SPDX-License-Identifier: MIT
// See warnings.h.
#include "resolver/warnings.h"

#include <algorithm>
#include <set>
#include <unordered_map>

namespace hod::resolver {

namespace {

class WarningFinder {
 public:
  explicit WarningFinder(Engine& engine)
      : engine_(engine),
        universe_(engine.universe()),
        book_(engine.knowledge().book),
        search_(engine.search()) {}

  std::vector<Warning> run() {
    const std::vector<ScopeId> scopes = search_.reachable();
    for (const ScopeId id : scopes) {
      for (const Choice& choice : search_[id].choices) {
        if (choice.scope != kNoScope) reached_from_.try_emplace(choice.scope, id);
      }
    }
    for (const ScopeId id : scopes) {
      look_at_deprecation(id);
      look_at_slots(id);
      look_at_peers(id);
    }
    return std::move(warnings_);
  }

 private:
  bool is_importer(PackageId package) const {
    return universe_[package].kind == Package::Kind::importer;
  }
  std::string id_of(PackageId package, VersionIndex version) const {
    const Package& about = universe_[package];
    if (about.kind == Package::Kind::importer) {
      return engine_.requirements().importers[about.importer].path;
    }
    return std::string(universe_.text(about.name)) + "@" +
           std::string(universe_.version_text(package, version));
  }
  std::string id_of(ScopeId scope) const {
    const Node& node = book_[search_[scope].node];
    return id_of(node.package, node.version);
  }

  // From an importer to the scope, both included.
  std::vector<std::string> path_to(ScopeId scope) const {
    std::vector<std::string> path{id_of(scope)};
    for (std::size_t steps = 0; steps < reached_from_.size(); ++steps) {
      const auto before = reached_from_.find(scope);
      if (before == reached_from_.end() || is_root(scope)) break;
      scope = before->second;
      path.push_back(id_of(scope));
    }
    std::reverse(path.begin(), path.end());
    return path;
  }
  bool is_root(ScopeId scope) const { return is_importer(book_[search_[scope].node].package); }

  void warn(Warning::Kind kind, ScopeId scope, std::string package, std::string text) {
    if (!told_.emplace(kind, text).second) return;
    warnings_.push_back({kind, std::move(package), std::move(text), path_to(scope)});
  }

  void look_at_deprecation(ScopeId id) {
    const Node& node = book_[search_[id].node];
    const Package& package = universe_[node.package];
    if (package.kind != Package::Kind::registry) return;
    if (!package.metadata.is_deprecated(node.version)) return;
    warn(Warning::Kind::deprecated, id, id_of(id),
         id_of(id) + " is deprecated: " + package.metadata.release_facts(node.version).deprecated);
  }

  void look_at_slots(ScopeId id) {
    const Scope& scope = search_[id];
    const std::uint32_t count = book_[scope.node].slot_count;
    for (std::uint32_t i = 0; i < count; ++i) {
      const Slot slot = book_.slots(scope.node)[i];
      const VersionIndex version = scope.choices[i].version;
      if (version == kNoVersion) {
        warn(Warning::Kind::optional_dropped, id, std::string(universe_.text(slot.alias)),
             "the optional dependency " + std::string(universe_.text(slot.alias)) + " " +
                 std::string(universe_[slot.spec].text) + " of " + id_of(id) +
                 " cannot be had and is left out");
      } else {
        look_at_age(id, slot, version);
      }
    }
  }

  // Would a younger version have been taken?
  void look_at_age(ScopeId id, const Slot& slot, VersionIndex version) {
    const Package& package = universe_[slot.target];
    if (package.kind != Package::Kind::registry || package.allowed.null()) return;
    const Bits all = universe_.satisfying(slot.spec, slot.target);
    const VersionIndex best =
        universe_.best_of(slot.target, all, universe_.releases_first(slot.spec));
    if (best == kNoVersion || best <= version || package.allowed.has(best)) return;
    if (!universe_.is_held_back(package, best)) return;
    warn(Warning::Kind::held_back, id, id_of(slot.target, best),
         id_of(slot.target, best) + " was published too recently; " + id_of(slot.target, version) +
             " is taken");
  }

  void look_at_peers(ScopeId id) {
    const Scope& scope = search_[id];
    for (const Choice& choice : scope.choices) {
      if (choice.scope == kNoScope || is_root(choice.scope)) continue;
      const NodeId child = search_[choice.scope].node;
      for (std::uint32_t i = 0; i < book_[child].peer_count; ++i) {
        look_at_peer(id, choice, book_.peers(child)[i]);
      }
    }
  }

  void look_at_peer(ScopeId parent, const Choice& choice, const Peer peer) {
    const Scope& scope = search_[parent];
    Provider provider = search_.provider(parent, scope.choices, scope.implicit, peer.name);
    if (provider.version == kNoVersion && !peer.optional) provider = from_project(peer.name);
    const std::string who = id_of(choice.package, choice.version);
    const std::string wants =
        std::string(universe_.text(peer.name)) + " " + std::string(universe_[peer.spec].text);
    if (provider.version == kNoVersion) {
      if (peer.optional) return;
      warn(Warning::Kind::peer_unmet, choice.scope, who,
           who + " wants " + wants + " beside it, and nothing provides that");
      return;
    }
    const std::string got = id_of(provider.package, provider.version);
    if (!universe_.satisfies(peer.spec, provider.package, provider.version)) {
      warn(Warning::Kind::peer_unmet, choice.scope, who,
           who + " wants " + wants + " beside it and gets " + got);
    } else if (peer.spec != peer.written && is_range(peer.written) &&
               !universe_.satisfies(peer.written, provider.package, provider.version)) {
      warn(Warning::Kind::peer_by_override, choice.scope, who,
           who + " wants " + std::string(universe_.text(peer.name)) + " " +
               std::string(universe_[peer.written].text) + " beside it; an override gives it " +
               got);
    }
  }

  // What a peer that was left to the project gets.
  Provider from_project(NameId name) const {
    if (!engine_.knowledge().left_to_project(name)) return {};
    const Scope& root = search_[search_.roots().front()];
    const std::uint32_t slot = book_.find_slot(root.node, name);
    if (slot == kNone) return {};
    return {root.choices[slot].package, root.choices[slot].version};
  }

  bool is_range(SpecId spec) const {
    return universe_[spec].kind == Spec::Kind::range || universe_[spec].kind == Spec::Kind::any;
  }

  Engine& engine_;
  Universe& universe_;
  const Book& book_;
  Search& search_;
  std::unordered_map<ScopeId, ScopeId> reached_from_;  // the first parent on the way down
  std::set<std::pair<Warning::Kind, std::string>> told_;
  std::vector<Warning> warnings_;
};

}  // namespace

std::vector<Warning> find_warnings(Engine& engine) { return WarningFinder(engine).run(); }

}  // namespace hod::resolver
