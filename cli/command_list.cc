// SPDX-License-Identifier: MIT
// hod list: the direct dependencies of each project with their versions by hod.lock, and on demand
// what they bring. With names: only the ways that lead to those packages. What is not in
// node_modules is marked.
#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/core.h>

#include "cli/glob.h"
#include "cli/graph_question.h"
#include "cli/selection.h"
#include "core/base/file.h"
#include "core/base/printable.h"

namespace hod::cli {

namespace {

constexpr std::size_t kMostDepth = 64;

// "debug", "@types/*", "debug@2"
struct NamePattern {
  std::string name;
  Range range = Range::any();

  static Result<NamePattern> parse(const std::string& word) {
    NamePattern pattern;
    const std::size_t at = word.rfind('@');
    const bool ranged = at != std::string::npos && at > 0;
    pattern.name = ranged ? word.substr(0, at) : word;
    if (ranged) {
      HOD_TRY(pattern.range, Range::parse(word.substr(at + 1)));
    }
    return pattern;
  }
  bool matches(const std::string& wanted, const std::string& version) const {
    if (name != wanted && !glob_matches(name, wanted)) return false;
    if (range.is_any()) return true;
    const auto parsed = Version::parse(version);
    return parsed && range.contains(*parsed);
  }
};

struct Choice {
  std::vector<NamePattern> patterns;  // none: everything
  std::size_t depth = 0;
  bool production_only = false;
  bool development_only = false;

  bool takes(DependencyKind kind) const {
    const bool development = kind == DependencyKind::development;
    return development ? !production_only : !development_only;
  }
};

struct Item {
  std::string alias, name, version, specifier;
  DependencyKind kind = DependencyKind::production;
  std::string folder;  // in node_modules, of direct dependencies
  bool installed = true;
  bool repeated = false;  // its own dependencies stand elsewhere in the list
  std::vector<Item> children;
};

class Lister {
 public:
  Lister(const ResolutionGraph& graph, Choice choice) : graph_(graph), choice_(std::move(choice)) {}

  std::vector<Item> items_of(const GraphImporter& importer, const std::string& folder) {
    seen_.clear();
    std::vector<Item> out;
    for (const GraphEdge& edge : importer.edges) {
      if (!choice_.takes(edge.kind)) continue;
      std::optional<Item> item = item_of(edge, 0);
      if (!item) continue;
      item->folder = fmt::format("{}/node_modules/{}", folder, edge.alias);
      item->installed = file_exists(item->folder + "/package.json");
      out.push_back(std::move(*item));
    }
    return out;
  }

 private:
  // Nothing for what is not there, and for ways that lead to none of the names.
  std::optional<Item> item_of(const GraphEdge& edge, std::size_t level) {
    Item item;
    item.alias = item.name = edge.alias;
    item.specifier = edge.specifier;
    item.kind = edge.kind;
    if (edge.target.kind == EdgeTarget::Kind::absent) return std::nullopt;
    if (edge.target.kind == EdgeTarget::Kind::importer) {
      const GraphImporter& importer = graph_.importers[edge.target.index];
      item.name = importer.name;
      item.version = importer.version.empty() ? "workspace" : importer.version;
    } else {
      const GraphPackage& package = graph_.packages[edge.target.index];
      item.name = package.name;
      item.version = package.version;
      if (level < choice_.depth) add_children(item, edge.target.index, level);
    }
    const bool asked_for = choice_.patterns.empty() || matches(item);
    if (!asked_for && item.children.empty()) return std::nullopt;
    return item;
  }

  bool matches(const Item& item) const {
    return std::any_of(choice_.patterns.begin(), choice_.patterns.end(),
                       [&item](const NamePattern& pattern) {
                         return pattern.matches(item.name, item.version) ||
                                pattern.matches(item.alias, item.version);
                       });
  }

  void add_children(Item& item, PackageIndex index, std::size_t level) {
    const GraphPackage& package = graph_.packages[index];
    // Without names each package is opened once; with names the way counts, and rings end here.
    bool ring = std::find(way_.begin(), way_.end(), index) != way_.end();
    if (ring || (choice_.patterns.empty() && !seen_.insert(index).second)) {
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
  Choice choice_;
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

// Of direct dependencies: where those of others stand is the layout's business.
void append_folders(std::string& out, const std::vector<Item>& items) {
  for (const Item& item : items) {
    if (item.installed) out += item.folder + "\n";
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
  const bool deep = arguments.is_on(Option::all) || !arguments.words().empty();
  if (!given) return deep ? kMostDepth : std::size_t{0};
  if (*given == "Infinity" || *given == "infinity") return kMostDepth;
  std::size_t depth = 0;
  auto [end, problem] = std::from_chars(given->data(), given->data() + given->size(), depth);
  if (problem != std::errc() || end != given->data() + given->size()) {
    return failure(ErrorCode::usage, fmt::format("`--depth` takes a number, not `{}`", *given));
  }
  return std::min(depth, kMostDepth);
}

Result<Choice> choice_of(const Session& session) {
  const Arguments& arguments = session.arguments;
  Choice choice;
  HOD_TRY(choice.depth, depth_of(arguments));
  choice.production_only =
      arguments.given(Option::prod).value_or(session.settings.omit.value.development);
  choice.development_only = arguments.is_on(Option::dev);
  for (const std::string& word : arguments.words()) {
    HOD_TRY(NamePattern pattern, NamePattern::parse(word));
    choice.patterns.push_back(std::move(pattern));
  }
  return choice;
}

}  // namespace

Result<int> list_command(Session& session) {
  HOD_TRY(LockedProject locked, open_locked_project(session));
  const Project& project = locked.project;
  const ResolutionGraph& graph = locked.graph;
  HOD_TRY(std::vector<std::size_t> members,
          select_members(project, session.arguments, session.folder));
  HOD_TRY(Choice choice, choice_of(session));
  const bool looks_for_names = !choice.patterns.empty();
  Lister lister(graph, std::move(choice));
  std::string out, folders;
  Json document = Json::array();
  for (std::size_t index : members) {
    const ProjectMember& member = project.members[index];
    const GraphImporter* importer = importer_at(graph, member.path);
    if (importer == nullptr) continue;
    std::vector<Item> items = lister.items_of(*importer, project.folder_of(member));
    if (members.size() > 1 && !(looks_for_names && items.empty()))
      out += fmt::format("{}\n", member.manifest.name.empty() ? member.path : member.manifest.name);
    append_text(out, items, members.size() > 1 ? "  " : "");
    append_folders(folders, items);
    Json row = Json::object();
    row.set("path", Json::string(member.path));
    row.set("name", Json::string(member.manifest.name));
    row.set("dependencies", document_of(items));
    document.push(std::move(row));
  }
  if (out.empty())
    session.reporter.line(looks_for_names ? "no such package is installed" : "no dependencies");
  session.reporter.result(session.arguments.is_on(Option::parseable) ? folders : out,
                          std::move(document));
  return out.empty() && looks_for_names ? 1 : 0;
}

}  // namespace hod::cli
