// SPDX-License-Identifier: MIT
// See bun_lock.h.
//
// `workspaces` hold what manifests ask for, by path. `packages` is a tree written flat: "a/b" is b
// nested in a (a may be a member of the workspace), and an edge leads to the nearest entry of that
// name, upwards. An entry is a list whose shape depends on where the package is from:
//   registry       ["name@1.0.0", "<address or empty>", {facts}, "<integrity>"]
//   workspace      ["name@workspace:path", …]
//   git            ["name@git+…#<commit>", {facts}, …], also "github:u/r#<short commit>"
//   tarball        ["name@https://…/x.tgz", {facts}, …] or a path instead of the address
//   folder, link   ["name@file:path", {facts}], ["name@link:path", {facts}]
// What an archive brings itself (`bundled`) is no package of the graph; see npm_lock_places.cc.
#include "lockfile/bun_lock.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/lexical_path.h"
#include "core/model/bins.h"
#include "core/model/hosted_git.h"
#include "lockfile/import_graph.h"
#include "lockfile/lock_checks.h"

namespace hod::lockfile {

namespace {

std::vector<std::string> texts_of(const Json* list) {
  std::vector<std::string> texts;
  if (!list) return texts;
  if (list->is_string()) texts.push_back(list->as_string());
  for (const Json& element : list->elements()) texts.push_back(element.as_string());
  return texts;
}

// "@s/a/b" → "@s/a": the place above; empty at the top.
std::string_view above(std::string_view place) {
  std::size_t slash = place.rfind('/');
  if (slash == std::string_view::npos) return {};
  // The slash within a scoped name is none between names.
  const std::size_t before = slash == 0 ? std::string_view::npos : place.rfind('/', slash - 1);
  const std::size_t name = before == std::string_view::npos ? 0 : before + 1;
  if (place[name] == '@') {
    if (name == 0) return {};
    slash = name - 1;
  }
  return place.substr(0, slash);
}

struct Place {
  const std::vector<Json>* entry = nullptr;
  const Json* facts = nullptr;  // may be null
  std::string_view id;          // "name@…"
  bool is_bundled = false;
  std::uint32_t node = kNoPackage;
  std::uint32_t importer = kNoPackage;
};

class Reader {
 public:
  Reader(const Json& lock, std::string_view origin, const Requirements& requirements)
      : lock_(lock), graph_(origin, requirements) {}

  Result<ForeignLock> read() {
    HOD_CHECK(check_version());
    HOD_CHECK(collect());
    mark_bundles();
    HOD_CHECK(make_nodes());
    for (const auto& [key, place] : places_) HOD_CHECK(connect(key, place));
    HOD_CHECK(connect_importers());
    HOD_TRY(ForeignLock lock, std::move(graph_).finish({}));
    lock.unknown.engines = lock.unknown.scripts = true;
    lock.knows_patches = true;
    if (const Json* patched = lock_.find("patchedDependencies")) {
      // Key and path; bun keeps no hash.
      for (const auto& [key, path] : patched->members()) lock.graph.patches.emplace_back(key, "");
      std::sort(lock.graph.patches.begin(), lock.graph.patches.end());
    }
    return lock;
  }

 private:
  Result<void> check_version() {
    const Json* version = lock_.find("lockfileVersion");
    const double number = version && version->is_number() ? version->as_number() : -1;
    if (number != 0 && number != 1 && number != 2 && number != 3) {
      return failure(graph_.invalid("its `lockfileVersion` is `" +
                                    (version ? version->dump() : "") + "`, and hod knows 0 to 3"));
    }
    return {};
  }

  // --- places

  Result<void> collect() {
    const Json* packages = lock_.find("packages");
    if (!packages) return {};
    for (const auto& [key, entry] : packages->members()) {
      if (!entry.is_array() || entry.elements().empty() || !entry.elements()[0].is_string()) {
        return failure(graph_.invalid("`" + key + "` is no package"));
      }
      add_place(key, entry.elements());
    }
    return {};
  }

