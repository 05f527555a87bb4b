// SPDX-License-Identifier: MIT
// hod why: for each copy of a package where it is, who asks for it with which range and by which
// way, and what decided its version. From hod.lock alone, but for the versions there might have
// been: those are asked of the cache first, and left out when nobody answers.
#include <algorithm>
#include <deque>
#include <map>

#include <fmt/core.h>

#include "cache/link_plan.h"
#include "cli/glob.h"
#include "cli/graph_question.h"
#include "core/base/edit_distance.h"
#include "core/base/printable.h"

namespace hod::cli {

namespace {

constexpr std::size_t kMostSteps = 5;  // of a way that are shown

struct Asking {
  std::string who;  // "a 1.0.0", "your package.json"
  std::string specifier;
  DependencyKind kind = DependencyKind::production;
  std::string way;       // from there to a project: "<- app \"a\": ^1.0.0"
  bool decides = false;  // refuses what would be newer
};

struct Answer {
  std::string name, version;
  std::vector<std::string> places;  // folders
  std::vector<Asking> asking;
  std::vector<std::string> overrides;
  std::string verdict;  // why it is no other version
};

// name@version, whatever their peers: one answer.
using Versions = std::map<std::string, std::set<PackageIndex>>;

class Enquiry {
 public:
  Enquiry(const ResolutionGraph& graph, const InstallOptions& options)
      : graph_(graph), gate_(AgeGate::of(options)), parents_(graph.packages.size()) {
    find_parents();
    place(options);
  }

  std::vector<Answer> about(const std::string& name, const Range& range,
                            const PackageMetadata* metadata) const {
    Versions versions;
    for (PackageIndex i = 0; i < graph_.packages.size(); ++i) {
      const GraphPackage& package = graph_.packages[i];
      auto version = Version::parse(package.version);
      if (package.name != name || (version && !range.is_any() && !range.contains(*version)))
        continue;
      versions[package.version].insert(i);
    }
    std::vector<Answer> answers;
    for (const auto& [version, instances] : versions) {
      Answer answer{name, version, {}, asking_for(instances), overrides_of(name), ""};
      for (PackageIndex instance : instances) {
        answer.places.insert(answer.places.end(), places_[instance].begin(),
                             places_[instance].end());
      }
      if (metadata != nullptr) decide(answer, *metadata);
      answers.push_back(std::move(answer));
    }
    return answers;
  }

 private:
  // The first step of a shortest way from a project to each package.
  struct Parent {
    std::optional<PackageIndex> package;      // else an importer
    const GraphImporter* importer = nullptr;  // null and no package: not reached
    const GraphEdge* edge = nullptr;
  };

  void find_parents() {
    std::deque<PackageIndex> waiting;
    const auto follow = [&](const std::vector<GraphEdge>& edges, Parent parent) {
      for (const GraphEdge& edge : edges) {
        if (edge.target.kind != EdgeTarget::Kind::package) continue;
        Parent& known = parents_[edge.target.index];
        if (known.edge != nullptr) continue;
        known = parent;
        known.edge = &edge;
        waiting.push_back(edge.target.index);
      }
    };
    for (const GraphImporter& importer : graph_.importers)
      follow(importer.edges, {std::nullopt, &importer, nullptr});
    while (!waiting.empty()) {
      PackageIndex next = waiting.front();
      waiting.pop_front();
      follow(graph_.packages[next].edges, {next, nullptr, nullptr});
    }
  }

  void place(const InstallOptions& options) {
    cache::ShapeOptions shape;
    shape.layout = options.layout;
    shape.wanted = installable(graph_, options.platform, options.omit).packages;
    shape.omit = options.omit;
    shape.importer_bins.resize(graph_.importers.size());
    places_.resize(graph_.packages.size());
    for (const cache::PlacedPackage& placed : cache::make_shape(graph_, shape).packages)
      places_[placed.package].push_back(placed.path);
  }

  std::string label(PackageIndex index) const {
    return graph_.packages[index].name + " " + graph_.packages[index].version;
  }

  std::string way_to(PackageIndex index) const {
    std::string out;
    std::size_t steps = 0;
    for (std::optional<PackageIndex> at = index; at;) {
      const Parent& parent = parents_[*at];
      if (parent.edge == nullptr) break;
      if (++steps > kMostSteps) return out + " <- …";
      std::string who = parent.package ? label(*parent.package) : importer_label(*parent.importer);
      out += fmt::format("{}<- {} \"{}\": {}", out.empty() ? "" : " ", who, parent.edge->alias,
                         parent.edge->specifier);
      at = parent.package;
    }
    return out;
  }

