// SPDX-License-Identifier: MIT
// Strongly connected components by Tarjan's algorithm, without recursion: a chain of a hundred
// thousand packages is no stack overflow. It hands out each component after all those below it, so
// that every key needed is there already.
//
// What must stay true:
//  (1) Whatever is found below a package, by any chain of links in its entry, is in its key.
//  (2) A key depends on no number of this graph's (PackageIndex) and on no path of the project's.
#include "cache/global_store_keys.h"

#include <algorithm>

#include "cache/bin_links.h"
#include "cache/hash.h"
#include "cache/tree_path.h"
#include "core/base/encoding.h"

namespace hod::cache {

namespace {

constexpr std::size_t kKeyCharacters = 32;  // 128 bits
constexpr std::uint32_t kUnseen = 0xFFFFFFFF;

// Fields one after the other, each told apart from the next.
void add_field(std::string& text, std::string_view field) {
  text += std::to_string(field.size());
  text += ':';
  text += field;
}

std::string sha256(std::string_view text) { return digest_of(DigestAlgorithm::sha256, text); }

// "a@1.0.0", "@s+a@1.0.0": for people who look into the folder; the key tells entries apart.
std::string shown_folder(const GraphPackage& package) {
  GraphPackage plain;
  plain.name = package.name;
  plain.version = package.version;
  return isolated_folder(plain);
}

class KeyMaker {
 public:
  explicit KeyMaker(const WantedGraph& graph)
      : graph_(graph),
        entries_(graph.edges.size()),
        order_(graph.edges.size(), kUnseen),
        lowest_(graph.edges.size(), kUnseen),
        open_(graph.edges.size(), false) {}

  std::vector<std::string> run() && {
    for (PackageIndex i = 0; i < graph_.edges.size(); ++i) {
      if (graph_.wanted(i) && order_[i] == kUnseen) visit(i);
    }
    return std::move(entries_);
  }

 private:
  const GraphPackage& package(PackageIndex index) const { return graph_.graph->packages[index]; }

  // ---- components

  struct Step {
    PackageIndex package;
    std::size_t next_edge = 0;
  };

  void enter(PackageIndex index) {
    order_[index] = lowest_[index] = next_order_++;
    open_[index] = true;
    stack_.push_back(index);
    way_.push_back({index});
  }

  void visit(PackageIndex first) {
    enter(first);
    while (!way_.empty()) {
      Step& step = way_.back();
      const PackageIndex at = step.package;
      const std::vector<WantedEdge>& edges = graph_.edges[at];
      if (step.next_edge == edges.size()) {
        leave(at);
        continue;
      }
      const EdgeTarget& target = edges[step.next_edge++].target;
      if (target.kind != EdgeTarget::Kind::package) continue;
      if (order_[target.index] == kUnseen) {
        enter(target.index);
      } else if (open_[target.index]) {
        lowest_[at] = std::min(lowest_[at], order_[target.index]);
      }
    }
  }

  void leave(PackageIndex index) {
    way_.pop_back();
    if (!way_.empty()) {
      const PackageIndex above = way_.back().package;
      lowest_[above] = std::min(lowest_[above], lowest_[index]);
    }
    if (lowest_[index] != order_[index]) return;
    const auto begin = std::find(stack_.rbegin(), stack_.rend(), index).base() - 1;
    std::vector<PackageIndex> members(begin, stack_.end());
    stack_.erase(begin, stack_.end());
    for (const PackageIndex member : members) open_[member] = false;
    std::sort(members.begin(), members.end());  // the graph's order is that of names and versions
    name_entries(members);
  }

  // ---- keys

  bool stays(PackageIndex index) const {
    const std::vector<bool>& copied = graph_.options->copied;
    return graph_.is_folder(index) || (index < copied.size() && copied[index]) ||
           !TarballDigest::of(Integrity::parse(package(index).integrity));
  }

  bool stays_for(PackageIndex index, const std::vector<PackageIndex>& members) const {
    if (stays(index)) return true;
    return std::any_of(
        graph_.edges[index].begin(), graph_.edges[index].end(), [&](const WantedEdge& edge) {
          if (edge.target.kind != EdgeTarget::Kind::package) return true;
          const bool member = std::binary_search(members.begin(), members.end(), edge.target.index);
          return !member && entries_[edge.target.index].empty();
        });
  }

  void name_entries(const std::vector<PackageIndex>& members) {
    for (const PackageIndex member : members) {
      if (stays_for(member, members)) return;
    }
    std::string text;
    for (const PackageIndex member : members) describe(text, member, members);
    const std::string ring = sha256(text);
    for (std::size_t i = 0; i < members.size(); ++i) {
      const std::string own = members.size() == 1 ? ring : sha256(ring + std::to_string(i));
      entries_[members[i]] = joined(shown_folder(package(members[i])),
                                    std::string_view(to_hex(own)).substr(0, kKeyCharacters));
    }
  }

  void describe(std::string& text, PackageIndex index, const std::vector<PackageIndex>& members) {
    add_field(text, package(index).name);
    add_field(text, package(index).version);
    add_field(text, TarballDigest::of(Integrity::parse(package(index).integrity))->bytes);
    const std::vector<std::string> executables = executables_of(package(index).bins);
    add_field(text, std::to_string(executables.size()));
    for (const std::string& path : executables) add_field(text, path);
    add_field(text, std::to_string(graph_.edges[index].size()));
    for (const WantedEdge& edge : graph_.edges[index]) {
      add_field(text, graph_.alias(edge.alias));
      const auto member = std::lower_bound(members.begin(), members.end(), edge.target.index);
      const bool inside = member != members.end() && *member == edge.target.index;
      add_field(text, inside ? "#" + std::to_string(member - members.begin())
                             : entries_[edge.target.index]);
    }
  }

  const WantedGraph& graph_;
  std::vector<std::string> entries_;
  std::vector<std::uint32_t> order_, lowest_;
  std::vector<bool> open_;
  std::vector<PackageIndex> stack_;
  std::vector<Step> way_;
  std::uint32_t next_order_ = 0;
};

}  // namespace

std::vector<std::string> global_entries(const WantedGraph& graph) { return KeyMaker(graph).run(); }

}  // namespace hod::cache
