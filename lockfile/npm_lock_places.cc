// SPDX-License-Identifier: MIT
// package-lock.json's `packages`: a flat map from a place in the tree to facts.
//
// "" is the root, "packages/a" a workspace member (or a linked folder),
// "node_modules/a/node_modules/b" a copy of b for a. Edges are not written down; they are what Node
// would find: the nearest node_modules/<name> above. An entry with `link` stands for another entry.
//
// What a package's archive brings itself (`inBundle` below a package that bundles) is no package of
// the graph: it is installed by unpacking. Where such an inner package needs one from outside, its
// bundler needs it.
#include <algorithm>
#include <map>
#include <unordered_map>

#include "core/model/bins.h"
#include "lockfile/import_graph.h"
#include "lockfile/lock_checks.h"
#include "lockfile/npm_lock.h"

namespace hod::lockfile {

namespace {

constexpr std::string_view kFolder = "node_modules/";

// The slot's name at the end of a place: "@s/b" of "x/node_modules/@s/b"; empty for a folder of the
// project.
std::string_view slot_of(std::string_view place) {
  const std::size_t at = place.rfind(kFolder);
  if (at == std::string_view::npos || (at != 0 && place[at - 1] != '/')) return {};
  return place.substr(at + kFolder.size());
}

// The package in whose node_modules a place is: "x" of "x/node_modules/b".
std::string_view owner_of(std::string_view place) {
  const std::size_t at = place.rfind(kFolder);
  return at == std::string_view::npos || at == 0 ? std::string_view() : place.substr(0, at - 1);
}

std::vector<std::string> texts_of(const Json* list) {
  std::vector<std::string> texts;
  if (!list) return texts;
  if (list->is_string()) texts.push_back(list->as_string());
  for (const Json& element : list->elements()) {
    if (element.is_string()) texts.push_back(element.as_string());
  }
  return texts;
}

struct Place {
  const Json* entry = nullptr;
  bool is_link = false;
  bool is_bundled = false;  // brought by the archive of `bundler`
  std::string_view bundler;
  std::uint32_t node = kNoPackage;      // of the import graph, or
  std::uint32_t importer = kNoPackage;  // of the project
};

class Reader {
 public:
  Reader(const Json& lock, std::string_view origin, const Requirements& requirements)
      : lock_(lock), graph_(origin, requirements) {}

  Result<ForeignLock> read() {
    HOD_CHECK(collect());
    mark_bundled();
    HOD_CHECK(make_nodes());
    for (const auto& [key, place] : places_) HOD_CHECK(connect(key, place));
    HOD_CHECK(settle_sources());
    return std::move(graph_).finish({});
  }

 private:
  // --- places

  Result<void> collect() {
    for (const auto& [key, entry] : lock_.find("packages")->members()) {
      if (!entry.is_object()) return failure(graph_.invalid("`" + key + "` is no object"));
      Place place;
      place.entry = &entry;
      const Json* link = entry.find("link");
      place.is_link = link && link->as_boolean();
      places_.emplace(key, place);
    }
    if (!places_.contains(""))
      return failure(graph_.invalid("it has no entry for the project itself"));
    return {};
  }

  // In the order of the map an owner comes before what is below it.
  void mark_bundled() {
    for (auto& [key, place] : places_) {
      const std::string_view owner = owner_of(key);
      if (slot_of(key).empty() || owner.empty()) continue;
      const auto found = places_.find(owner);
      if (found == places_.end()) continue;
      const Json* in_bundle = place.entry->find("inBundle");
      if (!in_bundle || !in_bundle->as_boolean() || slot_of(owner).empty()) continue;
      // What the project itself bundles is fetched like the rest.
      const bool may_bundle =
          found->second.is_bundled || found->second.entry->find("bundleDependencies");
      if (!may_bundle || place.entry->find("resolved")) continue;
      place.is_bundled = true;
      place.bundler = found->second.is_bundled ? found->second.bundler : owner;
    }
  }

  Result<void> make_nodes() {
    for (auto& [key, place] : places_) {
      if (place.is_link || place.is_bundled) continue;
      if (const auto importer = graph_.importer_at(key); importer && slot_of(key).empty()) {
        place.importer = *importer;
        continue;
      }
      if (key.empty()) return failure(graph_.invalid("the project has no root"));
      place.node = graph_.add_node(package_of(key, *place.entry));
      node_entries_.push_back(place.entry);
    }
    return {};
  }

  static GraphPackage package_of(std::string_view key, const Json& entry) {
    GraphPackage package;
    const std::string* name = entry.find_string("name");
    const std::string_view slot = slot_of(key);
    const std::string_view folder = key.substr(key.rfind('/') + 1);
    package.name = name ? *name : std::string(slot.empty() ? folder : slot);
    if (const std::string* version = entry.find_string("version")) package.version = *version;
    if (slot.empty()) {
      package.source = {PackageSource::Kind::directory, std::string(key)};
    }
    if (const std::string* integrity = entry.find_string("integrity"))
      package.integrity = *integrity;
    if (const std::string* message = entry.find_string("deprecated")) package.deprecated = *message;
    if (const Json* engines = entry.find("engines")) {
      if (const std::string* node = engines->find_string("node")) package.node_engine = *node;
    }
    package.platform = {texts_of(entry.find("os")), texts_of(entry.find("cpu")),
                        texts_of(entry.find("libc"))};
    package.bundled = texts_of(entry.find("bundleDependencies"));
    const Json* script = entry.find("hasInstallScript");
    package.has_install_script = script && script->as_boolean();
    if (const Json* bin = entry.find("bin")) {
      Json manifest = Json::object();
      manifest.set("name", Json::string(package.name)).set("bin", *bin);
      package.bins = normalized_bins(manifest);
    }
    return package;
  }

