// SPDX-License-Identifier: MIT
// yarn's lockfile since version 2, a subset of YAML.
//
// A key lists descriptors ("a@npm:^1.0.0", "a@workspace:packages/a"), the entry's `resolution` is a
// locator
// ("a@npm:1.2.0"). An edge is looked up as "alias@range"; `resolutions` of the root's manifest
// change the range first. yarn patches a few packages itself ("patch:…#…builtin<…>"): such an entry
// stands for the package below the patch. Other patches are refused, their content is not what the
// registry has.
#include <algorithm>
#include <unordered_map>

#include "core/base/encoding.h"
#include "core/base/lexical_path.h"
#include "core/model/bins.h"
#include "core/model/range.h"
#include "lockfile/import_graph.h"
#include "lockfile/lock_checks.h"
#include "lockfile/yaml.h"
#include "lockfile/yarn_lock.h"

namespace hod::lockfile {

namespace {

constexpr int kOldest = 4;
constexpr int kNewest = 10;

struct Locator {
  std::string_view name;
  std::string_view reference;  // "npm:1.2.0"
};
Locator parted(std::string_view text) {
  const std::size_t sign = text.find('@', 1);
  if (sign == std::string_view::npos) return {text, {}};
  return {text.substr(0, sign), text.substr(sign + 1)};
}

// "npm:^1.0.0" → "^1.0.0"; an alias ("npm:other@^1") stays.
std::string plain_range(std::string_view range) {
  constexpr std::string_view kProtocol = "npm:";
  if (!range.starts_with(kProtocol)) return std::string(range);
  const std::string_view rest = range.substr(kProtocol.size());
  return std::string(rest.find('@', 1) == std::string_view::npos ? rest : range);
}

// A manifest's specifier as a descriptor's range.
std::string berry_range(const std::string& specifier) {
  const bool has_protocol =
      specifier.find(':') != std::string::npos || specifier.find('/') != std::string::npos;
  return has_protocol ? specifier : "npm:" + specifier;
}

// "(os=linux | os=darwin) & cpu=x64".
PlatformNeeds platform_of(std::string_view conditions) {
  PlatformNeeds needs;
  while (!conditions.empty()) {
    const std::size_t begin = conditions.find_first_not_of(" ()&|");
    if (begin == std::string_view::npos) break;
    conditions.remove_prefix(begin);
    const std::size_t end = std::min(conditions.find_first_of(" ()&|"), conditions.size());
    const std::string_view part = conditions.substr(0, end);
    conditions.remove_prefix(end);
    const std::size_t equal = part.find('=');
    if (equal == std::string_view::npos) continue;
    const std::string_view name = part.substr(0, equal);
    std::vector<std::string>* list = name == "os"     ? &needs.os
                                     : name == "cpu"  ? &needs.cpu
                                     : name == "libc" ? &needs.libc
                                                      : nullptr;
    if (list) list->emplace_back(part.substr(equal + 1));
  }
  return needs;
}

struct Entry {
  const Json* json = nullptr;
  std::string resolution;
  std::uint32_t node = kNoPackage;
  std::uint32_t importer = kNoPackage;
};

class Reader {
 public:
  Reader(const Json& lock, std::string_view origin, const Requirements& requirements)
      : lock_(lock), graph_(origin, requirements) {
    // Of all kinds of overrides yarn knows its own.
    for (const Override& rule : requirements.overrides.rules) {
      if (rule.origin.starts_with("resolutions")) resolutions_.rules.push_back(rule);
    }
  }

  Result<ForeignLock> read() {
    HOD_CHECK(check_version());
    HOD_CHECK(collect());
    for (Entry& entry : entries_) HOD_CHECK(connect(entry));
    connect_peers();
    HOD_TRY(ForeignLock lock, std::move(graph_).finish({.wants_integrity = false}));
    lock.unknown.integrity = lock.unknown.peers = lock.unknown.engines = lock.unknown.scripts =
        true;
    lock.warnings.emplace_back(
        "yarn's checksums are of its own archives: integrities are taken from the registry, once");
    return lock;
  }

 private:
  Result<void> check_version() {
    const Json* metadata = lock_.find("__metadata");
    const std::string* text = metadata ? metadata->find_string("version") : nullptr;
    int version = 0;
    for (const char c : text ? *text : std::string()) {
      if (c < '0' || c > '9' || version > 1000) return unknown_version(*text);
      version = version * 10 + (c - '0');
    }
    if (version < kOldest || version > kNewest) return unknown_version(text ? *text : "");
    return {};
  }

