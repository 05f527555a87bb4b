// SPDX-License-Identifier: MIT
// Solver scenes as a few lines of text, for tests:
//
//   project: host ^1; plug *; dev tool ^2; opt maybe *      the project's dependencies
//   member packages/a @my/a 1.2.0: host ^1                  a member of the workspace
//   plug 2.0.0: lib ^1; peer host ^2; peer? extra *         a version in the registry
//   tag plug latest 1.0.0
//   override host = 2.0.0
//   locked plug 1.0.0
//
// Facts beyond dependencies stand in brackets behind the version: [deprecated] [node >=18] [os
// win32] [time 100] [bundles x].
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "resolver/solver.h"

namespace hod::resolver {

class World {
 public:
  explicit World(std::string_view text) {
    requirements.importers.push_back({".", "project", "1.0.0", {}});
    for (const std::string& line : split(text, '\n')) add_line(line);
    for (auto& [name, builder] : builders_) {
      for (const auto& [tag, version] : tags_[name]) builder.add_tag(tag, version);
      registry.emplace(name, make_package_metadata(std::move(builder)));
    }
    if (!locked_.packages.empty()) locked = locked_;
  }

  // Solves, answering in the order asked (or, with `backwards`, the other way round and one at a
  // time).
  World& solve(bool backwards = false) {
    Solver solver(requirements, locked ? &*locked : nullptr, policy);
    std::vector<MetadataKey> waiting;
    rounds = 0;
    for (;;) {
      Solver::Step step = solver.advance();
      if (step.done) break;
      rounds += step.needed.empty() ? 0 : 1;
      for (MetadataKey& key : step.needed) waiting.push_back(std::move(key));
      while (!waiting.empty()) {
        const MetadataKey key = backwards ? waiting.back() : waiting.front();
        waiting.erase(backwards ? waiting.end() - 1 : waiting.begin());
        answer(solver, key);
        if (backwards) break;
      }
    }
    graph.reset();
    error.reset();
    conflict.reset();
    Result<ResolutionGraph> result = solver.take_result();
    if (result) {
      graph = std::move(*result);
    } else {
      error = std::move(result).error();
    }
    if (solver.conflict()) conflict = *solver.conflict();
    warnings = solver.warnings();
    statistics = solver.statistics();
    return *this;
  }

  // "a@1.0.0 b@2.0.0(a@1.0.0)": all packages of the solution; or "refused".
  std::string packages() const {
    if (!graph) return "refused";
    std::string text;
    for (const GraphPackage& package : graph->packages) {
      text += (text.empty() ? "" : " ") + package.id() + package.peer_context;
    }
    return text;
  }

  // Where the edge `alias` of an importer's path or a package's id (with its peer context) ends: an
  // id, a path, "absent".
  std::string edge(const std::string& owner, const std::string& alias) const {
    if (!graph) return "refused";
    for (const GraphImporter& importer : graph->importers) {
      if (importer.path == owner) return edge_of(importer.edges, alias);
    }
    for (const GraphPackage& package : graph->packages) {
      if (package.id() + package.peer_context == owner) return edge_of(package.edges, alias);
    }
    return "no such owner";
  }

  std::string explanation() const { return error ? error->text() : "solved"; }

  // A file, folder or git source that can be had.
  void add_source(const PackageSource& asked, VersionFacts facts, std::string_view name,
                  PackageSource final_source) {
    PackageMetadataBuilder builder(name);
    builder.add_version(std::move(facts));
    sources.emplace(asked, ProvidedSource{make_package_metadata(std::move(builder)), final_source});
  }

  Requirements requirements;
  Policy policy;
  std::map<std::string, PackageMetadata> registry;
  std::map<PackageSource, ProvidedSource> sources;
  std::optional<ResolutionGraph> locked;

  std::optional<ResolutionGraph> graph;
  std::optional<Error> error;
  std::optional<Conflict> conflict;
  std::vector<Warning> warnings;
  Solver::Statistics statistics;
  std::size_t rounds = 0;
  std::set<std::string> names_asked;  // names, since the beginning

