// SPDX-License-Identifier: MIT
// The hoisted layout's placement, after npm's (client.md §C): breadth-first from the importers, in
// name order, each package as high as it may stand.
//
// Every decision is made by looking up a name the way Node does: from a folder, through the
// node_modules of each folder above it. A package may stand at a level when
//  - the name is free there and the look-up from the dependent passes that level,
//  - nobody below that level already finds another package of that name further up (it would be
//    shadowed), and
//  - its peers, looked up from that level, are the very folders that the dependent sees. Peers that
//    the dependent does not have itself are placed together with the package, on one level.
// All three only get easier further down, so there is one highest level and it is computed.
//
// Three things npm does not do: a version that an absent optional peer would not take stays below
// the root; where several versions want a name at the root, the one that most
// packages depend on gets it (npm: the first comer), which leaves fewer copies below; and no
// package is laid down inside itself: a loop of versions that cannot stand beside each other ends
// in a symlink to the folder further up, as in npm's nested strategy.
//
// What must stay true:
//  (1) An edge, once resolved, stays resolved to the same folder: every later placement checks
//      the dependents of what it would shadow. Peers count from the moment of placement.
//  (2) The same graph gives the same tree.
#include "cache/hoist.h"

#include <algorithm>
#include <deque>

namespace hod::cache {

namespace {

// (folder, name) → what stands in its node_modules. Open addressing: the hottest table here.
class ChildTable {
 public:
  explicit ChildTable(std::size_t expected) {
    std::size_t size = 64;
    while (size < expected * 2) size *= 2;
    slots_.resize(size);
  }

  NodeIndex find(NodeIndex parent, AliasIndex alias) const {
    for (std::size_t i = home(parent, alias);; i = (i + 1) & (slots_.size() - 1)) {
      const Slot& slot = slots_[i];
      if (slot.child == kNoNode) return kNoNode;
      if (slot.parent == parent && slot.alias == alias) return slot.child;
    }
  }

  void insert(NodeIndex parent, AliasIndex alias, NodeIndex child) {
    if (++used_ * 2 > slots_.size()) grow();
    put({parent, alias, child});
  }

 private:
  struct Slot {
    NodeIndex parent = kNoNode;
    AliasIndex alias = 0;
    NodeIndex child = kNoNode;
  };

  std::size_t home(NodeIndex parent, AliasIndex alias) const {
    std::uint64_t key = (std::uint64_t{parent} << 32 | alias) * 0x9E3779B97F4A7C15U;
    return static_cast<std::size_t>(key >> 20) & (slots_.size() - 1);
  }

  void put(const Slot& entry) {
    std::size_t i = home(entry.parent, entry.alias);
    while (slots_[i].child != kNoNode) i = (i + 1) & (slots_.size() - 1);
    slots_[i] = entry;
  }

  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.child != kNoNode) put(slot);
    }
  }

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

class Hoister {
 public:
  explicit Hoister(const WantedGraph& graph)
      : graph_(graph),
        children_(graph.edges.size() * 2 + graph.tops.size()),
        copies_(graph.edges.size()) {}

  HoistedTree run() && {
    add_tops();
    choose_root_holders();
    while (!waiting_.empty()) {
      const NodeIndex next = waiting_.front();
      waiting_.pop_front();
      resolve_all(next);
    }
    return std::move(tree_);
  }

 private:
  using Edges = std::vector<WantedEdge>;
  enum class Progress : std::uint8_t { open, running, done };
  struct Member {
    AliasIndex alias;
    EdgeTarget target;
  };
  struct Count {
    EdgeTarget target;
    std::uint32_t dependents;
  };
  static constexpr EdgeTarget kNobody{EdgeTarget::Kind::package, kNoPackage};
  // A package and the peers that have to stand beside it.
  struct Together {
    std::vector<Member> members;  // the package first
    std::uint32_t level = 0;      // the depth that its visible peers allow
  };
  struct Copies {
    std::uint32_t made = 0;
    std::uint32_t dependents = 0;  // edges of the graph that end here
    NodeIndex first = kNoNode;
  };

  const HoistedNode& node(NodeIndex index) const { return tree_.nodes[index]; }

  const Edges& edges_of(NodeIndex index) const {
    static const Edges none;
    const HoistedNode& here = node(index);
    if (here.kind == HoistedNode::Kind::top) return graph_.tops[index].edges;
    if (here.kind == HoistedNode::Kind::package) return graph_.edges[here.target.index];
    return none;
  }