  Result<void> unknown_version(const std::string& text) const {
    return failure(graph_.invalid("its `__metadata.version` is `" + text + "`, and hod knows " +
                                  std::to_string(kOldest) + " to " + std::to_string(kNewest)));
  }

  // --- entries

  Result<void> collect() {
    for (const auto& [key, json] : lock_.members()) {
      if (key == "__metadata") continue;
      const std::string* resolution = json.find_string("resolution");
      if (!resolution) return failure(graph_.invalid("`" + key + "` has no resolution"));
      Entry entry;
      entry.json = &json;
      entry.resolution = *resolution;
      HOD_CHECK(place(entry));
      const auto index = static_cast<std::uint32_t>(entries_.size());
      locators_.emplace(entry.resolution, index);
      for (std::size_t begin = 0; begin < key.size();) {
        const std::size_t end = std::min(key.find(", ", begin), key.size());
        if (!descriptors_.emplace(key.substr(begin, end - begin), index).second) {
          return failure(graph_.invalid("`" + key.substr(begin, end - begin) + "` is there twice"));
        }
        begin = end + 2;
      }
      entries_.push_back(std::move(entry));
    }
    return {};
  }

  Result<void> place(Entry& entry) {
    const auto [name, reference] = parted(entry.resolution);
    if (reference.starts_with("patch:")) return {};  // see unwrapped()
    if (reference.starts_with("workspace:")) {
      if (const auto importer = graph_.importer_at(reference.substr(10)))
        entry.importer = *importer;
      return {};
    }
    GraphPackage package;
    package.name = name;
    if (reference.starts_with("npm:")) {
      // A registry other than the name's own stands behind "::".
      package.version = reference.substr(4, reference.find("::") - 4);
    } else {
      const std::string* version = entry.json->find_string("version");
      if (version && *version != "0.0.0-use.local") package.version = *version;
      const auto source = source_of(reference);
      if (!source) return failure(graph_.invalid("`" + entry.resolution + "` makes no sense"));
      package.source = *source;
    }
    if (const std::string* conditions = entry.json->find_string("conditions")) {
      package.platform = platform_of(*conditions);
    }
    if (const Json* bin = entry.json->find("bin")) {
      Json manifest = Json::object();
      manifest.set("name", Json::string(package.name)).set("bin", *bin);
      package.bins = normalized_bins(manifest);
    }
    entry.node = graph_.add_node(std::move(package));
    return {};
  }

  // "portal:../x::locator=…", "file:./x.tgz#./x.tgz::hash=…", "https://…/r.git#commit=…",
  // "https://…/x.tgz".
  static std::optional<PackageSource> source_of(std::string_view reference) {
    using Kind = PackageSource::Kind;
    const std::string_view bare = reference.substr(0, reference.find("::"));
    const std::string_view path = bare.substr(0, bare.find('#'));
    if (path.starts_with("link:"))
      return PackageSource{Kind::link, joined_path(".", path.substr(5))};
    if (path.starts_with("portal:"))
      return PackageSource{Kind::directory, joined_path(".", path.substr(7))};
    if (path.starts_with("file:")) {
      const bool is_archive = path.ends_with(".tgz") || path.ends_with(".tar.gz");
      return PackageSource{is_archive ? Kind::tarball_file : Kind::directory,
                           joined_path(".", path.substr(5))};
    }
    constexpr std::string_view kCommit = "commit=";
    const std::size_t commit = bare.find(kCommit);
    if (commit == std::string_view::npos)
      return PackageSource{Kind::tarball_url, std::string(path)};
    std::string location(path);
    if (const std::size_t colon = location.find(':');
        location.find("://") == std::string::npos && colon != std::string::npos) {
      location.replace(colon, 1, "/").insert(0, "git+ssh://");  // git's own "user@host:path"
    } else if (!location.starts_with("git")) {
      location.insert(0, "git+");
    }
    const std::string_view id = bare.substr(commit + kCommit.size());
    return PackageSource{Kind::git, location + "#" + std::string(id.substr(0, id.find('&')))};
  }

  // The entry below yarn's own patches; nothing when the patch is somebody else's.
  const Entry* unwrapped(const Entry* entry) const {
    for (int layers = 0; entry && layers < 4; ++layers) {
      const std::string_view reference = parted(entry->resolution).reference;
      if (!reference.starts_with("patch:")) return entry;
      const std::size_t hash = reference.find('#');
      if (hash == std::string_view::npos ||
          reference.find("builtin<", hash) == std::string_view::npos)
        return nullptr;
      const auto below = percent_decoded(reference.substr(6, hash - 6));
      const auto found = below ? locators_.find(*below) : locators_.end();
      entry = found == locators_.end() ? nullptr : &entries_[found->second];
    }
    return nullptr;
  }

