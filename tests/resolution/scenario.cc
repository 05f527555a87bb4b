// SPDX-License-Identifier: MIT
// See scenario.h.
#include "tests/resolution/scenario.h"

#include <algorithm>

#include "core/model/manifest.h"

namespace hod::resolution {

namespace {

constexpr const char* kRoot = "<root>";

std::vector<std::string> strings_of(const Json* list) {
  std::vector<std::string> texts;
  if (!list) return texts;
  if (list->is_string()) texts.push_back(list->as_string());
  for (const Json& element : list->elements()) texts.push_back(element.as_string());
  return texts;
}

void add_dependencies(const Json& manifest, const char* field, DependencyKind kind,
                      std::vector<Dependency>& into) {
  const Json* list = manifest.find(field);
  if (!list) return;
  const Json* meta = manifest.find("peerDependenciesMeta");
  for (const auto& [name, specifier] : list->members()) {
    DependencyKind one = kind;
    if (kind == DependencyKind::peer && meta) {
      const Json* entry = meta->find(name);
      const Json* optional = entry ? entry->find("optional") : nullptr;
      if (optional && optional->as_boolean()) one = DependencyKind::optional_peer;
    }
    into.push_back({name, specifier.as_string(), one});
  }
}

VersionFacts facts_of(const std::string& version, const Json& manifest) {
  VersionFacts facts;
  facts.version = version;
  add_dependencies(manifest, "dependencies", DependencyKind::production, facts.dependencies);
  add_dependencies(manifest, "optionalDependencies", DependencyKind::optional, facts.dependencies);
  add_dependencies(manifest, "peerDependencies", DependencyKind::peer, facts.dependencies);
  facts.platform.os = strings_of(manifest.find("os"));
  facts.platform.cpu = strings_of(manifest.find("cpu"));
  if (const Json* engines = manifest.find("engines")) {
    if (const std::string* node = engines->find_string("node")) facts.node_engine = *node;
  }
  if (const std::string* message = manifest.find_string("deprecated")) facts.deprecated = *message;
  facts.integrity = "sha512-" + std::string(86, 'A') + "==";
  return facts;
}

ResolutionGraph locked_graph(const Json& locked) {
  ResolutionGraph graph;
  for (const auto& [name, versions] : locked.members()) {
    for (const std::string& version : strings_of(&versions)) {
      GraphPackage package;
      package.name = name;
      package.version = version;
      graph.packages.push_back(std::move(package));
    }
  }
  return graph;
}

std::uint64_t next_random(std::uint64_t& state) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

void give(const Scenario& scenario, const resolver::MetadataKey& key, resolver::Solver& solver) {
  const auto known = scenario.registry.find(key.name);
  if (known == scenario.registry.end() || key.source.kind != PackageSource::Kind::registry) {
    solver.provide_missing(
        key, Error(ErrorCode::package_not_found, "there is no package `" + key.name + "`"));
  } else {
    solver.provide(key, known->second);
  }
}

// The graph as parents and slots, what is not for this platform left out.
class SolutionWriter {
 public:
  SolutionWriter(const ResolutionGraph& graph, const Platform& platform)
      : graph_(graph), present_(installable(graph, platform, {}).packages) {}

  Json instances() {
    Json list = Json::array();
    Json root = Json::object();
    root.set("id", Json::string(kRoot));
    add_slots(root, "", graph_.importers[0].edges);
    list.push(std::move(root));
    for (std::size_t i = 0; i < graph_.packages.size(); ++i) {
      if (!present_[i]) continue;
      const GraphPackage& package = graph_.packages[i];
      Json instance = Json::object();
      instance.set("id", Json::string(id_of(i)));
      instance.set("name", Json::string(package.name));
      instance.set("version", Json::string(package.version));
      add_slots(instance, package.name, package.edges);
      list.push(std::move(instance));
    }
    return list;
  }

 private:
  std::string id_of(std::size_t i) const {
    return graph_.packages[i].id() + graph_.packages[i].peer_context;
  }
  bool is_here(const GraphEdge& edge) const {
    return edge.target.kind == EdgeTarget::Kind::package && present_[edge.target.index];
  }