  std::vector<Asking> asking_for(const std::set<PackageIndex>& instances) const {
    std::vector<Asking> out;
    std::set<std::pair<std::string, std::string>> told;
    const auto look = [&](const std::vector<GraphEdge>& edges, const std::string& who,
                          std::optional<PackageIndex> from) {
      for (const GraphEdge& edge : edges) {
        bool here =
            edge.target.kind == EdgeTarget::Kind::package && instances.contains(edge.target.index);
        if (!here || !told.emplace(who, edge.specifier).second) continue;
        out.push_back({who, edge.specifier, edge.kind, from ? way_to(*from) : ""});
      }
    };
    for (const GraphImporter& importer : graph_.importers)
      look(importer.edges, importer_label(importer), std::nullopt);
    for (PackageIndex i = 0; i < graph_.packages.size(); ++i)
      look(graph_.packages[i].edges, label(i), i);
    return out;
  }

  std::vector<std::string> overrides_of(const std::string& name) const {
    std::vector<std::string> out;
    for (const auto& [origin, specifier] : graph_.overrides) {
      std::size_t found = origin.find(name);
      if (found == std::string::npos) continue;
      char before = found == 0 ? '.' : origin[found - 1];
      std::size_t end = found + name.size();
      char after = end >= origin.size() ? '.' : origin[end];
      bool whole = std::string_view(".>/ ").find(before) != std::string_view::npos &&
                   std::string_view(".>@ ").find(after) != std::string_view::npos;
      if (whole) out.push_back(fmt::format("{}: {}", origin, specifier));
    }
    return out;
  }

  static std::optional<Range> range_of(const Asking& asking) {
    auto specifier = Specifier::parse(asking.specifier);
    if (!specifier) return std::nullopt;
    const RangeSpecifier* range = specifier->as<RangeSpecifier>();
    if (const auto* alias = specifier->as<AliasSpecifier>())
      range = std::get_if<RangeSpecifier>(&alias->target);
    return range != nullptr ? std::optional<Range>(range->range) : std::nullopt;
  }

  // Looks at the newest version that somebody would take: who refuses it decides.
  void decide(Answer& answer, const PackageMetadata& metadata) const {
    std::optional<std::uint32_t> now = metadata.find(answer.version);
    if (!now) return;
    std::vector<std::optional<Range>> ranges;
    for (const Asking& asking : answer.asking) ranges.push_back(range_of(asking));
    std::optional<std::uint32_t> newer, for_all;
    for (std::uint32_t i = 0; i < metadata.version_count(); ++i) {
      if (metadata.version(i).is_prerelease() || metadata.is_deprecated(i)) continue;
      std::size_t taking = 0;
      for (const auto& range : ranges)
        taking += !range || range->contains(metadata.version(i)) ? 1U : 0U;
      if (taking == ranges.size()) for_all = i;
      if (taking > 0 && i > *now) newer = i;
    }
    answer.verdict = newer ? verdict_on(answer, ranges, metadata, *newer, for_all)
                           : not_asked_for(metadata, *now);
  }

  static std::string not_asked_for(const PackageMetadata& metadata, std::uint32_t now) {
    std::optional<std::uint32_t> latest = metadata.tag("latest");
    if (!latest || *latest <= now) return "";
    return fmt::format("not {}: no range allows it", metadata.version_text(*latest));
  }

  std::string verdict_on(Answer& answer, const std::vector<std::optional<Range>>& ranges,
                         const PackageMetadata& metadata, std::uint32_t newer,
                         std::optional<std::uint32_t> for_all) const {
    std::string version(metadata.version_text(newer));
    std::vector<std::string> refusing;
    for (std::size_t i = 0; i < ranges.size(); ++i) {
      if (!ranges[i] || ranges[i]->contains(metadata.version(newer))) continue;
      answer.asking[i].decides = true;
      const std::string& who = answer.asking[i].who;
      if (std::find(refusing.begin(), refusing.end(), who) == refusing.end())
        refusing.push_back(who);
    }
    if (refusing.empty()) {
      if (!gate_.holds_back(metadata, newer))
        return fmt::format("not {}: hod.lock keeps {}; `hod update {}` moves it", version,
                           answer.version, answer.name);
      std::string wait = gate_.wait(metadata, newer);
      return fmt::format("not {}: too young{}", version,
                         wait.empty() ? "" : fmt::format(", waits {} (release age)", wait));
    }
    std::string out = fmt::format("not {}: {} {} it", version, listed(refusing),
                                  refusing.size() == 1 ? "refuses" : "refuse");
    if (for_all) {
      out += fmt::format(". Newest that all accept: {}", metadata.version_text(*for_all));
    } else {
      out += ". No version is accepted by all";
    }
    return out;
  }

  static std::string listed(const std::vector<std::string>& words) {
    constexpr std::size_t kMost = 5;
    if (words.size() > kMost)
      return fmt::format("{}, {} and {} more", words[0], words[1], words.size() - 2);
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i)
      out += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
    return out;
  }