  // --- edges

  Result<void> connect(const std::string& key, const Place& place) {
    if (place.is_link) return {};
    if (place.is_bundled) return connect_bundled(key, place);
    const Json& entry = *place.entry;
    const bool of_importer = place.importer != kNoPackage;
    HOD_CHECK(add_edges(key, place, entry.find("optionalDependencies"), DependencyKind::optional));
    HOD_CHECK(add_edges(key, place, entry.find("dependencies"), DependencyKind::production));
    if (of_importer) {
      HOD_CHECK(add_edges(key, place, entry.find("devDependencies"), DependencyKind::development));
    }
    return add_edges(key, place, entry.find("peerDependencies"), DependencyKind::peer);
  }

  Result<void> add_edges(const std::string& key, const Place& place, const Json* object,
                         DependencyKind kind) {
    if (!object) return {};
    for (const auto& [alias, specifier] : object->members()) {
      GraphEdge edge{alias, specifier.as_string(), kind, {}};
      if (kind == DependencyKind::peer && is_optional_peer(*place.entry, alias)) {
        edge.kind = DependencyKind::optional_peer;
      }
      const Place* target = visible(key, alias);
      if (target && target->is_bundled) continue;
      if (target) {
        edge.target = target_of(*target, edge.specifier);
      } else if (edge.kind == DependencyKind::production ||
                 edge.kind == DependencyKind::development) {
        return failure(graph_.invalid("`" + (key.empty() ? "." : key) + "` needs `" + alias +
                                      "`, which is not in it"));
      }
      add_edge(place, std::move(edge));
    }
    return {};
  }

  // What a bundled package needs from outside of the bundle.
  Result<void> connect_bundled(const std::string& key, const Place& place) {
    const Place& bundler = places_.find(place.bundler)->second;
    for (const char* field : {"dependencies", "optionalDependencies"}) {
      const Json* object = place.entry->find(field);
      if (!object) continue;
      for (const auto& [alias, specifier] : object->members()) {
        const Place* target = visible(key, alias);
        if (!target || target->is_bundled || target == &bundler) continue;
        add_edge(bundler, {alias, specifier.as_string(), DependencyKind::production,
                           target_of(*target, specifier.as_string())});
      }
    }
    return {};
  }

  static bool is_optional_peer(const Json& entry, const std::string& alias) {
    const Json* meta = entry.find("peerDependenciesMeta");
    const Json* of_alias = meta ? meta->find(alias) : nullptr;
    const Json* optional = of_alias ? of_alias->find("optional") : nullptr;
    return optional && optional->as_boolean();
  }

  // What `require(alias)` finds from `place`: in its own node_modules, else further up.
  const Place* visible(std::string_view place, std::string_view alias) const {
    std::string candidate;
    for (std::string_view folder = place;;) {
      if (!folder.ends_with("node_modules")) {
        candidate.assign(folder).append(folder.empty() ? "" : "/").append(kFolder).append(alias);
        const auto found = places_.find(candidate);
        if (found != places_.end()) return followed(found->second);
      }
      if (folder.empty()) return nullptr;
      const std::size_t slash = folder.rfind('/');
      folder = slash == std::string_view::npos ? std::string_view() : folder.substr(0, slash);
    }
  }

  const Place* followed(const Place& place) const {
    if (!place.is_link) return &place;
    const std::string* to = place.entry->find_string("resolved");
    const auto found = to ? places_.find(*to) : places_.end();
    return found == places_.end() || found->second.is_link ? nullptr : &found->second;
  }

  EdgeTarget target_of(const Place& place, const std::string& specifier) {
    if (place.importer != kNoPackage) return {EdgeTarget::Kind::importer, place.importer};
    specifiers_[place.node].push_back(specifier);
    return {EdgeTarget::Kind::package, place.node};
  }

  void add_edge(const Place& place, GraphEdge edge) {
    if (place.importer != kNoPackage) {
      graph_.add_importer_edge(place.importer, std::move(edge));
      return;
    }
    std::vector<GraphEdge>& edges = graph_.node(place.node).edges;
    const auto same = [&edge](const GraphEdge& other) { return other.alias == edge.alias; };
    if (std::none_of(edges.begin(), edges.end(), same)) edges.push_back(std::move(edge));
  }

  // --- sources

  // Where a package is from shows in `resolved` together with what it was asked for as.
  Result<void> settle_sources() {
    for (std::uint32_t i = 0; i < graph_.node_count(); ++i) {
      GraphPackage& package = graph_.node(i);
      if (package.source.kind == PackageSource::Kind::directory) continue;
      const std::string* resolved = node_entries_[i]->find_string("resolved");
      if (!resolved) continue;
      std::optional<ResolvedAddress> address;
      for (const std::string& specifier : specifiers_[i]) {
        address = source_of_address(*resolved, package.name, specifier);
        if (address && address->source.kind != PackageSource::Kind::registry) break;
      }
      if (specifiers_[i].empty()) continue;  // nobody asks for it
      if (!address) {
        return failure(graph_.invalid("the address of `" + package.id() + "` makes no sense"));
      }
      package.source = address->source;
      if (address->is_foreign) graph_.note_foreign_address(i, *resolved);
    }
    return {};
  }

  const Json& lock_;
  ImportGraph graph_;
  std::map<std::string, Place, std::less<>> places_;
  std::vector<const Json*> node_entries_;
  std::unordered_map<std::uint32_t, std::vector<std::string>> specifiers_;  // by node: asked for as
};

}  // namespace

Result<ForeignLock> read_npm_places(const Json& lock, std::string_view origin,
                                    const Requirements& requirements) {
  return Reader(lock, origin, requirements).read();
}

}  // namespace hod::lockfile