  void add_place(const std::string& key, const std::vector<Json>& entry) {
    Place place;
    place.entry = &entry;
    place.id = entry[0].as_string();
    for (const Json& part : entry) {
      if (part.is_object() && !place.facts) place.facts = &part;
    }
    const Json* bundled = place.facts ? place.facts->find("bundled") : nullptr;
    place.is_bundled = bundled && bundled->as_boolean();
    places_.emplace(key, place);
  }

  // Only what a bundler names itself is marked in the file; what that needs in turn is nested in
  // the bundler, too, and in its archive. What the bundler needs besides stays a package of its
  // own, with all that it needs.
  void mark_bundles() {
    std::set<std::string> bundlers;
    for (const auto& [key, place] : places_) {
      if (!place.is_bundled) continue;
      const auto parent = places_.find(above(key));
      if (parent != places_.end() && !parent->second.is_bundled) bundlers.emplace(parent->first);
    }
    for (const std::string& bundler : bundlers) mark_bundle(bundler);
  }

  void mark_bundle(const std::string& bundler) {
    const std::string prefix = bundler + "/";
    std::set<std::string_view> kept;
    std::vector<std::string_view> waiting{bundler};
    while (!waiting.empty()) {
      const std::string_view next = waiting.back();
      waiting.pop_back();
      const Json* facts = places_.find(next)->second.facts;
      for (const char* field : {"dependencies", "optionalDependencies", "peerDependencies"}) {
        const Json* object = facts ? facts->find(field) : nullptr;
        if (!object) continue;
        for (const auto& [alias, specifier] : object->members()) {
          const auto found = visible(next, alias);
          if (found == places_.end() || !found->first.starts_with(prefix)) continue;
          if (!found->second.is_bundled && kept.insert(found->first).second)
            waiting.push_back(found->first);
        }
      }
    }
    for (auto at = places_.lower_bound(prefix);
         at != places_.end() && at->first.starts_with(prefix); ++at) {
      if (!kept.contains(at->first)) at->second.is_bundled = true;
    }
  }

  Result<void> make_nodes() {
    for (auto& [key, place] : places_) {
      const std::size_t sign = place.id.find('@', 1);
      const std::string_view reference =
          sign == std::string_view::npos ? std::string_view() : place.id.substr(sign + 1);
      if (reference.starts_with("workspace:")) {
        place.importer = graph_.importer_at(reference.substr(10)).value_or(kNoPackage);
      } else if (reference.starts_with("root:")) {
        place.importer = graph_.importer_at(".").value_or(kNoPackage);
      } else if (!place.is_bundled) {
        HOD_TRY(GraphPackage package, package_of(place, reference, *place.entry));
        place.node = graph_.add_node(std::move(package));
        note_address(place.node, *place.entry);
      }
    }
    return {};
  }

  Result<GraphPackage> package_of(const Place& place, std::string_view reference,
                                  const std::vector<Json>& entry) const {
    GraphPackage package;
    package.name = place.id.substr(0, place.id.find('@', 1));
    if (parse_version_view(reference)) {
      package.version = reference;
    } else {
      const auto source = source_of(reference);
      if (!source) return failure(graph_.invalid("`" + std::string(place.id) + "` makes no sense"));
      package.source = *source;
    }
    // The integrity is the last text; git entries have a mark of bun's own there.
    const Json& last = entry.back();
    if (entry.size() > 1 && last.is_string() && integrity_is_known(last.as_string())) {
      package.integrity = last.as_string();
    }
    if (!place.facts) return package;
    package.platform = {texts_of(place.facts->find("os")), texts_of(place.facts->find("cpu")),
                        texts_of(place.facts->find("libc"))};
    if (const Json* bin = place.facts->find("bin")) {
      Json manifest = Json::object();
      manifest.set("name", Json::string(package.name)).set("bin", *bin);
      package.bins = normalized_bins(manifest);
    }
    return package;
  }

