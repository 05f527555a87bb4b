// SPDX-License-Identifier: MIT
// package-lock.json's `dependencies` (lockfileVersion 1): a tree of names, each with what it needs
// (`requires`) and what is nested in it. An edge leads to the nearest entry of that name, upwards.
// What importers ask for is not in it and comes from the manifests; nor are peers, platforms, bins,
// engines and scripts.
#include <algorithm>
#include <deque>
#include <map>

#include "core/model/package_name.h"
#include "lockfile/import_graph.h"
#include "lockfile/npm_lock.h"

namespace hod::lockfile {

namespace {

bool flag(const Json& entry, const char* name) {
  const Json* value = entry.find(name);
  return value && value->as_boolean();
}

struct Entry {
  const Json* json = nullptr;
  Entry* parent = nullptr;
  std::map<std::string_view, Entry*> children;
  std::string_view slot;
  bool is_bundled = false;
  bool is_optional = false;
  std::uint32_t node = kNoPackage;
  std::uint32_t importer = kNoPackage;
  std::vector<std::string> specifiers;  // what it is asked for as
};

class Reader {
 public:
  Reader(const Json& lock, std::string_view origin, const Requirements& requirements)
      : lock_(lock), graph_(origin, requirements) {}

  Result<ForeignLock> read() {
    const auto root = graph_.importer_at(".");
    if (!root) return failure(graph_.invalid("the project has no root"));
    root_.importer = *root;
    root_.json = &lock_;
    HOD_CHECK(collect(root_));
    for (Entry& entry : entries_) connect(entry);
    for (std::uint32_t i = 0; i < graph_.importers().size(); ++i) connect_importer(i);
    HOD_CHECK(settle_sources());
    HOD_TRY(ForeignLock lock, std::move(graph_).finish({}));
    lock.unknown.peers = lock.unknown.platforms = lock.unknown.bins = true;
    lock.unknown.engines = lock.unknown.scripts = true;
    return lock;
  }

 private:
  // Recursion ends: Json's depth is limited.
  Result<void> collect(Entry& parent) {
    const Json* object = parent.json->find("dependencies");
    if (!object) return {};
    for (const auto& [slot, json] : object->members()) {
      if (!json.is_object()) return failure(graph_.invalid("`" + slot + "` is no object"));
      Entry& entry = entries_.emplace_back();
      entry.json = &json;
      entry.parent = &parent;
      entry.slot = slot;
      entry.is_bundled = flag(json, "bundled") && &parent != &root_;
      entry.is_optional = flag(json, "optional");
      parent.children[slot] = &entry;
      if (!entry.is_bundled) make_node(entry);
      HOD_CHECK(collect(entry));
    }
    if (parent.node != kNoPackage) {
      for (const auto& [slot, child] : parent.children) {
        if (child->is_bundled) graph_.node(parent.node).bundled.emplace_back(slot);
      }
    }
    return {};
  }

  // `version` is a version, an alias ("npm:real@1.0.0") or, for other sources, the address.
  void make_node(Entry& entry) {
    const std::string* version = entry.json->find_string("version");
    const std::string text = version ? *version : std::string();
    GraphPackage package;
    package.name = entry.slot;
    if (text.starts_with("file:")) {
      if (const auto importer = graph_.importer_at(text.substr(5))) {
        entry.importer = *importer;
        return;
      }
    } else if (text.starts_with("npm:")) {
      const std::size_t at = text.rfind('@');
      package.name = text.substr(4, at - 4);
      package.version = text.substr(at + 1);
    } else if (parse_version_view(text)) {
      package.version = text;
    }
    if (const std::string* integrity = entry.json->find_string("integrity"))
      package.integrity = *integrity;
    entry.node = graph_.add_node(std::move(package));
    nodes_.push_back(&entry);
  }

  void connect(Entry& entry) {
    Entry* owner =
        &entry;  // a bundled package's needs from outside of the bundle are its bundler's
    while (owner->is_bundled) owner = owner->parent;
    const Json* needs = entry.json->find("requires");
    if (!needs || owner->node == kNoPackage) return;
    for (const auto& [alias, specifier] : needs->members()) {
      Entry* target = visible(&entry, alias);
      if (target && (target->is_bundled || (&entry != owner && target == owner))) continue;
      if (!target && &entry != owner) continue;
      // The format does not say which edges are optional: those are that lead to what is, or to
      // nothing.
      const bool optional = !target || (target->is_optional && !entry.is_optional);
      GraphEdge edge{alias,
                     specifier.as_string(),
                     optional ? DependencyKind::optional : DependencyKind::production,
                     {}};
      std::vector<GraphEdge>& edges = graph_.node(owner->node).edges;
      const auto same = [&edge](const GraphEdge& other) { return other.alias == edge.alias; };
      if (std::any_of(edges.begin(), edges.end(), same)) continue;
      if (target) edge.target = target_of(*target, edge.specifier);
      edges.push_back(std::move(edge));
    }
  }

  // An importer's ranges are those of its manifest; what is not in the tree is not in the graph,
  // which makes the lockfile out of date.
  void connect_importer(std::uint32_t importer) {
    Entry* from = &root_;
    for (Entry& entry : entries_) {
      if (entry.importer == importer) from = &entry;
    }
    for (const Dependency& dependency : graph_.wanted_by(importer)) {
      Entry* target = visible(from, dependency.alias);
      GraphEdge edge{dependency.alias, dependency.specifier, dependency.kind, {}};
      if (target && !target->is_bundled) {
        edge.target = target_of(*target, dependency.specifier);
      } else if (dependency.kind == DependencyKind::production ||
                 dependency.kind == DependencyKind::development) {
        continue;
      }
      graph_.add_importer_edge(importer, std::move(edge));
    }
  }

  static Entry* visible(Entry* from, std::string_view alias) {
    for (; from; from = from->parent) {
      const auto found = from->children.find(alias);
      if (found != from->children.end()) return found->second;
    }
    return nullptr;
  }

  static EdgeTarget target_of(Entry& entry, const std::string& specifier) {
    if (entry.importer != kNoPackage) return {EdgeTarget::Kind::importer, entry.importer};
    entry.specifiers.push_back(specifier);
    return {EdgeTarget::Kind::package, entry.node};
  }

  Result<void> settle_sources() {
    for (Entry* entry : nodes_) {
      GraphPackage& package = graph_.node(entry->node);
      const std::string* version = entry->json->find_string("version");
      const std::string* resolved = entry->json->find_string("resolved");
      const bool is_address = version && package.version.empty();
      if (!is_address && !resolved) continue;
      if (entry->specifiers.empty()) continue;  // nobody asks for it
      std::optional<ResolvedAddress> address;
      for (const std::string& specifier : entry->specifiers) {
        address = source_of_address(is_address ? *version : *resolved, package.name, specifier);
        if (address && address->source.kind != PackageSource::Kind::registry) break;
      }
      if (!address) {
        return failure(graph_.invalid("the address of `" + package.id() + "` makes no sense"));
      }
      package.source = address->source;
      if (address->is_foreign) graph_.note_foreign_address(entry->node, *resolved);
    }
    return {};
  }

  const Json& lock_;
  ImportGraph graph_;
  Entry root_;
  std::deque<Entry> entries_;  // their addresses stay
  std::vector<Entry*> nodes_;
};

}  // namespace

Result<ForeignLock> read_npm_tree(const Json& lock, std::string_view origin,
                                  const Requirements& requirements) {
  return Reader(lock, origin, requirements).read();
}

}  // namespace hod::lockfile