 private:
  static std::string trimmed(std::string_view text) {
    const std::size_t from = text.find_first_not_of(" \t");
    if (from == std::string_view::npos) return "";
    return std::string(text.substr(from, text.find_last_not_of(" \t") - from + 1));
  }
  static std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find(separator), text.size());
      if (std::string part = trimmed(text.substr(0, end)); !part.empty()) {
        parts.push_back(std::move(part));
      }
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
  }

  static std::vector<Dependency> dependencies(std::string_view text) {
    static const std::map<std::string, DependencyKind> kKinds = {
        {"dev", DependencyKind::development},
        {"opt", DependencyKind::optional},
        {"peer", DependencyKind::peer},
        {"peer?", DependencyKind::optional_peer}};
    std::vector<Dependency> list;
    for (const std::string& entry : split(text, ';')) {
      std::size_t blank = entry.find(' ');
      std::string name = entry.substr(0, blank);
      std::string rest = blank == std::string::npos ? "" : trimmed(entry.substr(blank));
      DependencyKind kind = DependencyKind::production;
      if (const auto known = kKinds.find(name); known != kKinds.end()) {
        kind = known->second;
        blank = rest.find(' ');
        name = rest.substr(0, blank);
        rest = blank == std::string::npos ? "" : trimmed(rest.substr(blank));
      }
      list.push_back({name, rest, kind});
    }
    return list;
  }

  PackageMetadataBuilder& builder(const std::string& name) {
    return builders_.try_emplace(name, name).first->second;
  }

  void add_fact(const std::string& fact, const std::string& name, VersionFacts& facts) {
    const std::size_t blank = fact.find(' ');
    const std::string word = fact.substr(0, blank);
    const std::string rest = blank == std::string::npos ? "" : fact.substr(blank + 1);
    if (word == "deprecated") facts.deprecated = "no longer kept";
    if (word == "node") facts.node_engine = rest;
    if (word == "os") facts.platform.os = {rest};
    if (word == "bundles") facts.bundled.push_back(rest);
    if (word == "time") {
      facts.published = std::stoll(rest);
      builder(name).set_has_publish_times(true);
    }
  }

  void add_version(std::string head, std::string_view tail) {
    VersionFacts facts;
    facts.dependencies = dependencies(tail);
    const std::string name = head.substr(0, head.find(' '));
    for (std::size_t open = head.find('['); open != std::string::npos; open = head.find('[')) {
      add_fact(head.substr(open + 1, head.find(']') - open - 1), name, facts);
      head.erase(open, head.find(']') - open + 1);
    }
    facts.version = trimmed(head.substr(head.find(' ')));
    builder(name).add_version(std::move(facts));
  }

  void add_line(const std::string& line) {
    const std::vector<std::string> words = split(line, ' ');
    if (words[0] == "tag") {
      tags_[words[1]].emplace_back(words[2], words[3]);
    } else if (words[0] == "override") {
      Override rule;
      rule.target.name = words[1];
      rule.specifier = words[3];
      rule.origin = "overrides." + words[1];
      requirements.overrides.rules.push_back(std::move(rule));
    } else if (words[0] == "locked") {
      GraphPackage package;
      package.name = words[1];
      package.version = words[2];
      locked_.packages.push_back(std::move(package));
    } else {
      const std::size_t colon =
          line.find(": ") == std::string::npos ? line.rfind(':') : line.find(": ");
      const std::string head = trimmed(line.substr(0, colon));
      const std::string tail = line.substr(colon + 1);
      if (head == "project") {
        requirements.importers[0].dependencies = dependencies(tail);
      } else if (words[0] == "member") {
        const std::vector<std::string> parts = split(head, ' ');
        requirements.importers.push_back({parts[1], parts[2], parts[3], dependencies(tail)});
      } else {
        add_version(head, tail);
      }
    }
  }

  void answer(Solver& solver, const MetadataKey& key) {
    names_asked.insert(key.name);
    if (key.source.kind != PackageSource::Kind::registry) {
      const auto known = sources.find(key.source);
      if (known != sources.end()) return solver.provide_source(key, known->second);
    } else if (const auto known = registry.find(key.name); known != registry.end()) {
      return solver.provide(key, known->second);
    }
    solver.provide_missing(
        key, Error(ErrorCode::package_not_found, "there is no package `" + key.name + "`"));
  }

  std::string edge_of(const std::vector<GraphEdge>& edges, const std::string& alias) const {
    for (const GraphEdge& one : edges) {
      if (one.alias != alias) continue;
      switch (one.target.kind) {
        case EdgeTarget::Kind::absent:
          return "absent";
        case EdgeTarget::Kind::importer:
          return graph->importers[one.target.index].path;
        case EdgeTarget::Kind::package:
          return graph->packages[one.target.index].id() +
                 graph->packages[one.target.index].peer_context;
      }
    }
    return "no such edge";
  }

  std::map<std::string, PackageMetadataBuilder> builders_;
  std::map<std::string, std::vector<std::pair<std::string, std::string>>> tags_;
  ResolutionGraph locked_;
};

}  // namespace hod::resolver