  // ---- the start

  void add_tops() {
    tree_.nodes.reserve(graph_.edges.size() * 3 / 2 + graph_.tops.size());
    for (TopIndex i = 0; i < graph_.tops.size(); ++i) {
      add_node({HoistedNode::Kind::top, kNoNode, 0, 0, {}, i});
      waiting_.push_back(i);
    }
    for (TopIndex i = 0; i < graph_.tops.size(); ++i) {
      const TopIndex parent = graph_.tops[i].parent;
      tree_.nodes[i].parent = parent == kNoTop ? kNoNode : parent;
      for (TopIndex up = parent; up != kNoTop; up = graph_.tops[up].parent) ++tree_.nodes[i].depth;
    }
  }

  // For each name that several packages go by: who is to have it in the root's node_modules.
  void choose_root_holders() {
    root_holder_.assign(graph_.aliases.size(), EdgeTarget{});
    std::vector<std::vector<Count>> counts(graph_.aliases.size());
    const auto count = [&](const Edges& edges) {
      for (const WantedEdge& edge : edges) {
        if (edge.target.kind == EdgeTarget::Kind::package) ++copies_[edge.target.index].dependents;
        std::vector<Count>& row = counts[edge.alias];
        auto found = std::find_if(row.begin(), row.end(),
                                  [&](const Count& c) { return c.target == edge.target; });
        if (found == row.end()) {
          row.push_back({edge.target, 1});
        } else {
          ++found->dependents;
        }
      }
    };
    for_each_nearest_first(count);
    drop_unwelcome(counts);
    for (AliasIndex alias = 0; alias < counts.size(); ++alias) {
      if (counts[alias].size() < 2) continue;
      // Equal: the nearest, which is the first comer.
      root_holder_[alias] = std::max_element(counts[alias].begin(), counts[alias].end(),
                                             [](const Count& a, const Count& b) {
                                               return a.dependents < b.dependents;
                                             })
                                ->target;
    }
    if (graph_.tops.empty()) return;
    for (const WantedEdge& edge : graph_.tops[0].edges) root_holder_[edge.alias] = edge.target;
  }

  // At the root everybody sees a package. What is not welcome there nests below who needs it.
  void drop_unwelcome(std::vector<std::vector<Count>>& counts) {
    for (const AbsentEdge& edge : graph_.absent) {
      std::vector<Count>& row = counts[edge.alias];
      const std::size_t before = row.size();
      std::erase_if(
          row, [&](const Count& count) { return !graph_.is_welcome(edge.alias, count.target); });
      if (row.size() == before) continue;
      root_holder_[edge.alias] = row.empty() ? kNobody : row.front().target;
    }
  }

  template <class Visit>
  void for_each_nearest_first(const Visit& visit) const {
    std::vector<bool> seen(graph_.edges.size(), false);
    std::vector<PackageIndex> order;
    const auto reach = [&](const Edges& edges) {
      visit(edges);
      for (const WantedEdge& edge : edges) {
        if (edge.target.kind != EdgeTarget::Kind::package || seen[edge.target.index]) continue;
        seen[edge.target.index] = true;
        order.push_back(edge.target.index);
      }
    };
    for (const TopFolder& top : graph_.tops) reach(top.edges);
    for (std::size_t i = 0; i < order.size(); ++i) reach(graph_.edges[order[i]]);
  }

  // ---- Node's look-up

  NodeIndex lookup(NodeIndex from, AliasIndex alias) const {
    for (NodeIndex at = from; at != kNoNode; at = node(at).parent) {
      const NodeIndex child = children_.find(at, alias);
      if (child != kNoNode) return child;
    }
    return kNoNode;
  }

  bool is_for(NodeIndex found, const EdgeTarget& target) const {
    return found != kNoNode && node(found).target == target;
  }

  // Is `found` what `from` wants: the right package, with the peers that `from` sees?
  bool fits(NodeIndex found, const EdgeTarget& target, NodeIndex from) const {
    if (!is_for(found, target)) return false;
    const NodeIndex real = node(found).real;
    if (real == kNoNode || node(real).kind != HoistedNode::Kind::package) return true;
    for (const WantedEdge& edge : edges_of(real)) {
      if (!edge.peer) continue;
      const NodeIndex mine = lookup(from, edge.alias);
      if (!is_for(mine, edge.target)) continue;
      const NodeIndex seen = lookup(real, edge.alias);
      if (seen == kNoNode || node(seen).real != node(mine).real) return false;
    }
    return true;
  }

