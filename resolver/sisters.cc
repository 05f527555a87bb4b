// SPDX-License-Identifier: MIT
// See sisters.h.
#include "resolver/sisters.h"

#include "core/model/dependency_rank.h"

namespace hod::resolver {

namespace {

// Does a version with these edges ask for it in just this way?
bool asks(const PackageMetadata& metadata, std::span<const PackageMetadata::Edge> edges,
          std::string_view alias, std::string_view specifier, DependencyKind kind) {
  bool found = false;
  for (const PackageMetadata::Edge& edge : edges) {
    if (is_peer(edge.kind) != is_peer(kind) || metadata.text(edge.alias) != alias) continue;
    // The same name once more as another kind: which one counts is not worth finding out here.
    if (edge.kind != kind || metadata.text(edge.specifier) != specifier) return false;
    found = true;
  }
  return found;
}

}  // namespace

Bits sisters(Knowledge& knowledge, BitArena& arena, PackageId id, VersionIndex version, Bits within,
             NameId alias, SpecId written, DependencyKind kind) {
  const Package& package = knowledge.universe[id];
  const Bits same = arena.zero(package.words);
  same.set(version);
  if (package.kind != Package::Kind::registry || knowledge.book.rewrites(package.name)) return same;
  const PackageMetadata& metadata = package.metadata;
  const std::string_view alias_text = knowledge.universe.text(alias);
  const std::string_view specifier = knowledge.universe[written].text;
  const Leniency leniency = knowledge.leniency(id, version, alias);
  const PackageMetadata::Edge* last = nullptr;
  std::size_t last_count = 0;
  bool last_asks = false;
  for (std::uint32_t i = within.below(package.versions); i != Bits::kNoBit; i = within.below(i)) {
    const auto edges = metadata.edges(i);
    if (edges.data() != last || edges.size() != last_count) {  // equal lists are stored once
      last = edges.data();
      last_count = edges.size();
      last_asks = asks(metadata, edges, alias_text, specifier, kind);
    }
    if (!last_asks || (!is_peer(kind) && metadata.has_bundled(i))) continue;
    if (is_peer(kind) && knowledge.leniency(id, i, alias) != leniency) continue;
    same.set(i);
  }
  return same;
}

}  // namespace hod::resolver