  static std::optional<PackageSource> source_of(std::string_view reference) {
    using Kind = PackageSource::Kind;
    if (reference.starts_with("link:"))
      return PackageSource{Kind::link, joined_path(".", reference.substr(5))};
    if (reference.starts_with("file:")) {
      return PackageSource{Kind::directory, joined_path(".", reference.substr(5))};
    }
    const std::string_view bare = reference.substr(0, reference.find('#'));
    if (bare.ends_with(".tgz") || bare.ends_with(".tar.gz")) {
      const bool is_web = bare.starts_with("https://") || bare.starts_with("http://");
      return is_web ? PackageSource{Kind::tarball_url, std::string(bare)}
                    : PackageSource{Kind::tarball_file, joined_path(".", bare)};
    }
    const auto address = source_of_address(reference, "", "");
    if (!address || address->source.kind != Kind::git) return std::nullopt;
    return address->source;
  }

  void note_address(std::uint32_t node, const std::vector<Json>& entry) {
    const GraphPackage& package = graph_.node(node);
    if (package.source.kind != PackageSource::Kind::registry || entry.size() < 2) return;
    const std::string& address = entry[1].as_string();
    if (address.ends_with(".tgz") && !address_is_registry_shaped(address, package.name)) {
      graph_.note_foreign_address(node, address);
    }
  }

  // --- edges

  Result<void> connect(const std::string& key, const Place& place) {
    if (!place.facts || place.importer != kNoPackage) return {};
    const Place* owner = &place;
    for (std::string_view up = key; owner && owner->is_bundled;) {
      up = above(up);
      const auto found = places_.find(up);
      owner = up.empty() || found == places_.end() ? nullptr : &found->second;
    }
    if (!owner || owner->node == kNoPackage) return {};
    HOD_CHECK(add_edges(key, place, *owner, "optionalDependencies", DependencyKind::optional));
    HOD_CHECK(add_edges(key, place, *owner, "dependencies", DependencyKind::production));
    return add_edges(key, place, *owner, "peerDependencies", DependencyKind::peer);
  }

  // `owner` is the package itself, or the one whose archive brings it.
  Result<void> add_edges(const std::string& key, const Place& place, const Place& owner,
                         const char* field, DependencyKind kind) {
    const Json* object = place.facts->find(field);
    if (!object || (place.is_bundled && kind == DependencyKind::peer)) return {};
    const std::vector<std::string> optional_peers = texts_of(place.facts->find("optionalPeers"));
    std::vector<GraphEdge>& edges = graph_.node(owner.node).edges;
    for (const auto& [alias, specifier] : object->members()) {
      const Place* target = place_of(key, alias);
      if (target && (target->is_bundled || target == &owner) && &place != &owner) continue;
      const auto same = [&name = alias](const GraphEdge& edge) { return edge.alias == name; };
      if (std::any_of(edges.begin(), edges.end(), same)) continue;
      if (target && target->is_bundled) {
        graph_.node(owner.node).bundled.push_back(alias);
        continue;
      }
      GraphEdge edge{alias, specifier.as_string(), kind, {}};
      if (kind == DependencyKind::peer &&
          std::find(optional_peers.begin(), optional_peers.end(), alias) != optional_peers.end()) {
        edge.kind = DependencyKind::optional_peer;
      }
      if (target) edge.target = target_of(*target);
      if (!target && kind == DependencyKind::production) {
        if (place.is_bundled) continue;
        return failure(graph_.invalid("`" + key + "` needs `" + alias + "`, which is not in it"));
      }
      edges.push_back(std::move(edge));
    }
    return {};
  }

  using Places = std::map<std::string, Place, std::less<>>;
  Places::const_iterator visible(std::string_view place, std::string_view alias) const {
    for (;;) {
      std::string candidate(place);
      candidate.append(place.empty() ? "" : "/").append(alias);
      const auto found = places_.find(candidate);
      if (found != places_.end() || place.empty()) return found;
      place = above(place);
    }
  }
  const Place* place_of(std::string_view place, std::string_view alias) const {
    const auto found = visible(place, alias);
    return found == places_.end() ? nullptr : &found->second;
  }

