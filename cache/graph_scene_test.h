// For tests: graphs written as text, and a slow, obvious reading of a TreeShape by Node's rules.
//
//   . -> a@1, dev b@2, x=c@1            the root importer; x is an alias
//   /packages/w w@1 -> a@2, b=/packages/v   a workspace member and its name; an edge to a member
//   a@1 -> peer p@1, optional c@1, p?       optional peer that nobody provides
//   a@1(p@1) -> …                           an instance with a peer context
//   a@1 [bundles x y] [bin t=cli.js] [scripts] [folder libs/a] [link ../b] -> …
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "cache/link_plan.h"
#include "cache/tree_path.h"
#include "core/base/lexical_path.h"

namespace hod::cache::scene {

inline std::string trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  return std::string(text);
}

inline std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t end = text.find(separator);
    std::string part = trimmed(text.substr(0, end));
    if (!part.empty()) out.push_back(std::move(part));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

struct PackageText {
  std::string name, version, context;
};
inline PackageText package_text(const std::string& text) {
  const std::size_t paren = text.find('(');
  const std::string id = text.substr(0, paren);
  const std::size_t at = id.rfind('@');
  return {id.substr(0, at), id.substr(at + 1),
          paren == std::string::npos ? "" : text.substr(paren)};
}

class Reader {
 public:
  ResolutionGraph read(std::string_view text) {
    std::vector<std::string> lines = split(text, '\n');
    for (const std::string& line : lines) declare(trimmed(line.substr(0, line.find("->"))));
    for (const std::string& line : lines) {
      const std::size_t arrow = line.find("->");
      const std::vector<std::string> edges = arrow == std::string::npos
                                                 ? std::vector<std::string>{}
                                                 : split(line.substr(arrow + 2), ',');
      const std::string head = trimmed(line.substr(0, line.find_first_of("[", 0)).substr(0, arrow));
      for (const std::string& edge : edges) {
        edges_of(head).push_back(edge_of(edge));
      }
    }
    for (GraphImporter& importer : graph_.importers) sort(importer.edges);
    for (GraphPackage& package : graph_.packages) sort(package.edges);
    return graph_;
  }

 private:
  static void sort(std::vector<GraphEdge>& edges) {
    std::sort(edges.begin(), edges.end(),
              [](const GraphEdge& a, const GraphEdge& b) { return a.alias < b.alias; });
  }

  PackageIndex package(const std::string& text) {
    const auto [found, fresh] =
        packages_.try_emplace(text, static_cast<PackageIndex>(graph_.packages.size()));
    if (fresh) {
      GraphPackage made;
      const PackageText parts = package_text(text);
      made.name = parts.name;
      made.version = parts.version;
      made.peer_context = parts.context;
      made.integrity = "sha512-" + text + "-------------------------------------";
      graph_.packages.push_back(made);
    }
    return found->second;
  }

  void declare(const std::string& head) {
    if (head[0] == '.' || head[0] == '/') {
      GraphImporter importer;
      const std::vector<std::string> words = split(head, ' ');
      importer.path = head[0] == '.' ? "." : words[0].substr(1);
      if (words.size() > 1) importer.name = package_text(words[1]).name;
      importers_[words[0]] = static_cast<std::uint32_t>(graph_.importers.size());
      graph_.importers.push_back(importer);
      return;
    }
    const std::size_t bracket = head.find('[');
    const PackageIndex index = package(trimmed(head.substr(0, bracket)));
    if (bracket == std::string::npos) return;
    for (const std::string& part : split(head.substr(bracket), '[')) {
      describe(graph_.packages[index], split(part.substr(0, part.find(']')), ' '));
    }
  }

  static void describe(GraphPackage& made, const std::vector<std::string>& words) {
    for (std::size_t i = 1; i < words.size(); ++i) {
      const std::size_t equal = words[i].find('=');
      if (words[0] == "bundles") made.bundled.push_back(words[i]);
      if (words[0] == "bin")
        made.bins.push_back({words[i].substr(0, equal), words[i].substr(equal + 1)});
      if (words[0] == "folder") made.source = {PackageSource::Kind::directory, words[i]};
      if (words[0] == "link") made.source = {PackageSource::Kind::link, words[i]};
    }
    if (words[0] == "scripts") made.has_install_script = true;
  }

  std::vector<GraphEdge>& edges_of(const std::string& head) {
    const std::string first = split(head, ' ')[0];
    if (importers_.count(first) != 0) return graph_.importers[importers_[first]].edges;
    return graph_.packages[package(head)].edges;
  }

  GraphEdge edge_of(std::string text) {
    GraphEdge edge;
    const std::vector<std::pair<std::string, DependencyKind>> kinds = {
        {"peer ", DependencyKind::peer},
        {"dev ", DependencyKind::development},
        {"optional ", DependencyKind::optional}};
    for (const auto& [word, kind] : kinds) {
      if (text.rfind(word, 0) != 0) continue;
      edge.kind = kind;
      text = text.substr(word.size());
    }
    if (text.back() == '?') {
      edge.alias = text.substr(0, text.size() - 1);
      edge.kind = DependencyKind::optional_peer;
      return edge;
    }
    const std::size_t equal = text.find('=');
    const std::string target = equal == std::string::npos ? text : text.substr(equal + 1);
    edge.alias = equal == std::string::npos ? package_text(target).name : text.substr(0, equal);
    if (target[0] == '/' || target == ".") {
      edge.target = {EdgeTarget::Kind::importer, importers_.at(target)};
    } else {
      edge.target = {EdgeTarget::Kind::package, package(target)};
    }
    return edge;
  }

