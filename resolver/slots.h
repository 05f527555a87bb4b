// SPDX-License-Identifier: MIT
// What one version of a package asks for: its slots (dependencies it installs for itself) and its
// peers (slots it wants to see filled by whoever installs it), after overrides, package extensions,
// catalogs and workspaces have had their say. A node is made when the solver first looks at a
// version, and never changes.
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/requirements.h"
#include "resolver/locked.h"
#include "resolver/overrides_state.h"
#include "resolver/universe.h"

namespace hod::resolver {

struct Slot {
  NameId alias = kNoName;
  SpecId spec = kNoSpec;            // what is asked for
  SpecId written = kNoSpec;         // what stood there before an override
  PackageId target = kNoPackageId;  // kNoPackageId: nothing can answer, see `refusal`
  DependencyKind kind = DependencyKind::production;
  std::string_view refusal;      // one clause
  std::uint32_t locked = kNone;  // first of locked_targets(); they end with a null

  bool optional() const { return kind == DependencyKind::optional; }
};

struct Peer {
  NameId name = kNoName;
  SpecId spec = kNoSpec;
  SpecId written = kNoSpec;
  PackageId target = kNoPackageId;  // what an implicit slot of that name would hold
  bool optional = false;
};

struct Node {
  PackageId package = kNoPackageId;
  VersionIndex version = 0;
  OverrideState state = kNoOverrides;
  std::uint32_t first_slot = 0, slot_count = 0;
  std::uint32_t first_peer = 0, peer_count = 0;
  ScopeId scope = kNoScope;  // the one scope of a node without peers
};

// Requirements the solver is to behave without: for finding out which ones a conflict really needs.
struct Entry {
  std::string owner;  // importer's path, or "name@version"
  std::string alias;
  bool peer = false;
  friend auto operator<=>(const Entry&, const Entry&) = default;
};

class Book {
 public:
  // `only`: if not null, every requirement that is not in it is left out.
  Book(const Requirements& requirements, const LockIndex& locked, Universe& universe,
       const std::set<Entry>* only);

  NodeId node(PackageId package, VersionIndex version, OverrideState state);
  // The node of a child chosen by a node in `state`.
  NodeId child(OverrideState state, PackageId package, VersionIndex version);
  Node& operator[](NodeId id) { return nodes_[id]; }
  const Node& operator[](NodeId id) const { return nodes_[id]; }
  std::size_t size() const { return nodes_.size(); }

  // Views stay valid until the next node is made.
  std::span<const Slot> slots(NodeId id) const {
    return std::span(slots_).subspan(nodes_[id].first_slot, nodes_[id].slot_count);
  }
  std::span<const Peer> peers(NodeId id) const {
    return std::span(peers_).subspan(nodes_[id].first_peer, nodes_[id].peer_count);
  }
  // The slot's or peer's index, or kNone.
  std::uint32_t find_slot(NodeId id, NameId alias) const;
  std::uint32_t find_peer(NodeId id, NameId name) const;

  // The version the lockfile had in this slot, if it still fits; kNoVersion: none. `set`: null or
  // what is allowed.
  VersionIndex locked_version(const Slot& slot, Bits set);
  // May versions of this package that say the same come to mean different things?
  bool rewrites(NameId package) const;
  // The owner of a node in words and as an Entry's owner.
  std::string owner_id(NodeId id) const;

 private:
  struct Asked {
    std::string_view alias;
    std::string_view specifier;
    DependencyKind kind = DependencyKind::production;
  };
  void collect_importer(const Importer& importer, std::vector<Asked>& asked);
  void collect_package(PackageId package, VersionIndex version, std::vector<Asked>& asked);
  void add_extensions(PackageId package, VersionIndex version, std::vector<Asked>& asked);
  void add_slots(Node& node, std::vector<Asked>& asked);
  void add_slot(const Node& node, const Asked& asked, const std::string& owner);
  void add_peer(const Node& node, const Asked& asked);
  struct Rewritten {
    SpecId spec = kNoSpec;
    bool removed = false;
    bool by_override = false;
  };
  Rewritten rewrite(const Node& node, NameId alias, std::string_view specifier);
  void aim(Slot& slot, const Node& node, bool by_override);
  void aim_at_member(Slot& slot);
  void aim_at_source(Slot& slot, const Node& node, bool by_override);
  std::uint32_t find_locked(const Slot& slot, const std::string& owner);
  bool wanted(const std::string& owner, std::string_view alias, bool peer) const;

  const Requirements& requirements_;
  const LockIndex& locked_;
  Universe& universe_;
  const std::set<Entry>* only_;
  OverrideStates overrides_;
  std::vector<NameId> extended_;  // names that package extensions are about
  IdTable<NodeId, Node> nodes_;
  std::vector<Slot> slots_;
  std::vector<Peer> peers_;
  std::vector<const LockedTarget*> locked_targets_;
};

}  // namespace hod::resolver