  static EdgeTarget target_of(const Place& place) {
    if (place.importer != kNoPackage) return {EdgeTarget::Kind::importer, place.importer};
    if (place.node == kNoPackage) return {};
    return {EdgeTarget::Kind::package, place.node};
  }

  // --- importers

  Result<void> connect_importers() {
    const Json* workspaces = lock_.find("workspaces");
    if (!workspaces) return failure(graph_.invalid("it has no `workspaces`"));
    for (const auto& [path, workspace] : workspaces->members()) {
      const auto importer = graph_.importer_at(path);
      if (importer) HOD_CHECK(connect_importer(*importer, path, workspace));
    }
    return {};
  }

  Result<void> connect_importer(std::uint32_t importer, const std::string& path,
                                const Json& workspace) {
    const std::pair<const char*, DependencyKind> kFields[] = {
        {"optionalDependencies", DependencyKind::optional},
        {"dependencies", DependencyKind::production},
        {"devDependencies", DependencyKind::development},
        {"peerDependencies", DependencyKind::peer}};
    const std::vector<std::string> optional_peers = texts_of(workspace.find("optionalPeers"));
    // Members' own places begin with their names.
    const std::string* name = workspace.find_string("name");
    const std::string place = path.empty() || !name ? std::string() : *name;
    for (const auto& [field, kind] : kFields) {
      const Json* object = workspace.find(field);
      if (!object) continue;
      for (const auto& [alias, specifier] : object->members()) {
        GraphEdge edge{alias, specifier.as_string(), kind, {}};
        if (kind == DependencyKind::peer && std::find(optional_peers.begin(), optional_peers.end(),
                                                      alias) != optional_peers.end()) {
          edge.kind = DependencyKind::optional_peer;
        }
        const Place* target = place_of(place, alias);
        if (target && !target->is_bundled) edge.target = target_of(*target);
        if (!target &&
            (kind == DependencyKind::production || kind == DependencyKind::development)) {
          return failure(graph_.invalid("`" + (path.empty() ? "." : path) + "` needs `" + alias +
                                        "`, which is not in it"));
        }
        graph_.add_importer_edge(importer, std::move(edge));
      }
    }
    return {};
  }

  const Json& lock_;
  ImportGraph graph_;
  Places places_;
};

}  // namespace

std::string plain_json(std::string_view text) {
  std::string plain(text);
  std::size_t comma = std::string::npos;  // the last one with only blanks behind it
  const auto blank = [&plain](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      if (plain[i] != '\n') plain[i] = ' ';
    }
  };
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const char c = plain[i];
    if (c == '"') {
      for (++i; i < plain.size() && plain[i] != '"'; ++i) {
        if (plain[i] == '\\') ++i;
      }
      comma = std::string::npos;
    } else if (c == '/' && i + 1 < plain.size() && (plain[i + 1] == '/' || plain[i + 1] == '*')) {
      const bool is_line = plain[i + 1] == '/';
      std::size_t end = is_line ? plain.find('\n', i) : plain.find("*/", i + 2);
      if (end == std::string::npos) {
        if (!is_line) return plain;  // does not end: no JSON
        end = plain.size();
      } else if (!is_line) {
        end += 2;
      }
      blank(i, end);
      i = end - 1;
    } else if (c == ',') {
      comma = i;
    } else if ((c == '}' || c == ']') && comma != std::string::npos) {
      plain[comma] = ' ';
      comma = std::string::npos;
    } else if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
      comma = std::string::npos;
    }
  }
  return plain;
}

Result<ForeignLock> read_bun_lock(std::string_view text, std::string_view origin,
                                  const Requirements& requirements) {
  HOD_TRY(const Json lock, Json::parse(plain_json(text), origin));
  return Reader(lock, origin, requirements).read();
}

}  // namespace hod::lockfile