  ResolutionGraph graph_;
  std::map<std::string, PackageIndex> packages_;
  std::map<std::string, std::uint32_t> importers_;
};

inline ResolutionGraph graph(std::string_view text) { return Reader().read(text); }

inline ShapeOptions all_of(const ResolutionGraph& graph, Layout layout) {
  ShapeOptions options;
  options.layout = layout;
  options.wanted.assign(graph.packages.size(), true);
  return options;
}

// The tree as Node sees it.
class Walker {
 public:
  explicit Walker(const ResolutionGraph& graph, const TreeShape& shape) : graph_(graph) {
    for (const PlacedPackage& placed : shape.packages) {
      folders_[placed.path] = "package " + std::to_string(placed.package);
      for (const std::string& name : graph.packages[placed.package].bundled) {
        folders_[placed.path + "/node_modules/" + name] = "bundled";
      }
    }
    for (const PlacedLink& link : shape.links) {
      links_[link.path] = shortest_path(joined(parent_path(link.path), link.target));
    }
    for (std::uint32_t i = 0; i < graph.importers.size(); ++i) {
      folders_[shortest_path(graph.importers[i].path)] = "importer " + std::to_string(i);
    }
    for (PackageIndex i = 0; i < graph.packages.size(); ++i) {
      const PackageSource& source = graph.packages[i].source;
      if (source.kind != PackageSource::Kind::directory && source.kind != PackageSource::Kind::link)
        continue;
      folders_.try_emplace(shortest_path(source.location), "package " + std::to_string(i));
    }
  }

  // The real folder that `name` means in `folder`, or "".
  std::string find(std::string folder, const std::string& name) const {
    for (;;) {
      if (base_name(folder) != "node_modules") {
        const std::string candidate = joined(joined(folder, "node_modules"), name);
        const auto link = links_.find(candidate);
        if (link != links_.end()) return real(link->second);
        if (folders_.count(candidate) != 0) return candidate;
      }
      if (folder.empty()) return "?";
      folder = std::string(parent_path(folder));
    }
  }

  std::string what(const std::string& folder) const {
    const auto found = folders_.find(folder);
    return found == folders_.end() ? "nothing" : found->second;
  }

  std::string real(std::string path) const {
    for (auto link = links_.find(path); link != links_.end(); link = links_.find(path)) {
      path = link->second;
    }
    return path;
  }

  static std::string expected(const EdgeTarget& target) {
    return (target.kind == EdgeTarget::Kind::package ? "package " : "importer ") +
           std::to_string(target.index);
  }

  // Every edge of every folder leads where the graph says. Returns what does not.
  std::vector<std::string> violations() const {
    std::vector<std::string> out;
    for (const auto& [folder, kind] : folders_) {
      const std::vector<GraphEdge>* edges = edges_of(folder, kind);
      if (edges == nullptr) continue;
      for (const GraphEdge& edge : *edges) {
        if (edge.target.kind == EdgeTarget::Kind::absent) continue;
        const std::string found = find(folder, edge.alias);
        if (what(found) == expected(edge.target)) continue;
        out.push_back(folder + " (" + kind + ") -> " + edge.alias + ": " + found + " (" +
                      what(found) + ") instead of " + expected(edge.target));
      }
    }
    return out;
  }

  // Peers that are not the very folder that the dependent sees, although it is the same package.
  std::vector<std::string> split_peers() const {
    std::vector<std::string> out;
    for (const auto& [folder, kind] : folders_) {
      const std::vector<GraphEdge>* edges = edges_of(folder, kind);
      if (edges == nullptr) continue;
      for (const GraphEdge& edge : *edges) {
        if (edge.target.kind != EdgeTarget::Kind::package) continue;
        if (edge.kind == DependencyKind::peer) continue;  // its own dependents chose its peers
        const std::string child = find(folder, edge.alias);
        for (const GraphEdge& peer : graph_.packages[edge.target.index].edges) {
          if (peer.kind != DependencyKind::peer) continue;
          for (const GraphEdge& mine : *edges) {
            if (mine.alias != peer.alias || mine.target != peer.target) continue;
            if (find(folder, mine.alias) != find(child, peer.alias)) {
              out.push_back(folder + " and " + child + " differ in " + peer.alias);
            }
          }
        }
      }
    }
    return out;
  }

 private:
  const std::vector<GraphEdge>* edges_of(const std::string& folder, const std::string& kind) const {
    const std::size_t blank = kind.find(' ');
    if (blank == std::string::npos) return nullptr;
    const std::size_t index = std::stoul(kind.substr(blank + 1));
    if (kind[0] == 'i') return &graph_.importers[index].edges;
    const GraphPackage& package = graph_.packages[index];
    if (package.source.kind == PackageSource::Kind::link) return nullptr;
    if (folder.rfind("..", 0) == 0 || folder.rfind('/', 0) == 0) return nullptr;
    return &package.edges;
  }

  const ResolutionGraph& graph_;
  std::map<std::string, std::string> folders_;  // real folder → what it is
  std::map<std::string, std::string> links_;    // link → where it leads
};

inline std::set<std::string> package_paths(const TreeShape& shape) {
  std::set<std::string> out;
  for (const PlacedPackage& placed : shape.packages) out.insert(placed.path);
  return out;
}

}  // namespace hod::cache::scene