  // --- edges

  Result<EdgeTarget> target_of(const std::string& parent, const std::string& alias,
                               const std::string& range) const {
    std::string wanted = alias + "@" + range;
    const OverrideAncestor ancestor{parted(parent).name, std::nullopt};
    if (const Override* rule = resolutions_.match({&ancestor, 1}, alias, plain_range(range))) {
      const std::string changed = alias + "@" + berry_range(rule->specifier);
      if (descriptors_.contains(changed)) wanted = changed;
    }
    auto found = descriptors_.find(wanted);
    if (found == descriptors_.end()) {  // places are relative to whoever names them
      found = descriptors_.find(wanted + "::locator=" + percent_encoded(parent));
    }
    if (found == descriptors_.end()) {
      return failure(graph_.invalid("`" + wanted + "` is needed, but not in it"));
    }
    const Entry* entry = unwrapped(&entries_[found->second]);
    if (!entry) {
      return failure(graph_.invalid("`" + alias + "` is patched, which hod cannot take over")
                         .hint("remove the patch, or make it again with `hod patch`"));
    }
    if (entry->importer != kNoPackage)
      return EdgeTarget{EdgeTarget::Kind::importer, entry->importer};
    if (entry->node == kNoPackage) return EdgeTarget{};  // no member of the workspace any more
    return EdgeTarget{EdgeTarget::Kind::package, entry->node};
  }

  Result<void> connect(const Entry& entry) {
    const Json* dependencies = entry.json->find("dependencies");
    if (!dependencies || (entry.node == kNoPackage && entry.importer == kNoPackage)) return {};
    const std::string& parent = entry.resolution;
    for (const auto& [alias, value] : dependencies->members()) {
      const std::string& range = value.as_string();
      HOD_TRY(const EdgeTarget target, target_of(parent, alias, range));
      GraphEdge edge{alias, plain_range(range), DependencyKind::production, target};
      if (entry.importer == kNoPackage) {
        if (is_optional(*entry.json, alias)) edge.kind = DependencyKind::optional;
        graph_.node(entry.node).edges.push_back(std::move(edge));
        continue;
      }
      take_from_manifest(edge, entry.importer);
      graph_.add_importer_edge(entry.importer, std::move(edge));
    }
    return {};
  }

  // The kind is not in the file; nor is a range as it was written.
  void take_from_manifest(GraphEdge& edge, std::uint32_t importer) const {
    for (const Dependency& dependency : graph_.wanted_by(importer)) {
      if (dependency.alias != edge.alias) continue;
      edge.kind = dependency.kind;
      if (plain_range(berry_range(dependency.specifier)) == edge.specifier) {
        edge.specifier = dependency.specifier;
      }
    }
  }

  // Importers' peers are not in the file.
  void connect_peers() {
    for (std::uint32_t i = 0; i < graph_.importers().size(); ++i) {
      for (const Dependency& dependency : graph_.wanted_by(i)) {
        if (dependency.kind != DependencyKind::peer &&
            dependency.kind != DependencyKind::optional_peer)
          continue;
        graph_.add_importer_edge(i, {dependency.alias, dependency.specifier, dependency.kind, {}});
      }
    }
  }

  static bool is_optional(const Json& entry, const std::string& alias) {
    const Json* meta = entry.find("dependenciesMeta");
    const Json* of_alias = meta ? meta->find(alias) : nullptr;
    const Json* optional = of_alias ? of_alias->find("optional") : nullptr;
    return optional && optional->as_boolean();
  }

  const Json& lock_;
  ImportGraph graph_;
  Overrides resolutions_;
  std::vector<Entry> entries_;
  std::unordered_map<std::string, std::uint32_t> descriptors_;
  std::unordered_map<std::string, std::uint32_t> locators_;
};

}  // namespace

Result<ForeignLock> read_yarn_berry_lock(std::string_view text, std::string_view origin,
                                         const Requirements& requirements) {
  HOD_TRY(const std::vector<Json> documents, parse_yaml(text, origin));
  if (documents.size() != 1 || !documents.front().is_object()) {
    return failure(
        Error(ErrorCode::lockfile_invalid, "the lockfile cannot be read: it is no single mapping")
            .at(std::string(origin)));
  }
  return Reader(documents.front(), origin, requirements).read();
}

}  // namespace hod::lockfile