  void add_slots(Json& instance, const std::string& name, const std::vector<GraphEdge>& edges) {
    std::map<std::string, std::uint32_t> slots;
    Json peers = Json::object();
    std::vector<std::uint32_t> children;
    for (const GraphEdge& edge : edges) {
      if (!is_here(edge)) continue;
      const bool own_peer = !name.empty() && (edge.kind == DependencyKind::peer ||
                                              edge.kind == DependencyKind::optional_peer);
      if (own_peer) {
        peers.set(edge.alias, Json::string(id_of(edge.target.index)));
      } else {
        slots[edge.alias] = edge.target.index;
        children.push_back(edge.target.index);
      }
    }
    // What the children share without the parent having asked for it: implicit slots.
    for (std::size_t next = 0; next < children.size(); ++next) {
      for (const GraphEdge& edge : graph_.packages[children[next]].edges) {
        if (!is_here(edge) || edge.alias == name || peers.find(edge.alias)) continue;
        if (edge.kind != DependencyKind::peer && edge.kind != DependencyKind::optional_peer) {
          continue;
        }
        if (slots.try_emplace(edge.alias, edge.target.index).second) {
          children.push_back(edge.target.index);
        }
      }
    }
    Json list = Json::object();
    for (const auto& [alias, index] : slots) list.set(alias, Json::string(id_of(index)));
    instance.set("slots", std::move(list));
    instance.set("peers", std::move(peers));
  }

  const ResolutionGraph& graph_;
  std::vector<bool> present_;
};

// In flat mode everybody sees everything.
Json flat_instances(Json instances) {
  Json all = Json::object();
  for (const Json& instance : instances.elements()) {
    if (const std::string* name = instance.find_string("name")) {
      all.set(*name, Json::string(instance.find("id")->as_string()));
    }
  }
  Json list = Json::array();
  for (Json instance : instances.elements()) {
    Json slots = all;
    for (const auto& [alias, id] : instance.find("slots")->members()) slots.set(alias, id);
    instance.set("slots", std::move(slots));
    list.push(std::move(instance));
  }
  return list;
}

}  // namespace

Result<Scenario> read_scenario(const Json& data) {
  Scenario scenario;
  const Json* root = data.find("root");
  const Json* registry = data.find("registry");
  if (!root || !registry) return failure(ErrorCode::usage, "no scenario");
  if (const std::string* mode = data.find_string("mode")) scenario.mode = *mode;
  HOD_TRY(const Manifest manifest, Manifest::parse(root->dump(), "package.json", Strict::no));
  HOD_TRY(scenario.requirements, Requirements::of_manifests({{".", &manifest}}));
  for (const auto& [name, versions] : registry->members()) {
    PackageMetadataBuilder builder(name);
    for (const auto& [version, facts] : versions.members()) {
      builder.add_version(facts_of(version, facts));
    }
    scenario.registry.emplace(name, make_package_metadata(std::move(builder)));
  }
  if (const Json* locked = data.find("locked")) scenario.locked = locked_graph(*locked);
  const Json* environment = data.find("environment");
  const auto setting = [&](const char* name, const char* usual) {
    const std::string* text = environment ? environment->find_string(name) : nullptr;
    return text ? *text : std::string(usual);
  };
  scenario.policy.flat = scenario.mode == "flat";
  scenario.policy.engine_strict = true;
  scenario.policy.node_version = setting("node", "20.0.0");
  scenario.policy.platform = Platform{setting("os", "linux"), setting("cpu", "x64"), ""};
  return scenario;
}

Answer solve(const Scenario& scenario, std::uint64_t shuffle) {
  resolver::Solver solver(scenario.requirements, scenario.locked ? &*scenario.locked : nullptr,
                          scenario.policy);
  Answer answer;
  std::vector<resolver::MetadataKey> waiting;
  for (;;) {
    const resolver::Solver::Step step = solver.advance();
    if (step.done) break;
    for (const auto* list : {&step.needed, &step.likely}) {
      waiting.insert(waiting.end(), list->begin(), list->end());
    }
    answer.rounds += step.needed.empty() ? 0 : 1;
    if (shuffle == 0) {
      for (const resolver::MetadataKey& key : waiting) give(scenario, key, solver);
      waiting.clear();
    } else if (!waiting.empty()) {
      std::swap(waiting[next_random(shuffle) % waiting.size()], waiting.back());
      give(scenario, waiting.back(), solver);
      waiting.pop_back();
    }
  }
  Result<ResolutionGraph> graph = solver.take_result();
  if (graph) {
    answer.graph = std::move(*graph);
  } else {
    answer.error = std::move(graph).error();
  }
  if (solver.conflict()) answer.conflict = *solver.conflict();
  answer.warnings = solver.warnings();
  answer.statistics = solver.statistics();
  return answer;
}

Json solution_of(const Scenario& scenario, const Answer& answer) {
  Json solution = Json::object();
  solution.set("solvable", Json::boolean(answer.graph.has_value()));
  if (!answer.graph) {
    solution.set("explanation", Json::string(answer.error ? answer.error->text() : ""));
    return solution;
  }
  Json instances = SolutionWriter(*answer.graph, *scenario.policy.platform).instances();
  if (scenario.policy.flat) instances = flat_instances(std::move(instances));
  solution.set("instances", std::move(instances));
  return solution;
}

}  // namespace hod::resolution
