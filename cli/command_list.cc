// SPDX-License-Identifier: MIT
// hod list: the direct dependencies of each project with their versions by hod.lock, and on demand
// what they bring. With names: only the ways that lead to those packages. What is not in
// node_modules is marked.
#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/core.h>

#include "cli/graph_question.h"
#include "cli/selection.h"
#include "core/base/file.h"
#include "core/base/printable.h"

namespace hod::cli {

namespace {

constexpr std::size_t kMostDepth = 64;

struct Item {
  std::string alias, name, version, specifier;
  DependencyKind kind = DependencyKind::production;
  bool installed = true;
  bool repeated = false;  // its own dependencies stand elsewhere in the list
  std::vector<Item> children;
};

class Lister {
 public:
  Lister(const ResolutionGraph& graph, std::set<std::string> names, std::size_t depth,
         bool production_only)
      : graph_(graph), names_(std::move(names)), depth_(depth), production_only_(production_only) {}

  std::vector<Item> items_of(const GraphImporter& importer, const std::string& folder) {
    seen_.clear();
    std::vector<Item> out;
    for (const GraphEdge& edge : importer.edges) {
      if (production_only_ && edge.kind == DependencyKind::development) continue;
      std::optional<Item> item = item_of(edge, 0);
      if (!item) continue;
      item->installed =
          file_exists(fmt::format("{}/node_modules/{}/package.json", folder, edge.alias));
      out.push_back(std::move(*item));
    }
    return out;
  }

 private:
  // Nothing for what is not there, and for ways that lead to none of the names.
  std::optional<Item> item_of(const GraphEdge& edge, std::size_t level) {
    Item item{edge.alias, edge.alias, "", edge.specifier, edge.kind, true, false, {}};
    if (edge.target.kind == EdgeTarget::Kind::absent) return std::nullopt;
    if (edge.target.kind == EdgeTarget::Kind::importer) {
      const GraphImporter& importer = graph_.importers[edge.target.index];
      item.name = importer.name;
      item.version = importer.version.empty() ? "workspace" : importer.version;
    } else {
      const GraphPackage& package = graph_.packages[edge.target.index];
      item.name = package.name;
      item.version = package.version;
      if (level < depth_) add_children(item, edge.target.index, level);
    }
    bool asked_for =
        names_.empty() || names_.count(item.name) != 0 || names_.count(item.alias) != 0;
    if (!asked_for && item.children.empty()) return std::nullopt;
    return item;
  }

  void add_children(Item& item, PackageIndex index, std::size_t level) {
    const GraphPackage& package = graph_.packages[index];
    // Without names each package is opened once; with names the way counts, and rings end here.
    bool ring = std::find(way_.begin(), way_.end(), index) != way_.end();
    if (ring || (names_.empty() && !seen_.insert(index).second)) {
      item.repeated = !package.edges.empty();
      return;
    }
    way_.push_back(index);
    for (const GraphEdge& edge : package.edges) {
      if (std::optional<Item> child = item_of(edge, level + 1))
        item.children.push_back(std::move(*child));
    }
    way_.pop_back();
  }

  const ResolutionGraph& graph_;
  std::set<std::string> names_;
  std::size_t depth_;
  bool production_only_;
  std::set<PackageIndex> seen_;
  std::vector<PackageIndex> way_;
};

void append_text(std::string& out, const std::vector<Item>& items, const std::string& indent) {
  for (const Item& item : items) {
    std::string shown =
        item.alias == item.name ? item.alias : fmt::format("{} ({})", item.alias, item.name);
    std::string kind = item.kind == DependencyKind::production
                           ? ""
                           : fmt::format("  {}", dependency_kind_name(item.kind));
    out +=
        fmt::format("{}{} {}{}{}{}\n", indent, printable(shown), printable(item.version), kind,
                    item.installed ? "" : "  not installed", item.repeated ? "  (see above)" : "");
    append_text(out, item.children, indent + "  ");
  }
}

Json document_of(const std::vector<Item>& items) {
  Json array = Json::array();
  for (const Item& item : items) {
    Json row = Json::object();
    row.set("alias", Json::string(item.alias));
    row.set("name", Json::string(item.name));
    row.set("version", Json::string(item.version));
    row.set("specifier", Json::string(item.specifier));
    row.set("kind", Json::string(dependency_kind_name(item.kind)));
    row.set("installed", Json::boolean(item.installed));
    if (!item.children.empty()) row.set("dependencies", document_of(item.children));
    array.push(std::move(row));
  }
  return array;
}

Result<std::size_t> depth_of(const Arguments& arguments) {
  std::optional<std::string> given = arguments.value(Option::depth);
  // With names, the ways to them are looked for.
  if (!given) return arguments.words().empty() ? std::size_t{0} : kMostDepth;
  if (*given == "Infinity" || *given == "infinity") return kMostDepth;
  std::size_t depth = 0;
  auto [end, problem] = std::from_chars(given->data(), given->data() + given->size(), depth);
  if (problem != std::errc() || end != given->data() + given->size()) {
    return failure(ErrorCode::usage, fmt::format("`--depth` takes a number, not `{}`", *given));
  }
  return std::min(depth, kMostDepth);
}

}  // namespace

Result<int> list_command(Session& session) {
  HOD_TRY(LockedProject locked, open_locked_project(session));
  const Project& project = locked.project;
  const ResolutionGraph& graph = locked.graph;
  HOD_TRY(std::vector<std::size_t> members,
          select_members(project, session.arguments, session.folder));
  HOD_TRY(std::size_t depth, depth_of(session.arguments));
  const std::vector<std::string>& names = session.arguments.words();
  Lister lister(graph, {names.begin(), names.end()}, depth, session.arguments.is_on(Option::prod));
  std::string out;
  Json document = Json::array();
  for (std::size_t index : members) {
    const ProjectMember& member = project.members[index];
    const GraphImporter* importer = importer_at(graph, member.path);
    if (importer == nullptr) continue;
    std::vector<Item> items = lister.items_of(*importer, project.folder_of(member));
    if (members.size() > 1)
      out += fmt::format("{}\n", member.manifest.name.empty() ? member.path : member.manifest.name);
    append_text(out, items, members.size() > 1 ? "  " : "");
    Json row = Json::object();
    row.set("path", Json::string(member.path));
    row.set("name", Json::string(member.manifest.name));
    row.set("dependencies", document_of(items));
    document.push(std::move(row));
  }
  if (out.empty())
    session.reporter.line(names.empty() ? "no dependencies" : "no such package is installed");
  session.reporter.result(out, std::move(document));
  return out.empty() && !names.empty() ? 1 : 0;
}

}  // namespace hod::cli