  // ---- one folder's edges

  void resolve_all(NodeIndex from) {
    const Edges& edges = edges_of(from);
    progress_.assign(edges.size(), Progress::open);
    for (std::size_t i = 0; i < edges.size(); ++i) resolve(from, edges, i);
  }

  // Edges are few: a linear search beats a table.
  static std::size_t position_of(const Edges& edges, AliasIndex alias) {
    std::size_t i = 0;
    while (i < edges.size() && edges[i].alias != alias) ++i;
    return i;
  }

  void resolve(NodeIndex from, const Edges& edges, std::size_t position) {
    if (progress_[position] != Progress::open) return;
    progress_[position] = Progress::running;
    const WantedEdge& edge = edges[position];
    if (!settle(from, edge)) {
      const std::size_t before = tree_.nodes.size();
      Together together = what_goes_with(from, edges, edge);
      if (tree_.nodes.size() != before) together = what_goes_with(from, edges, edge);
      if (!settle(from, edge))
        place(from, std::move(together));  // a peer's peer may have placed it
    }
    progress_[position] = Progress::done;
  }

  // Already there: remember who depends on it. Peers were chosen by the folder's dependents when it
  // was placed; what it sees itself has no say in them.
  bool settle(NodeIndex from, const WantedEdge& edge) {
    const NodeIndex found = lookup(from, edge.alias);
    if (edge.peer ? !is_for(found, edge.target) : !fits(found, edge.target, from)) return false;
    dependents_[found].push_back(from);
    return true;
  }

  // What has to be placed with `edge`'s target: the peers that `from` does not see. Resolves those
  // that `from` has edges to first, so that they stand as high as they can on their own.
  Together what_goes_with(NodeIndex from, const Edges& edges, const WantedEdge& edge) {
    Together out;
    out.members.push_back({edge.alias, edge.target});
    const auto holds = [&out](AliasIndex alias) {
      return std::any_of(out.members.begin(), out.members.end(),
                         [alias](const Member& member) { return member.alias == alias; });
    };
    for (std::size_t i = 0; i < out.members.size(); ++i) {
      const EdgeTarget target = out.members[i].target;
      if (target.kind != EdgeTarget::Kind::package) continue;
      for (const WantedEdge& peer : graph_.edges[target.index]) {
        if (!peer.peer || holds(peer.alias)) continue;
        const std::size_t own = position_of(edges, peer.alias);
        if (own < edges.size() && edges[own].target != peer.target) continue;  // nests below
        if (own < edges.size()) resolve(from, edges, own);
        const NodeIndex seen = lookup(from, peer.alias);
        if (is_for(seen, peer.target)) {
          out.level = std::max(out.level, node(node(seen).parent).depth);
        } else {
          out.members.push_back({peer.alias, peer.target});
        }
      }
    }
    return out;
  }

  // ---- placing

  // The highest level below which a new `alias` shadows nobody.
  std::uint32_t free_level(NodeIndex from, AliasIndex alias) const {
    const NodeIndex found = lookup(from, alias);
    if (found == kNoNode) return 0;
    std::uint32_t level = node(node(found).parent).depth + 1;
    for (const NodeIndex dependent : dependents_[found]) {
      level = std::max(level, node(common_ancestor(dependent, from)).depth + 1);
    }
    return level;
  }

  // Of two folders that both see `found`, so that there is one.
  NodeIndex common_ancestor(NodeIndex a, NodeIndex b) const {
    while (node(a).depth > node(b).depth) a = node(a).parent;
    while (node(b).depth > node(a).depth) b = node(b).parent;
    while (a != b) {
      a = node(a).parent;
      b = node(b).parent;
    }
    return a;
  }

  // The root's place is kept for another one.
  bool kept_from(AliasIndex alias, const EdgeTarget& target) const {
    const EdgeTarget& holder = root_holder_[alias];
    return holder.kind != EdgeTarget::Kind::absent && holder != target;
  }

