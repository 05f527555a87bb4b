// SPDX-License-Identifier: MIT
// Lockfiles of other package managers against the normal forms that were derived from them
// (normal.json beside each): the same packages at the same versions, and, where the format records
// edges, each leading to the same version.
//
// A project's manifests stand in ../project. What an archive brings itself is no package of our
// graph, so normal forms lose the packages below a bundler and its edges to them.
#include <algorithm>
#include <array>
#include <filesystem>
#include <set>

#include "core/base/file.h"
#include "lockfile/foreign_lock.h"
#include "lockfile/hod_lock.h"
#include "tests/conformance/all_sets.h"

namespace hod::conformance {

namespace {

namespace fs = std::filesystem;

using Edge = std::array<std::string, 3>;  // from, slot, to
struct Normal {
  std::set<std::string> packages;
  std::set<Edge> edges;
  std::set<Edge> peer_edges;  // those of `edges` that are to peers, where the form says so
};

Normal expected_of(const Json& data) {
  Normal normal;
  std::vector<std::string> ids;
  for (const Json& id : data.find("ids")->elements()) ids.push_back(id.as_string());
  const auto count = static_cast<std::size_t>(data.find("count")->as_number());
  normal.packages.insert(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count));
  for (const Json& edge : data.find("edges")->elements()) {
    const auto index = [&edge](std::size_t i) {
      return static_cast<std::size_t>(edge.elements()[i].as_number());
    };
    const std::string& to = ids[index(2)];
    const Json& slot = edge.elements()[1];
    const std::string name = to.starts_with("<ws>") ? to.substr(4) : to.substr(0, to.rfind('@'));
    const Edge made{ids[index(0)], slot.is_string() ? slot.as_string() : name, to};
    normal.edges.insert(made);
    if (edge.elements()[3].as_string() == "p") normal.peer_edges.insert(made);
  }
  return normal;
}

std::string importer_id(const GraphImporter& importer) {
  return importer.path == "." ? "<root>" : "<ws>" + importer.path;
}

// Normal forms call a member by its name, its path, or its path as seen from another member.
void call_members_by_path(Normal& expected, const ResolutionGraph& graph) {
  const auto path_of = [&graph](const std::string& id) {
    if (!id.starts_with("<ws>")) return id;
    std::string_view text = std::string_view(id).substr(4);
    while (text.starts_with("../")) text.remove_prefix(3);
    for (const GraphImporter& importer : graph.importers) {
      if (importer.name == text || importer.path == text ||
          importer.path.ends_with("/" + std::string(text))) {
        return importer_id(importer);
      }
    }
    return id;
  };
  std::set<Edge> edges;
  for (const Edge& edge : expected.edges)
    edges.insert({path_of(edge[0]), edge[1], path_of(edge[2])});
  expected.edges = std::move(edges);
}

Normal normal_of(const ResolutionGraph& graph) {
  Normal normal;
  const auto add_edges = [&](const std::string& from, const std::vector<GraphEdge>& edges) {
    for (const GraphEdge& edge : edges) {
      if (edge.target.kind == EdgeTarget::Kind::package) {
        normal.edges.insert({from, edge.alias, graph.packages[edge.target.index].id()});
      } else if (edge.target.kind == EdgeTarget::Kind::importer) {
        normal.edges.insert({from, edge.alias, importer_id(graph.importers[edge.target.index])});
      }
    }
  };
  for (const GraphPackage& package : graph.packages) {
    normal.packages.insert(package.id());
    add_edges(package.id(), package.edges);
  }
  for (const GraphImporter& importer : graph.importers) {
    add_edges(importer_id(importer), importer.edges);
  }
  return normal;
}

// What the normal form has of a bundle: packages that nothing but bundlers' edges lead to. Peer
// edges do not count here: a copy inside of a bundle has the name@version of one outside, and its
// peers inside.
void drop_bundles(Normal& expected, const ResolutionGraph& graph) {
  std::set<std::string> bundlers;
  for (const GraphPackage& package : graph.packages) {
    if (!package.bundled.empty()) bundlers.insert(package.id());
  }
  if (bundlers.empty()) return;
  std::set<std::string> kept;
  std::vector<std::string> waiting;
  const auto visit = [&](const std::string& id) {
    if (kept.insert(id).second && !bundlers.contains(id)) waiting.push_back(id);
  };
  for (const Edge& edge : expected.edges) {
    if (edge[0].starts_with('<')) visit(edge[0]);
  }
  if (waiting.empty()) {  // a format without importers' edges
    for (const GraphImporter& importer : graph.importers) {
      for (const GraphEdge& edge : importer.edges) visit(graph.packages[edge.target.index].id());
    }
  }
  while (!waiting.empty()) {
    const std::string next = waiting.back();
    waiting.pop_back();
    for (const Edge& edge : expected.edges) {
      if (edge[0] == next && !expected.peer_edges.contains(edge)) visit(edge[2]);
    }
  }
  std::erase_if(expected.packages, [&](const std::string& id) { return !kept.contains(id); });
  std::erase_if(expected.edges, [&](const Edge& edge) {
    return bundlers.contains(edge[0]) || !kept.contains(edge[0]) || !kept.contains(edge[2]);
  });
}

struct Project {
  std::vector<Manifest> manifests;
  std::vector<std::string> paths;
  Requirements requirements;
};

Result<Project> read_project(const fs::path& folder) {
  Project project;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
    if (entry.path().filename() != "package.json") continue;
    HOD_TRY(const std::string text, read_file(entry.path().string()));
    HOD_TRY(Manifest manifest, Manifest::parse(text, entry.path().string(), Strict::yes));
    const std::string path = fs::relative(entry.path().parent_path(), folder).generic_string();
    project.manifests.push_back(std::move(manifest));
    project.paths.push_back(path);
  }
  std::vector<Requirements::Member> members;
  for (std::size_t i = 0; i < project.paths.size(); ++i) {
    members.push_back({project.paths[i], &project.manifests[i]});
  }
  HOD_TRY(project.requirements, Requirements::of_manifests(members));
  return project;
}

