// SPDX-License-Identifier: MIT
// See lock_facts.h.
//
// A name has no record
//  (1) if it may move, or if overrides or package extensions are others than when the lockfile was
//      made: the ranges in it are those after overrides;
//  (2) if a version of it comes from somewhere else than the registry configured for its name;
//  (3) if two instances of one version ask for different things: an override held for one of them;
//  (4) if it has an edge to something outside the registry while there are overrides: whether an
//      override put that there decides if it is allowed;
//  (5) if it has a peer that an override is about: what the peer was before has to be told;
//  (6) if it has a dependency that may be a peer as well: a lockfile shows only one of the two.
#include "resolver/lock_facts.h"

#include <algorithm>
#include <set>
#include <utility>

#include "core/model/dependency_rank.h"
#include "core/model/range.h"
#include "core/model/specifier.h"
#include "core/model/version.h"
#include "resolver/locked.h"

namespace hod::resolver {

namespace {

class Reader {
 public:
  Reader(const ResolutionGraph& locked, const Requirements& requirements) : locked_(locked) {
    for (const Override& rule : requirements.overrides.rules) overridden_.insert(rule.target.name);
  }

  LockFacts::Records records(const Policy& policy);
  LockFacts::WrongPeers wrong_peers() const;

 private:
  bool tells_all(const GraphPackage& package) const;
  bool adds_to(std::vector<VersionFacts>& versions, const GraphPackage& package) const;
  void collect_tags(const std::vector<GraphEdge>& edges);
  bool is_wrong(const GraphEdge& edge) const;

  const ResolutionGraph& locked_;
  std::set<std::string, std::less<>> overridden_;
  std::map<std::string, std::map<std::string, std::string>> tags_;  // name → tag → version
};

VersionFacts facts_of(const GraphPackage& package) {
  VersionFacts facts;
  facts.version = package.version;
  for (const GraphEdge& edge : package.edges) {
    facts.dependencies.push_back({edge.alias, edge.specifier, edge.kind});
  }
  facts.bundled = package.bundled;
  facts.bins = package.bins;
  facts.platform = package.platform;
  facts.node_engine = package.node_engine;
  facts.deprecated = package.deprecated;
  facts.has_install_script = package.has_install_script;
  facts.integrity = package.integrity;
  facts.tarball = package.tarball;
  facts.unpacked_size = package.unpacked_size;
  return facts;
}

bool Reader::tells_all(const GraphPackage& package) const {
  if (package.source.kind != PackageSource::Kind::registry || !package.source.location.empty()) {
    return false;
  }
  return std::none_of(package.edges.begin(), package.edges.end(), [&](const GraphEdge& edge) {
    if (is_peer(edge.kind)) return overridden_.contains(edge.alias);
    if (package.peer_context.find("(" + edge.alias + "@") != std::string::npos) return true;
    if (overridden_.empty() || edge.target.kind != EdgeTarget::Kind::package) return false;
    return locked_.packages[edge.target.index].source.kind != PackageSource::Kind::registry;
  });
}

// False: the same version is there already and says something else.
bool Reader::adds_to(std::vector<VersionFacts>& versions, const GraphPackage& package) const {
  VersionFacts facts = facts_of(package);
  for (const VersionFacts& known : versions) {
    if (known.version == facts.version) return known.dependencies == facts.dependencies;
  }
  versions.push_back(std::move(facts));
  return true;
}

// A tag stands for the version that was taken for it.
void Reader::collect_tags(const std::vector<GraphEdge>& edges) {
  for (const GraphEdge& edge : edges) {
    if (edge.target.kind != EdgeTarget::Kind::package) continue;
    if (edge.specifier.find_first_of("0123456789*^~") == 0) continue;
    const Result<Specifier> parsed = Specifier::parse(edge.specifier);
    if (!parsed) continue;
    const TagSpecifier* tag = parsed->as<TagSpecifier>();
    if (const AliasSpecifier* alias = parsed->as<AliasSpecifier>()) {
      tag = std::get_if<TagSpecifier>(&alias->target);
    }
    const GraphPackage& target = locked_.packages[edge.target.index];
    if (tag) tags_[target.name][tag->tag] = target.version;
  }
}

LockFacts::Records Reader::records(const Policy& policy) {
  std::map<std::string, std::vector<VersionFacts>> versions;
  std::set<std::string> unsure;
  for (const GraphPackage& package : locked_.packages) {
    if (may_move(policy, package.name) || !tells_all(package) ||
        !adds_to(versions[package.name], package)) {
      unsure.insert(package.name);
    }
    collect_tags(package.edges);
  }
  for (const GraphImporter& importer : locked_.importers) collect_tags(importer.edges);
  LockFacts::Records made;
  for (auto& [name, list] : versions) {
    if (unsure.contains(name)) continue;
    PackageMetadataBuilder builder(name);
    for (VersionFacts& facts : list) builder.add_version(std::move(facts));
    for (const auto& [tag, version] : tags_[name]) builder.add_tag(tag, version);
    made.emplace(name, make_package_metadata(std::move(builder)));
  }
  return made;
}

bool Reader::is_wrong(const GraphEdge& edge) const {
  if (edge.target.kind != EdgeTarget::Kind::package) {
    return edge.target.kind == EdgeTarget::Kind::absent && edge.kind == DependencyKind::peer;
  }
  const Result<Version> version =
      Version::parse(locked_.packages[edge.target.index].version, Loose::yes);
  const Result<Range> range = Range::parse(edge.specifier, {.loose = Loose::yes});
  return version && range && !range->contains(*version);
}

LockFacts::WrongPeers Reader::wrong_peers() const {
  LockFacts::WrongPeers found;
  for (const GraphPackage& package : locked_.packages) {
    if (package.source.kind != PackageSource::Kind::registry) continue;
    for (const GraphEdge& edge : package.edges) {
      if (!is_peer(edge.kind) || !is_wrong(edge)) continue;
      found[package.name].push_back(
          {package.version, edge.alias, edge.target.kind == EdgeTarget::Kind::absent});
    }
  }
  return found;
}

}  // namespace

LockFacts lock_facts(const ResolutionGraph* locked, const Requirements& requirements,
                     const Policy& policy) {
  LockFacts facts;
  if (!locked) return facts;
  Reader reader(*locked, requirements);
  if (policy.keep_locked_peers) facts.wrong_peers = reader.wrong_peers();
  const bool as_before = locked->overrides == override_record(requirements);
  if (policy.trust_locked && as_before && !policy.flat && policy.resolution == Resolution::newest) {
    facts.records = reader.records(policy);
  }
  return facts;
}

}  // namespace hod::resolver