  void place(NodeIndex from, Together together) {
    std::vector<Member>& members = together.members;
    const std::uint32_t lowest = node(from).depth;
    std::uint32_t level = std::max(together.level, free_level(from, members.front().alias));
    for (std::size_t i = 1; i < members.size();) {
      const std::uint32_t needed = free_level(from, members[i].alias);
      if (needed > lowest) {
        members.erase(members.begin() + static_cast<std::ptrdiff_t>(i));  // nests below its user
      } else {
        level = std::max(level, needed);
        ++i;
      }
    }
    NodeIndex at = from;
    while (node(at).parent != kNoNode && node(at).depth > level) at = node(at).parent;
    at = leave_root_to_holders(from, at, members);
    if (children_.find(at, members.front().alias) != kNoNode) return;  // two edges of one name
    std::vector<NodeIndex> made;
    for (const Member& member : members) made.push_back(put(at, member));
    dependents_[made.front()].push_back(from);
    for (const NodeIndex index : made) bind_peers(index);
  }

  NodeIndex leave_root_to_holders(NodeIndex from, NodeIndex at,
                                  const std::vector<Member>& members) {
    if (at == 0 && from != 0) {
      for (const Member& member : members) {
        if (!kept_from(member.alias, member.target)) continue;
        NodeIndex below = from;
        while (node(below).parent != at) below = node(below).parent;
        return below;
      }
    } else if (at != 0 && node(at).depth > 0) {
      for (const Member& member : members) {
        EdgeTarget& holder = root_holder_[member.alias];
        if (holder == member.target) holder = EdgeTarget{};  // cannot stand there: first comers may
      }
    }
    return at;
  }

  NodeIndex put(NodeIndex at, const Member& member) {
    HoistedNode made{
        HoistedNode::Kind::package, at, node(at).depth + 1, member.alias, member.target, kNoNode};
    const NodeIndex index = static_cast<NodeIndex>(tree_.nodes.size());
    made.real = index;
    if (member.target.kind == EdgeTarget::Kind::importer) {
      made.kind = HoistedNode::Kind::link;
      made.real = member.target.index;
    } else if (graph_.is_folder(member.target.index)) {
      made.kind = HoistedNode::Kind::link;
      made.real = graph_.top_of_package[member.target.index];
      if (made.real == kNoTop) made.real = kNoNode;
    } else if (const NodeIndex other = instead_of_copy(at, member.target); other != kNoNode) {
      made.kind = HoistedNode::Kind::link;
      made.real = other;
    }
    add_node(made);
    if (made.kind == HoistedNode::Kind::package) {
      waiting_.push_back(index);
      Copies& copies = copies_[member.target.index];
      if (copies.made++ == 0) copies.first = index;
      for (const AliasIndex name : graph_.bundled[member.target.index]) {
        add_node({HoistedNode::Kind::bundled, index, made.depth + 1, name, {}, kNoNode});
      }
    }
    return index;
  }

  // A folder further up that is this package already, or, where copies multiply (each within each
  // other's), the first one: keeps the tree linear in the graph. kNoNode: make one.
  NodeIndex instead_of_copy(NodeIndex at, const EdgeTarget& target) const {
    for (; at != kNoNode; at = node(at).parent) {
      if (node(at).kind == HoistedNode::Kind::package && node(at).target == target) return at;
    }
    const Copies& copies = copies_[target.index];
    return copies.made < 4 * copies.dependents + 16 ? kNoNode : copies.first;
  }

  void bind_peers(NodeIndex index) {
    if (node(index).kind != HoistedNode::Kind::package) return;
    for (const WantedEdge& edge : edges_of(index)) {
      if (!edge.peer) continue;
      const NodeIndex seen = lookup(index, edge.alias);
      if (is_for(seen, edge.target)) dependents_[seen].push_back(index);
    }
  }

  void add_node(const HoistedNode& made) {
    const NodeIndex index = static_cast<NodeIndex>(tree_.nodes.size());
    tree_.nodes.push_back(made);
    dependents_.emplace_back();
    if (made.kind != HoistedNode::Kind::top) children_.insert(made.parent, made.alias, index);
  }

  const WantedGraph& graph_;
  HoistedTree tree_;
  ChildTable children_;
  std::vector<Copies> copies_;                      // by PackageIndex
  std::vector<std::vector<NodeIndex>> dependents_;  // who resolved an edge to this node
  std::vector<EdgeTarget> root_holder_;             // by alias; absent: first come, first served
  std::deque<NodeIndex> waiting_;
  std::vector<Progress> progress_;  // of the edges of the folder being resolved
};

}  // namespace

HoistedTree hoist(const WantedGraph& graph) { return Hoister(graph).run(); }

}  // namespace hod::cache
