// SPDX-License-Identifier: MIT
// yarn 1's lockfile: each entry is a version with the patterns (name@range) that lead to it; an
// edge is looked up by its name and range. Members of the workspace are not in it: a pattern
// without an entry is one of them.
#include <algorithm>
#include <unordered_map>

#include "core/base/lexical_path.h"
#include "core/model/integrity.h"
#include "core/model/specifier.h"
#include "lockfile/import_graph.h"
#include "lockfile/lock_checks.h"
#include "lockfile/yarn_classic_parse.h"
#include "lockfile/yarn_lock.h"

namespace hod::lockfile {

namespace {

// "a@^1" → "a", "^1".
std::pair<std::string_view, std::string_view> parted(std::string_view pattern) {
  const std::size_t sign = pattern.find('@', 1);
  if (sign == std::string_view::npos) return {pattern, {}};
  return {pattern.substr(0, sign), pattern.substr(sign + 1)};
}

// The digest that yarn keeps behind the address; before yarn 1.10 there was no other.
std::string integrity_of(const YarnEntry& entry) {
  if (!entry.integrity.empty()) return entry.integrity;
  const std::size_t hash = entry.resolved.find('#');
  if (hash == std::string::npos) return {};
  return Integrity::of_shasum(entry.resolved.substr(hash + 1)).text();
}

class Reader {
 public:
  Reader(std::vector<YarnEntry> entries, std::string_view origin, const Requirements& requirements)
      : entries_(std::move(entries)), graph_(origin, requirements) {}

  Result<ForeignLock> read() {
    for (const YarnEntry& entry : entries_) HOD_CHECK(make_node(entry));
    for (std::uint32_t i = 0; i < entries_.size(); ++i) HOD_CHECK(connect(i));
    for (std::uint32_t i = 0; i < graph_.importers().size(); ++i) connect_importer(i);
    HOD_TRY(ForeignLock lock, std::move(graph_).finish({}));
    lock.unknown.peers = lock.unknown.platforms = lock.unknown.bins = true;
    lock.unknown.engines = lock.unknown.scripts = true;
    return lock;
  }

 private:
  Result<void> make_node(const YarnEntry& entry) {
    const auto [slot, specifier] = parted(entry.patterns.front());
    GraphPackage package;
    package.name = slot;
    package.version = entry.version;
    package.integrity = integrity_of(entry);
    const Result<Specifier> parsed = Specifier::parse(specifier);
    if (const auto* alias = parsed ? parsed->as<AliasSpecifier>() : nullptr)
      package.name = alias->name.text();
    std::optional<ResolvedAddress> address = source_of(entry, package.name);
    if (!address)
      return failure(graph_.invalid("the address of `" + package.id() + "` makes no sense"));
    package.source = address->source;
    if (package.source.kind == PackageSource::Kind::git) package.integrity.clear();
    const std::uint32_t node = graph_.add_node(std::move(package));
    if (address->is_foreign) graph_.note_foreign_address(node, entry.resolved);
    for (const std::string& pattern : entry.patterns) nodes_.emplace(pattern, node);
    return {};
  }

  static std::optional<ResolvedAddress> source_of(const YarnEntry& entry, const std::string& name) {
    std::optional<ResolvedAddress> address;
    for (const std::string& pattern : entry.patterns) {
      const std::string_view specifier = parted(pattern).second;
      address = entry.resolved.empty()
                    ? place_of(specifier)
                    : source_of_address(file_name_address(entry.resolved), name, specifier);
      if (address && address->source.kind != PackageSource::Kind::registry) break;
    }
    return address;
  }

  // An offline mirror's archives have a file name for an address: packages of a registry all the
  // same.
  static std::string_view file_name_address(std::string_view resolved) {
    const std::string_view file = resolved.substr(0, resolved.find('#'));
    if (file.starts_with("file:")) return file;
    const bool is_file_name = file.find('/') == std::string_view::npos && file.ends_with(".tgz");
    return is_file_name ? std::string_view() : resolved;
  }

  // Folders have no address but their specifier.
  static std::optional<ResolvedAddress> place_of(std::string_view specifier) {
    const Result<Specifier> parsed = Specifier::parse(specifier);
    const auto* directory = parsed ? parsed->as<DirectorySpecifier>() : nullptr;
    if (!directory) return ResolvedAddress{};
    const auto kind = directory->link ? PackageSource::Kind::link : PackageSource::Kind::directory;
    return ResolvedAddress{{kind, joined_path(".", directory->path)}};
  }

  Result<void> connect(std::uint32_t node) {
    const YarnEntry& entry = entries_[node];
    std::vector<GraphEdge>& edges = graph_.node(node).edges;
    const auto add = [&](const auto& list, DependencyKind kind) -> Result<void> {
      for (const auto& [alias, range] : list) {
        const auto same = [&name = alias](const GraphEdge& edge) { return edge.alias == name; };
        if (std::any_of(edges.begin(), edges.end(), same)) continue;
        const EdgeTarget target = target_of(alias, range);
        if (target.kind == EdgeTarget::Kind::absent && kind == DependencyKind::production) {
          return failure(graph_.invalid("`" + alias + "@" + range + "` is needed, but not in it"));
        }
        edges.push_back({alias, range, kind, target});
      }
      return {};
    };
    HOD_CHECK(add(entry.optional_dependencies, DependencyKind::optional));
    return add(entry.dependencies, DependencyKind::production);
  }

  EdgeTarget target_of(const std::string& alias, const std::string& range) const {
    const auto found = nodes_.find(alias + "@" + range);
    if (found != nodes_.end()) return {EdgeTarget::Kind::package, found->second};
    if (const auto importer = graph_.importer_named(alias))
      return {EdgeTarget::Kind::importer, *importer};
    return {};
  }

  // What the manifests ask for and the file lacks is not in the graph, which makes the lockfile out
  // of date.
  void connect_importer(std::uint32_t importer) {
    for (const Dependency& dependency : graph_.wanted_by(importer)) {
      const EdgeTarget target = target_of(dependency.alias, dependency.specifier);
      const bool may_be_absent = dependency.kind != DependencyKind::production &&
                                 dependency.kind != DependencyKind::development;
      if (target.kind == EdgeTarget::Kind::absent && !may_be_absent) continue;
      graph_.add_importer_edge(importer,
                               {dependency.alias, dependency.specifier, dependency.kind, target});
    }
  }

  std::vector<YarnEntry> entries_;  // entry i is node i
  ImportGraph graph_;
  std::unordered_map<std::string, std::uint32_t> nodes_;  // by pattern
};

}  // namespace

Result<ForeignLock> read_yarn_classic_lock(std::string_view text, std::string_view origin,
                                           const Requirements& requirements) {
  HOD_TRY(std::vector<YarnEntry> entries, parse_yarn_classic(text, origin));
  return Reader(std::move(entries), origin, requirements).read();
}

}  // namespace hod::lockfile
