// SPDX-License-Identifier: MIT
// hod outdated: direct dependencies of which there are newer versions than hod.lock has; what `hod
// update` would take, what the registry calls latest, and what stands against it.
#include <algorithm>

#include <fmt/core.h>

#include "cli/glob.h"
#include "cli/graph_question.h"
#include "cli/selection.h"
#include "core/base/printable.h"

namespace hod::cli {

namespace {

constexpr int kOutdatedFound = 21;  // exit code, with --exit-code

struct Where {
  std::string project;  // label
  std::string specifier;
  DependencyKind kind = DependencyKind::production;
};

struct Row {
  std::string alias, package, now, in_range, latest;
  std::int64_t published = 0;  // of the latest one
  std::string note;
  std::vector<Where> where;
};

// A direct dependency as the lockfile has it.
struct Direct {
  const GraphImporter* importer;
  const GraphEdge* edge;
  const GraphPackage* package;
};

class Survey {
 public:
  Survey(const LockedProject& locked, AgeGate gate) : locked_(locked), gate_(std::move(gate)) {}

  void choose(const std::vector<std::size_t>& members, const std::vector<std::string>& words) {
    for (std::size_t index : members) {
      const GraphImporter* importer =
          importer_at(locked_.graph, locked_.project.members[index].path);
      if (importer == nullptr) continue;
      for (const GraphEdge& edge : importer->edges) {
        if (edge.target.kind != EdgeTarget::Kind::package) continue;
        const GraphPackage& package = locked_.graph.packages[edge.target.index];
        if (package.source.kind != PackageSource::Kind::registry) continue;
        bool asked_for = words.empty();
        for (const std::string& word : words)
          asked_for = asked_for || word == edge.alias || glob_matches(word, edge.alias);
        if (asked_for) direct_.push_back({importer, &edge, &package});
      }
    }
  }

  std::set<std::string> names() const {
    std::set<std::string> names;
    for (const Direct& direct : direct_) names.insert(direct.package->name);
    return names;
  }
  std::size_t direct_count() const { return direct_.size(); }

  std::vector<Row> rows(const Documents& documents) const {
    std::vector<Row> rows;
    for (const Direct& direct : direct_) {
      auto metadata = documents.found.find(direct.package->name);
      if (metadata == documents.found.end()) continue;
      std::optional<Row> row = row_of(direct, metadata->second);
      if (row) add(rows, std::move(*row));
    }
    std::sort(rows.begin(), rows.end(),
              [](const Row& a, const Row& b) { return a.alias < b.alias; });
    return rows;
  }

 private:
  // The same news of several projects is one row.
  static void add(std::vector<Row>& rows, Row row) {
    for (Row& other : rows) {
      if (other.alias != row.alias || other.now != row.now || other.in_range != row.in_range)
        continue;
      other.where.push_back(std::move(row.where.front()));
      return;
    }
    rows.push_back(std::move(row));
  }

  static std::optional<std::uint32_t> wanted(const GraphEdge& edge,
                                             const PackageMetadata& metadata) {
    auto specifier = Specifier::parse(edge.specifier);
    if (!specifier) return std::nullopt;
    const RangeSpecifier* range = specifier->as<RangeSpecifier>();
    const TagSpecifier* tag = specifier->as<TagSpecifier>();
    if (const auto* alias = specifier->as<AliasSpecifier>()) {
      range = std::get_if<RangeSpecifier>(&alias->target);
      tag = std::get_if<TagSpecifier>(&alias->target);
    }
    if (tag != nullptr) return metadata.tag(tag->tag);
    return range != nullptr ? pick(metadata, range->range, nullptr) : std::nullopt;
  }

  std::optional<Row> row_of(const Direct& direct, const PackageMetadata& metadata) const {
    auto now = Version::parse(direct.package->version);
    if (!now) return std::nullopt;
    const auto newer = [&](std::optional<std::uint32_t> version) {
      return version && compare_versions(metadata.version(*version), now->view()) > 0;
    };
    std::optional<std::uint32_t> in_range = wanted(*direct.edge, metadata);
    std::optional<std::uint32_t> latest = metadata.tag("latest");
    if (!newer(in_range) && !newer(latest)) return std::nullopt;
    Row row;
    row.alias = direct.edge->alias;
    row.package = direct.package->name;
    row.now = direct.package->version;
    row.in_range = newer(in_range) ? std::string(metadata.version_text(*in_range)) : row.now;
    row.latest = latest ? std::string(metadata.version_text(*latest)) : "";
    row.published = latest ? metadata.published(*latest) : 0;
    if (newer(in_range) && gate_.holds_back(metadata, *in_range)) {
      row.note = waiting(metadata, *in_range);
    } else if (newer(latest) && row.latest != row.in_range) {
      row.note = beyond_range(direct, metadata, *latest, *now);
    }
    if (!direct.package->deprecated.empty())
      row.note += (row.note.empty() ? "" : "; ") + row.now + " is deprecated";
    row.where.push_back(
        {importer_label(*direct.importer), direct.edge->specifier, direct.edge->kind});
    return row;
  }

  std::string waiting(const PackageMetadata& metadata, std::uint32_t version) const {
    std::string wait = gate_.wait(metadata, version);
    return wait.empty() ? "waits (release age)" : fmt::format("waits {} (release age)", wait);
  }

