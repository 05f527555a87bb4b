// SPDX-License-Identifier: MIT
// Choosing among commands of one name.
#include "cache/bin_links.h"

#include <algorithm>
#include <tuple>

#include "cache/tree_path.h"
#include "core/base/lexical_path.h"

namespace hod::cache {

namespace {

constexpr std::string_view kReserved[] = {"git", "hod", "node", "npm", "npx", "sh"};

struct Candidate {
  const Bin* bin;
  const BinOwner* owner;
  std::size_t distance;
  bool namesake;
};

bool target_is_safe(const Bin& bin) {
  return !bin.path.empty() && bin.path.front() != '/' && bin.path.find('\0') == std::string::npos &&
         !bin.path.starts_with("..") && shortest_path(bin.path) == bin.path;
}

bool is_safe(const Bin& bin) { return bin_name_is_safe(bin.name) && target_is_safe(bin); }

bool is_reserved(std::string_view name) {
  return std::find(std::begin(kReserved), std::end(kReserved), name) != std::end(kReserved);
}

std::string_view name_of(const WantedGraph& graph, const BinOwner& owner) {
  if (owner.target.kind == EdgeTarget::Kind::importer) {
    return graph.graph->importers[owner.target.index].name;
  }
  return graph.graph->packages[owner.target.index].name;
}

std::vector<Candidate> candidates(const WantedGraph& graph, BinFolder kind,
                                  const std::vector<BinOwner>& owners) {
  std::vector<Candidate> out;
  for (std::size_t i = 0; i < owners.size(); ++i) {
    const BinOwner& owner = owners[i];
    for (const Bin& bin : graph.bins_of(owner.target)) {
      if (!is_safe(bin)) continue;
      if (is_reserved(bin.name) && (kind == BinFolder::of_package || !owner.direct)) continue;
      out.push_back({&bin, &owner, i, name_of(graph, owner) == bin.name});
    }
  }
  std::sort(out.begin(), out.end(), [](const Candidate& a, const Candidate& b) {
    return std::tuple(std::string_view(a.bin->name), !a.owner->direct, !a.namesake, a.distance) <
           std::tuple(std::string_view(b.bin->name), !b.owner->direct, !b.namesake, b.distance);
  });
  return out;
}

}  // namespace

void add_bins(const WantedGraph& graph, std::string_view node_modules, BinFolder kind,
              const std::vector<BinOwner>& owners, TreeShape& shape) {
  const Candidate* last = nullptr;
  const std::vector<Candidate> all = candidates(graph, kind, owners);
  for (const Candidate& next : all) {
    if (last != nullptr && last->bin->name == next.bin->name) {
      if (kind == BinFolder::of_user && last->owner->target != next.owner->target) {
        shape.bin_conflicts.push_back("`" + next.bin->name + "` in " + std::string(node_modules) +
                                      "/.bin is that of `" + std::string(last->owner->alias) +
                                      "`, not of `" + std::string(next.owner->alias) + "`");
      }
      continue;
    }
    last = &next;
    shape.bins.push_back({joined(node_modules, ".bin/" + next.bin->name),
                          "../" + std::string(next.owner->alias) + "/" + next.bin->path});
  }
}

std::vector<std::string> executables_of(const std::vector<Bin>& bins) {
  std::vector<std::string> out;
  for (const Bin& bin : bins) {
    if (is_safe(bin)) out.push_back(bin.path);
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

}  // namespace hod::cache