  const ResolutionGraph& graph_;
  AgeGate gate_;
  std::vector<Parent> parents_;
  std::vector<std::vector<std::string>> places_;
};

std::string kind_text(DependencyKind kind) {
  return kind == DependencyKind::production ? "" : fmt::format(" ({})", dependency_kind_name(kind));
}

std::string text_of(const Answer& answer) {
  std::size_t copies = answer.places.size();
  std::string out = fmt::format("{} {}   {}   {}\n", answer.name, answer.version,
                                copies == 0 ? "not installed here" : answer.places.front(),
                                copies == 1 ? "1 copy" : fmt::format("{} copies", copies));
  std::size_t who = 0, range = 0;
  for (const Asking& asking : answer.asking) {
    who = std::max(who, asking.who.size());
    range = std::max(range, asking.specifier.size() + kind_text(asking.kind).size());
  }
  for (const Asking& asking : answer.asking) {
    std::string line = fmt::format("  {:<{}}  wants {:<{}}  {}{}", asking.who, who,
                                   asking.specifier + kind_text(asking.kind), range, asking.way,
                                   asking.decides ? "   decides" : "");
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  for (const std::string& rule : answer.overrides) out += "  override " + rule + "\n";
  if (!answer.verdict.empty()) out += "  " + answer.verdict + "\n";
  return printable_lines(out);
}

Json strings(const std::vector<std::string>& texts) {
  Json array = Json::array();
  for (const std::string& text : texts) array.push(Json::string(text));
  return array;
}

Json document_of(const Answer& answer) {
  Json document = Json::object();
  document.set("name", Json::string(answer.name));
  document.set("version", Json::string(answer.version));
  document.set("places", strings(answer.places));
  Json asking = Json::array();
  for (const Asking& one : answer.asking) {
    Json row = Json::object();
    row.set("who", Json::string(one.who));
    row.set("specifier", Json::string(one.specifier));
    row.set("kind", Json::string(dependency_kind_name(one.kind)));
    row.set("way", Json::string(one.way));
    row.set("decides", Json::boolean(one.decides));
    asking.push(std::move(row));
  }
  document.set("wantedBy", std::move(asking));
  document.set("overrides", strings(answer.overrides));
  document.set("verdict", Json::string(answer.verdict));
  return document;
}

// The packages that a word means: by name or pattern, and what a project calls so.
std::set<std::string> names_meant(const ResolutionGraph& graph, const std::string& word) {
  std::set<std::string> names;
  for (const GraphPackage& package : graph.packages) {
    if (package.name == word || glob_matches(word, package.name)) names.insert(package.name);
  }
  for (const GraphImporter& importer : graph.importers) {
    for (const GraphEdge& edge : importer.edges) {
      if (edge.alias == word && edge.target.kind == EdgeTarget::Kind::package)
        names.insert(graph.packages[edge.target.index].name);
    }
  }
  return names;
}

Error unknown_name(const ResolutionGraph& graph, const std::string& word) {
  Error error(ErrorCode::usage, fmt::format("`{}` is not in hod.lock", word));
  std::vector<std::string> known;
  for (const GraphPackage& package : graph.packages) known.push_back(package.name);
  std::vector<std::string> near = nearest(known, word);
  if (!near.empty()) error = std::move(error).hint(fmt::format("did you mean `{}`?", near.front()));
  return error;
}

struct Question {
  std::set<std::string> names;
  Range range = Range::any();
};

Result<Question> question_of(const ResolutionGraph& graph, const std::string& word) {
  Question question;
  std::size_t at = word.find('@', 1);
  if (at != std::string::npos) {
    HOD_TRY(question.range, Range::parse(word.substr(at + 1)));
  }
  std::string name = word.substr(0, at);
  question.names = names_meant(graph, name);
  if (question.names.empty()) return failure(unknown_name(graph, name));
  return question;
}

}  // namespace

Result<int> why_command(Session& session) {
  if (session.arguments.words().empty())
    return failure(Error(ErrorCode::usage, "`hod why` needs a package").hint("hod why <package>"));
  HOD_TRY(LockedProject locked, open_locked_project(session));
  HOD_TRY(InstallOptions options, install_options(session, locked.project.root));
  options.network.prefer_offline = true;
  std::vector<Question> questions;
  std::set<std::string> names;
  for (const std::string& word : session.arguments.words()) {
    HOD_TRY(Question question, question_of(locked.graph, word));
    names.insert(question.names.begin(), question.names.end());
    questions.push_back(std::move(question));
  }
  Services services(options);
  auto documents = ask_documents(services, names, fetcher::Freshness::normal);
  Enquiry enquiry(locked.graph, options);
  std::string out;
  Json found = Json::array();
  for (const Question& question : questions) {
    for (const std::string& name : question.names) {
      const PackageMetadata* metadata = nullptr;
      if (documents && documents->found.contains(name)) metadata = &documents->found.at(name);
      for (const Answer& answer : enquiry.about(name, question.range, metadata)) {
        out += (out.empty() ? "" : "\n") + text_of(answer);
        found.push(document_of(answer));
      }
    }
  }
  bool none = out.empty();
  session.reporter.result(out, std::move(found));
  if (none) session.reporter.line("no such version is used");
  return none ? 1 : 0;
}

}  // namespace hod::cli
