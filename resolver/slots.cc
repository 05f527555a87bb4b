// SPDX-License-Identifier: MIT
// See slots.h.
//
// The registry is messy: names in both `dependencies` and `optionalDependencies` (npm repeats them
// there), specifiers that mean something only in their author's checkout, peers that are no ranges.
// None of that may stop an install that other managers can do: a slot nothing can answer is a slot
// without candidates, so that an older version of its owner, or an optional dependency's absence,
// can still be the answer; a peer that is no range accepts every version.
#include "resolver/slots.h"

#include <algorithm>

#include "core/base/lexical_path.h"
#include "core/model/dependency_rank.h"
#include "resolver/source_location.h"

namespace hod::resolver {

namespace {

constexpr std::string_view kProjectOnly = "only the project itself may name such a source";
constexpr std::string_view kExotic = "git and URL sources are refused below direct dependencies";
constexpr std::string_view kNoMember = "no member of the workspace has that name";
constexpr std::string_view kMemberVersion = "the workspace member has another version";
constexpr std::string_view kNoCatalog = "there is no such catalog entry";
constexpr std::string_view kNoSpecifier = "that is no specifier";

}  // namespace

Book::Book(const Requirements& requirements, const LockIndex& locked, Universe& universe,
           const std::set<Entry>* only)
    : requirements_(requirements),
      locked_(locked),
      universe_(universe),
      only_(only),
      overrides_(requirements.overrides, universe) {
  for (const Requirements::Extension& extension : requirements.extensions) {
    extended_.push_back(universe.own_name(extension.package.name));
  }
}

std::string Book::owner_id(NodeId id) const {
  const Package& package = universe_[nodes_[id].package];
  if (package.kind == Package::Kind::importer)
    return requirements_.importers[package.importer].path;
  std::string owner(universe_.text(package.name));
  return owner.append("@").append(package.metadata.version_text(nodes_[id].version));
}

bool Book::rewrites(NameId package) const {
  return only_ || overrides_.any() ||
         std::find(extended_.begin(), extended_.end(), package) != extended_.end();
}

namespace {

constexpr std::size_t kFewNodes = 8;

std::uint64_t node_key(VersionIndex version, OverrideState state) {
  return (std::uint64_t{static_cast<std::uint32_t>(state)} << 32) | version;
}

NodeId find_node(const Package& package, VersionIndex version, OverrideState state) {
  if (state == kNoOverrides && !package.plain_nodes.empty()) return package.plain_nodes[version];
  const std::uint64_t key = node_key(version, state);
  for (const auto& [known, id] : package.nodes) {
    if (known == key) return id;
  }
  return kNoNode;
}

void add_node(Package& package, VersionIndex version, OverrideState state, NodeId id) {
  package.nodes.emplace_back(node_key(version, state), id);
  if (state != kNoOverrides) return;
  if (!package.plain_nodes.empty()) {
    package.plain_nodes[version] = id;
  } else if (package.nodes.size() > kFewNodes) {
    package.plain_nodes.assign(package.versions, kNoNode);
    for (const auto& [key, known] : package.nodes) {
      if (key < package.versions) package.plain_nodes[key] = known;
    }
  }
}

}  // namespace

NodeId Book::node(PackageId package, VersionIndex version, OverrideState state) {
  const NodeId known = find_node(universe_[package], version, state);
  if (known != kNoNode) return known;
  const NodeId id = nodes_.add({.package = package, .version = version, .state = state});
  add_node(universe_[package], version, state, id);
  std::vector<Asked> asked;
  if (universe_[package].kind == Package::Kind::importer) {
    collect_importer(requirements_.importers[universe_[package].importer], asked);
  } else {
    collect_package(package, version, asked);
  }
  add_slots(nodes_[id], asked);
  return id;
}

NodeId Book::child(OverrideState state, PackageId package, VersionIndex version) {
  const Package& entered = universe_[package];
  return node(
      package, version,
      overrides_.enter(state, universe_.text(entered.name), entered.metadata.version(version)));
}

void Book::collect_importer(const Importer& importer, std::vector<Asked>& asked) {
  for (const Dependency& dependency : importer.dependencies) {
    asked.push_back({dependency.alias, dependency.specifier, dependency.kind});
  }
  std::stable_sort(asked.begin(), asked.end(),
                   [](const Asked& a, const Asked& b) { return a.alias < b.alias; });
}

void Book::collect_package(PackageId id, VersionIndex version, std::vector<Asked>& asked) {
  const Package& package = universe_[id];
  if (package.source.kind == PackageSource::Kind::link) return;  // looks after itself
  const PackageMetadata& metadata = package.metadata;
  const auto edges = metadata.edges(version);
  asked.reserve(edges.size());
  for (const PackageMetadata::Edge& edge : edges) {
    asked.push_back({metadata.text(edge.alias), metadata.text(edge.specifier), edge.kind});
  }
  if (metadata.has_bundled(version)) {
    const std::vector<std::string> bundled = metadata.release_facts(version).bundled;
    std::erase_if(asked, [&bundled](const Asked& one) {
      return !is_peer(one.kind) &&
             std::find(bundled.begin(), bundled.end(), one.alias) != bundled.end();
    });
  }
  if (std::find(extended_.begin(), extended_.end(), package.name) != extended_.end()) {
    add_extensions(id, version, asked);
  }
}

void Book::add_extensions(PackageId id, VersionIndex version, std::vector<Asked>& asked) {
  const Package& package = universe_[id];
  for (const Requirements::Extension& extension : requirements_.extensions) {
    const OverrideStep& step = extension.package;
    if (step.name != universe_.text(package.name)) continue;
    if (!step.selector.empty() &&
        !(step.range && step.range->contains(package.metadata.version(version)))) {
      continue;
    }
    for (const Dependency& dependency : extension.dependencies) {
      std::erase_if(asked, [&dependency](const Asked& one) {
        return one.alias == dependency.alias && is_peer(one.kind) == is_peer(dependency.kind);
      });
      asked.push_back({dependency.alias, dependency.specifier, dependency.kind});
    }
  }
  std::stable_sort(asked.begin(), asked.end(),
                   [](const Asked& a, const Asked& b) { return a.alias < b.alias; });
}

bool Book::wanted(const std::string& owner, std::string_view alias, bool peer) const {
  return !only_ || only_->contains(Entry{owner, std::string(alias), peer});
}

// `asked` is sorted by alias. Slots first, so that both lists of a node are contiguous.
void Book::add_slots(Node& node, std::vector<Asked>& asked) {
  const bool importer = universe_[node.package].kind == Package::Kind::importer;
  std::string owner;
  if (only_ || !locked_.empty()) owner = owner_id(universe_[node.package].nodes.back().second);
  node.first_slot = static_cast<std::uint32_t>(slots_.size());
  node.first_peer = static_cast<std::uint32_t>(peers_.size());
  for (std::size_t i = 0; i < asked.size();) {
    const Asked* slot = nullptr;
    const Asked* peer = nullptr;
    const std::string_view alias = asked[i].alias;
    for (; i < asked.size() && asked[i].alias == alias; ++i) {
      const Asked*& best = is_peer(asked[i].kind) ? peer : slot;
      if (!best || rank(asked[i].kind) < rank(best->kind)) best = &asked[i];
    }
    if (only_) {
      if (slot && !wanted(owner, alias, false)) slot = nullptr;
      if (peer && !wanted(owner, alias, true)) peer = nullptr;
    }
    // A project's own peers are installed like dependencies; nobody provides them.
    if (importer && peer) {
      if (!slot && peer->kind == DependencyKind::peer) slot = peer;
      peer = nullptr;
    }
    if (slot) add_slot(node, *slot, owner);
    if (peer) add_peer(node, *peer);
  }
  node.slot_count = static_cast<std::uint32_t>(slots_.size()) - node.first_slot;
  node.peer_count = static_cast<std::uint32_t>(peers_.size()) - node.first_peer;
}

Book::Rewritten Book::rewrite(const Node& node, NameId alias, std::string_view specifier) {
  const Package& package = universe_[node.package];
  if (package.kind == Package::Kind::importer) {
    const Importer& importer = requirements_.importers[package.importer];
    const std::optional<std::string> effective = effective_specifier(
        requirements_, importer,
        {std::string(universe_.text(alias)), std::string(specifier), DependencyKind::production});
    if (!effective) return {.removed = true};
    if (*effective == specifier) return {.spec = universe_.spec(specifier)};
    return {.spec = universe_.own_spec(*effective), .by_override = true};
  }
  const SpecId written = universe_.spec(specifier);
  if (!overrides_.any()) return {.spec = written};
  const Override* rule = overrides_.match(node.state, alias, written);
  if (!rule) return {.spec = written};
  if (rule->specifier == "-") return {.removed = true};
  const Dependency rewritten{std::string(universe_.text(alias)), rule->specifier,
                             DependencyKind::production};
  Requirements catalogs_only;
  catalogs_only.catalogs = requirements_.catalogs;
  return {.spec = universe_.own_spec(*effective_specifier(catalogs_only, {}, rewritten)),
          .by_override = true};
}

void Book::add_slot(const Node& node, const Asked& asked, const std::string& owner) {
  Slot slot;
  slot.alias = universe_.name(asked.alias);
  slot.kind = asked.kind;
  slot.written = universe_.spec(asked.specifier);
  const Rewritten rewritten = rewrite(node, slot.alias, asked.specifier);
  if (rewritten.removed) return;
  slot.spec = rewritten.spec;
  aim(slot, node, rewritten.by_override);
  if (!locked_.empty()) slot.locked = find_locked(slot, owner);
  slots_.push_back(slot);
}

void Book::add_peer(const Node& node, const Asked& asked) {
  Peer peer;
  peer.name = universe_.name(asked.alias);
  peer.optional = asked.kind == DependencyKind::optional_peer;
  peer.written = universe_.spec(asked.specifier);
  const Rewritten rewritten = rewrite(node, peer.name, asked.specifier);
  if (rewritten.removed) return;
  peer.spec = rewritten.spec;
  const Spec& spec = universe_[peer.spec];
  if (spec.kind != Spec::Kind::any && spec.kind != Spec::Kind::range) {
    if (spec.kind != Spec::Kind::tag || spec.alias == kNoName) peer.spec = universe_.spec("*");
  }
  peer.target = universe_.registry_package(spec.alias == kNoName ? peer.name : spec.alias);
  peers_.push_back(peer);
}

// Finds the package that a slot's specifier is about.
void Book::aim(Slot& slot, const Node& node, bool by_override) {
  const Spec& spec = universe_[slot.spec];
  const bool importer = universe_[node.package].kind == Package::Kind::importer;
  switch (spec.kind) {
    case Spec::Kind::any:
    case Spec::Kind::range:
      if (importer && spec.alias == kNoName && universe_.member(slot.alias) != kNoPackageId &&
          universe_.member(slot.alias) != node.package &&
          universe_.satisfies(slot.spec, universe_.member(slot.alias), 0)) {
        slot.target = universe_.member(slot.alias);
        return;
      }
      [[fallthrough]];
    case Spec::Kind::tag:
      slot.target = universe_.registry_package(spec.alias == kNoName ? slot.alias : spec.alias);
      return;
    case Spec::Kind::workspace:
      if (importer || by_override) {
        aim_at_member(slot);
      } else {
        slot.refusal = kProjectOnly;
      }
      return;
    case Spec::Kind::source:
      aim_at_source(slot, node, by_override);
      return;
    case Spec::Kind::catalog:
      slot.refusal = importer ? kNoCatalog : kProjectOnly;
      return;
    case Spec::Kind::refused:
      slot.refusal = spec.problem.empty() ? kNoSpecifier : std::string_view(spec.problem);
      return;
  }
}

void Book::aim_at_member(Slot& slot) {
  const WorkspaceSpecifier& asked = *universe_[slot.spec].parsed->as<WorkspaceSpecifier>();
  PackageId member = kNoPackageId;
  if (asked.range.starts_with(".")) {
    for (std::size_t i = 0; i < requirements_.importers.size(); ++i) {
      if (requirements_.importers[i].path == joined_path(".", asked.range)) {
        member = universe_.importer_package(i);
      }
    }
  } else {
    member = universe_.member(asked.name.empty() ? slot.alias : universe_.own_name(asked.name));
  }
  if (member == kNoPackageId) {
    slot.refusal = kNoMember;
    return;
  }
  const bool plain = asked.range.empty() || asked.range == "*" || asked.range == "^" ||
                     asked.range == "~" || asked.range.starts_with(".");
  if (!plain && !universe_.satisfies(universe_.own_spec(asked.range), member, 0)) {
    slot.refusal = kMemberVersion;
    return;
  }
  slot.target = member;
}

void Book::aim_at_source(Slot& slot, const Node& node, bool by_override) {
  const Specifier& specifier = *universe_[slot.spec].parsed;
  const Package& owner = universe_[node.package];
  const bool importer = owner.kind == Package::Kind::importer;
  const bool local = specifier.as<FileSpecifier>() || specifier.as<DirectorySpecifier>();
  if (!importer && !by_override) {
    if (local) slot.refusal = kProjectOnly;
    if (!local && !universe_.policy().allow_exotic_subdependencies) slot.refusal = kExotic;
    if (!slot.refusal.empty()) return;
  }
  const std::string& base = importer ? requirements_.importers[owner.importer].path : ".";
  PackageSource source = source_of(specifier, by_override && !importer ? "." : base);
  if (source.kind == PackageSource::Kind::directory || source.kind == PackageSource::Kind::link) {
    for (std::size_t i = 0; i < requirements_.importers.size(); ++i) {
      if (requirements_.importers[i].path == source.location) {
        slot.target = universe_.importer_package(i);
        return;
      }
    }
  }
  // The commit that the lockfile has for this very specifier stays.
  const std::string id = importer ? base : std::string();
  for (const LockedTarget* target : locked_.targets(id, universe_.text(slot.alias))) {
    if (target->source.kind == source.kind && source.kind == PackageSource::Kind::git &&
        target->specifier == universe_[slot.spec].text) {
      source = target->source;
    }
  }
  slot.target = universe_.source_package(source, slot.alias);
}

std::uint32_t Book::find_locked(const Slot& slot, const std::string& owner) {
  const auto targets = locked_.targets(owner, universe_.text(slot.alias));
  if (targets.empty()) return kNone;
  const auto first = static_cast<std::uint32_t>(locked_targets_.size());
  locked_targets_.insert(locked_targets_.end(), targets.begin(), targets.end());
  locked_targets_.push_back(nullptr);
  return first;
}

std::uint32_t Book::find_slot(NodeId id, NameId alias) const {
  const auto list = slots(id);
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    if (list[i].alias == alias) return i;
  }
  return kNone;
}

std::uint32_t Book::find_peer(NodeId id, NameId name) const {
  const auto list = peers(id);
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    if (list[i].name == name) return i;
  }
  return kNone;
}

VersionIndex Book::locked_version(const Slot& slot, Bits set) {
  if (slot.locked == kNone || slot.target == kNoPackageId) return kNoVersion;
  const Package& package = universe_[slot.target];
  if (package.kind != Package::Kind::registry) return kNoVersion;
  VersionIndex found = kNoVersion;
  for (std::uint32_t i = slot.locked; locked_targets_[i]; ++i) {
    const LockedTarget& target = *locked_targets_[i];
    if (target.source.kind != PackageSource::Kind::registry) continue;
    if (target.name != universe_.text(package.name)) continue;
    const auto version = package.metadata.find(target.version);
    if (!version) continue;
    const bool fits = set.null() ? universe_.is_allowed(package, *version) &&
                                       universe_.satisfies(slot.spec, slot.target, *version)
                                 : set.has(*version);
    if (fits && (found == kNoVersion || *version > found)) found = *version;
  }
  return found;
}

}  // namespace hod::resolver