  std::string beyond_range(const Direct& direct, const PackageMetadata& metadata,
                           std::uint32_t latest, const Version& now) const {
    VersionView version = metadata.version(latest);
    std::string kind = version.major != now.major() ? "major" : "beyond the range";
    std::size_t refusing = peers_refusing(direct, version);
    if (refusing == 0) return kind;
    return fmt::format("{}: {} {} it: see hod why-not {}@{}", kind, counted(refusing, "peer"),
                       refusing == 1 ? "blocks" : "block", direct.edge->alias,
                       metadata.version_text(latest));
  }

  // Packages that want it beside them in other versions.
  std::size_t peers_refusing(const Direct& direct, const VersionView& version) const {
    std::set<std::string> refusing;
    for (const GraphPackage& package : locked_.graph.packages) {
      for (const GraphEdge& edge : package.edges) {
        bool peer = edge.kind == DependencyKind::peer || edge.kind == DependencyKind::optional_peer;
        if (!peer || edge.alias != direct.edge->alias || edge.target != direct.edge->target)
          continue;
        auto range = Range::parse(edge.specifier);
        if (range && !range->contains(version)) refusing.insert(package.name);
      }
    }
    return refusing.size();
  }

  const LockedProject& locked_;
  AgeGate gate_;
  std::vector<Direct> direct_;
};

std::string where_text(const Row& row) {
  std::string out;
  for (const Where& where : row.where) {
    std::string kind = where.kind == DependencyKind::development ? " (dev)"
                       : where.kind == DependencyKind::optional  ? " (optional)"
                       : where.kind == DependencyKind::peer      ? " (peer)"
                                                                 : "";
    out += (out.empty() ? "" : ", ") + where.project + kind;
  }
  return out;
}

std::string table_of(const std::vector<Row>& rows, std::int64_t now) {
  std::vector<std::vector<std::string>> cells{
      {"package", "now", "in range", "latest", "age", "where", "note"}};
  for (const Row& row : rows) {
    std::string age = row.published == 0 ? "" : readable_age(now - row.published);
    cells.push_back({printable(row.alias), row.now, row.in_range, row.latest, age,
                     printable(where_text(row)), printable(row.note)});
  }
  std::vector<std::size_t> widths(cells.front().size());
  for (const auto& line : cells) {
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], line[i].size());
  }
  std::string out;
  for (const auto& line : cells) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i)
      text += fmt::format("{:<{}}", line[i], widths[i] + 2);
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  return out;
}

Json document_of(const std::vector<Row>& rows, std::size_t direct) {
  Json packages = Json::array();
  for (const Row& row : rows) {
    Json entry = Json::object();
    entry.set("alias", Json::string(row.alias));
    entry.set("name", Json::string(row.package));
    entry.set("now", Json::string(row.now));
    entry.set("inRange", Json::string(row.in_range));
    entry.set("latest", row.latest.empty() ? Json() : Json::string(row.latest));
    entry.set("published", row.published == 0 ? Json() : Json::number(row.published));
    entry.set("note", Json::string(row.note));
    Json places = Json::array();
    for (const Where& where : row.where) {
      Json place = Json::object();
      place.set("project", Json::string(where.project));
      place.set("kind", Json::string(dependency_kind_name(where.kind)));
      place.set("specifier", Json::string(where.specifier));
      places.push(std::move(place));
    }
    entry.set("where", std::move(places));
    packages.push(std::move(entry));
  }
  Json document = Json::object();
  document.set("packages", std::move(packages));
  document.set("direct", Json::number(static_cast<std::int64_t>(direct)));
  return document;
}

// From the root without further words, the whole workspace is meant.
Result<std::vector<std::size_t>> members_asked_for(const Session& session, const Project& project) {
  bool all = !selects_members(session.arguments) && project.current == 0;
  if (!all) return select_members(project, session.arguments, session.folder);
  std::vector<std::size_t> members(project.members.size());
  for (std::size_t i = 0; i < members.size(); ++i) members[i] = i;
  return members;
}

}  // namespace

Result<int> outdated_command(Session& session) {
  HOD_TRY(LockedProject locked, open_locked_project(session));
  HOD_TRY(InstallOptions options, install_options(session, locked.project.root));
  options.network.prefer_online = true;
  HOD_TRY(std::vector<std::size_t> members, members_asked_for(session, locked.project));
  AgeGate gate = AgeGate::of(options);
  Survey survey(locked, gate);
  survey.choose(members, session.arguments.words());
  Services services(options);
  HOD_TRY(Documents documents,
          ask_documents(services, survey.names(), fetcher::Freshness::full_document));
  HOD_CHECK(services.flush());
  if (!documents.errors.empty()) return report(session.reporter, documents.errors);
  std::vector<Row> rows = survey.rows(documents);
  std::string direct = survey.direct_count() == 1
                           ? "1 direct dependency"
                           : fmt::format("{} direct dependencies", survey.direct_count());
  session.reporter.result(rows.empty() ? "" : table_of(rows, gate.now),
                          document_of(rows, survey.direct_count()));
  session.reporter.line(rows.empty() ? fmt::format("nothing newer for {}", direct)
                                     : fmt::format("{} of {}", rows.size(), direct));
  return !rows.empty() && session.arguments.is_on(Option::exit_code) ? kOutdatedFound : 0;
}

}  // namespace hod::cli