std::string difference(const char* title, const auto& a, const auto& b, auto text) {
  std::string lines;
  std::size_t count = 0;
  for (const auto& item : a) {
    if (b.contains(item)) continue;
    if (++count <= 8) lines += "\n    " + text(item);
  }
  return count == 0 ? "" : "\n  " + std::to_string(count) + " " + title + lines;
}

// Normal forms of yarn 4 have no edges of slots that `resolutions` change: the script that made
// them did not apply these.
void drop_resolved(Normal& got, const Normal& expected, const Overrides& overrides) {
  std::erase_if(got.edges, [&](const Edge& edge) {
    const bool is_resolved =
        std::any_of(overrides.rules.begin(), overrides.rules.end(), [&edge](const Override& rule) {
          return rule.origin.starts_with("resolutions") && rule.target.name == edge[1];
        });
    const auto same_slot = [&edge](const Edge& other) {
      return other[0] == edge[0] && other[1] == edge[1];
    };
    return is_resolved && std::none_of(expected.edges.begin(), expected.edges.end(), same_slot);
  });
}

Outcome compare(Normal expected, const lockfile::ForeignLock& lock, const Overrides& overrides) {
  drop_bundles(expected, lock.graph);
  call_members_by_path(expected, lock.graph);
  Normal got = normal_of(lock.graph);
  const auto of_importer = [](const Edge& edge) { return edge[0].starts_with('<'); };
  if (std::none_of(expected.edges.begin(), expected.edges.end(), of_importer)) {
    std::erase_if(got.edges, of_importer);
  }
  drop_resolved(got, expected, overrides);
  const auto id = [](const std::string& text) { return text; };
  const auto edge = [](const Edge& e) { return e[0] + " > " + e[1] + " > " + e[2]; };
  const std::string text = difference("packages missing", expected.packages, got.packages, id) +
                           difference("packages more", got.packages, expected.packages, id) +
                           difference("edges missing", expected.edges, got.edges, edge) +
                           difference("edges more", got.edges, expected.edges, edge);
  if (!text.empty()) return {Outcome::Kind::failed, text};
  return {Outcome::Kind::passed, ""};
}

}  // namespace

Outcome run_lockfiles_row(const Row& row) {
  const fs::path file = row.file;
  if (file.filename() != "normal.json") return not_run("no normal form");
  for (const lockfile::ForeignFile& foreign : lockfile::foreign_files()) {
    const fs::path path = file.parent_path() / foreign.name;
    if (!file_exists(path.string())) continue;
    auto text = read_file(path.string());
    if (!text) return {Outcome::Kind::failed, text.error().text()};
    auto project = read_project(file.parent_path().parent_path() / "project");
    if (!project) return {Outcome::Kind::failed, project.error().text()};
    auto lock =
        lockfile::read_foreign_lock(foreign.format, *text, path.string(), project->requirements);
    if (!lock) return {Outcome::Kind::failed, lock.error().text()};
    // Our own form must carry all of it.
    if (!lock->unknown.integrity) {
      const std::string own = lockfile::write_hod_lock(lock->graph);
      auto again = lockfile::read_hod_lock(own, "hod.lock");
      if (!again) return {Outcome::Kind::failed, again.error().text()};
      if (lockfile::write_hod_lock(*again) != own)
        return {Outcome::Kind::failed, "hod.lock is not canonical"};
    }
    const std::vector<std::string> changed = differences(lock->graph, project->requirements);
    if (!changed.empty()) return {Outcome::Kind::failed, "out of date: " + changed.front()};
    const bool is_berry = file.parent_path().filename() == "yarn4";
    return compare(expected_of(row.data), *lock,
                   is_berry ? project->requirements.overrides : Overrides());
  }
  return not_run("no lockfile of a known format");
}

}  // namespace hod::conformance
