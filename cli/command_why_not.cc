// SPDX-License-Identifier: MIT
// hod why-not: the project is solved with the version required, and what comes of it is told: what
// would change, or why no set of versions has it. Nothing is written.
//
// How it is required: a direct dependency asks for exactly it (others may keep copies of their
// own, as they may in every install). What only others ask for has no range of ours: there the
// question is whether all of them can have it, so the package is solved as if it had no other
// version.
#include <algorithm>

#include <fmt/core.h>

#include "cli/conflict_document.h"
#include "cli/graph_changes.h"
#include "cli/graph_question.h"
#include "cli/near_versions.h"
#include "cli/resolve_stage.h"
#include "core/base/printable.h"

namespace hod::cli {

namespace {

constexpr int kImpossible = 3;
constexpr std::size_t kMostChanges = 20;

struct Target {
  std::string name, version;
  bool held_back = false;
  std::string wait;
};

struct RangeChange {
  std::string place, alias, before;  // after: the version
};

class Trial {
 public:
  Trial(Session& session, LockedProject locked, InstallOptions options)
      : session_(session),
        locked_(std::move(locked)),
        options_(std::move(options)),
        services_(options_) {}

  StageResult<int> run(const std::string& word) {
    auto found = find_target(word);
    if (!found) return failed(std::move(found.error()));
    target_ = std::move(*found);
    for (const GraphPackage& package : locked_.graph.packages) {
      if (package.name == target_.name && package.version == target_.version) return is_used();
    }
    auto requirements = locked_.project.requirements();
    if (!requirements) return failed(std::move(requirements.error()));
    Requirements changed = *requirements;
    bool direct = require(changed);
    auto resolved = solve(changed, !direct, true);
    if (!resolved && is_conflict(resolved.error())) {
      resolver::Conflict against = conflict_;
      // Peers that are broken without it too are no reason against it.
      bool sound = static_cast<bool>(solve(*requirements, false, true));
      conflict_ = std::move(against);
      supposed_ = !direct;
      if (!sound) resolved = solve(std::move(changed), !direct, false);
    }
    if (resolved) return possible(resolved->graph, direct);
    if (is_conflict(resolved.error()) && !conflict_.sentences.empty()) return impossible();
    return failed(std::move(resolved.error()));
  }

 private:
  static bool is_conflict(const Errors& errors) {
    ErrorCode code = errors.front().code();
    return code == ErrorCode::resolution_impossible || code == ErrorCode::version_not_found;
  }

  Result<Target> find_target(const std::string& word) {
    HOD_TRY(NamedSpecifier wanted, parse_named_specifier(word, ""));
    bool known = wanted.name && wanted.has_range &&
                 (wanted.specifier.as<RangeSpecifier>() || wanted.specifier.as<TagSpecifier>());
    if (!known) {
      return failure(Error(ErrorCode::usage, "`hod why-not` needs a package and a version")
                         .hint("hod why-not <package>@<version>"));
    }
    std::string name = wanted.name->str();
    AgeGate gate = AgeGate::of(options_);
    HOD_TRY(Documents documents, ask_documents(services_, {name},
                                               gate.before != 0 ? fetcher::Freshness::full_document
                                                                : fetcher::Freshness::normal));
    if (!documents.errors.empty()) return failure(std::move(documents.errors.front()));
    const PackageMetadata& metadata = documents.found.at(name);
    const auto* range = wanted.specifier.as<RangeSpecifier>();
    std::optional<std::uint32_t> index =
        range != nullptr ? pick(metadata, range->range, nullptr)
                         : metadata.tag(wanted.specifier.as<TagSpecifier>()->tag);
    if (!index) {
      Error error(ErrorCode::version_not_found, fmt::format("there is no `{}`", word));
      std::string near = near_versions(metadata, wanted.specifier.text());
      if (!near.empty()) error = std::move(error).hint("versions near that: " + near);
      return failure(std::move(error));
    }
    return Target{name, std::string(metadata.version_text(*index)),
                  gate.holds_back(metadata, *index), gate.wait(metadata, *index)};
  }

  // Of what the project asks for itself; false: it does not.
  bool require(Requirements& requirements) {
    bool direct = false;
    for (Importer& importer : requirements.importers) {
      for (Dependency& dependency : importer.dependencies) {
        std::optional<std::string> written =
            effective_specifier(requirements, importer, dependency);
        auto specifier = Specifier::parse(written.value_or(dependency.specifier));
        bool ours = dependency.alias == target_.name && specifier && specifier->from_registry() &&
                    !specifier->as<AliasSpecifier>();
        if (!ours) continue;
        direct = true;
        const auto* range = specifier->as<RangeSpecifier>();
        auto version = Version::parse(target_.version);
        bool allowed = range != nullptr && version && range->range.contains(*version);
        std::string place = importer.path == "." ? "package.json" : importer.path + "/package.json";
        if (!allowed) ranges_.push_back({place, dependency.alias, specifier->text()});
        dependency.specifier = target_.version;
      }
    }
    return direct;
  }

  StageResult<Resolved> solve(Requirements requirements, bool only, bool strict) {
    ResolveInput input;
    input.project_root = locked_.project.root;
    input.requirements = std::move(requirements);
    input.locked = &locked_.graph;
    input.policy.peers = strict ? resolver::Peers::strict : resolver::Peers::forgiving;
    input.offline = options_.network.offline;
    input.policy.before = options_.before;
    input.policy.before_exempt = options_.before_exempt;
    input.policy.before_exempt.insert(target_.name);
    input.on_conflict = [this](const resolver::Conflict& conflict) { conflict_ = conflict; };
    supposed_ = only;
    if (only) {
      input.policy.update = {target_.name};
      input.only = ResolveInput::Only{target_.name, {target_.version}};
    }
    return resolve(std::move(input), services_, session_.reporter, session_.timing);
  }

  Json document(bool can_be) const {
    Json out = Json::object();
    out.set("name", Json::string(target_.name));
    out.set("version", Json::string(target_.version));
    out.set("possible", Json::boolean(can_be));
    out.set("heldBack", Json::boolean(target_.held_back));
    return out;
  }

  std::string id() const { return target_.name + "@" + target_.version; }

  int is_used() {
    Json out = document(true);
    out.set("used", Json::boolean(true));
    session_.reporter.result(fmt::format("{} is what is used\n", id()), std::move(out));
    return 0;
  }

  int possible(const ResolutionGraph& graph, bool direct) {
    std::vector<GraphChange> changes = graph_changes(&locked_.graph, graph);
    bool used = std::any_of(changes.begin(), changes.end(), [&](const GraphChange& change) {
      return change.name == target_.name && change.after == target_.version;
    });
    std::string text = fmt::format("{} {}; what would change:\n", id(),
                                   used ? "can be used" : "is asked for by nobody then");
    if (target_.held_back) {
      text += fmt::format("  ! it is younger than the minimum release age{}\n",
                          target_.wait.empty() ? "" : ": waits " + target_.wait);
    }
    Json ranges = Json::array();
    for (const RangeChange& change : ranges_) {
      text += fmt::format("  {}: {} {} -> {}\n", change.place, change.alias, change.before,
                          target_.version);
      Json row = Json::object();
      row.set("path", Json::string(change.place));
      row.set("name", Json::string(change.alias));
      row.set("before", Json::string(change.before));
      row.set("after", Json::string(target_.version));
      ranges.push(std::move(row));
    }
    Json versions = Json::array();
    for (std::size_t i = 0; i < changes.size(); ++i) {
      const GraphChange& change = changes[i];
      if (i < kMostChanges) text += "  " + change_text(change) + "\n";
      Json row = Json::object();
      row.set("name", Json::string(change.name));
      row.set("before", change.before.empty() ? Json() : Json::string(change.before));
      row.set("after", change.after.empty() ? Json() : Json::string(change.after));
      versions.push(std::move(row));
    }
    if (changes.size() > kMostChanges)
      text += fmt::format("  … and {} more\n", changes.size() - kMostChanges);
    std::string command = way(direct);
    if (used) text += "to have it: " + command + "\n";
    Json out = document(true);
    out.set("used", Json::boolean(false));
    out.set("manifestChanges", std::move(ranges));
    out.set("changes", std::move(versions));
    out.set("command", used ? Json::string(command) : Json());
    session_.reporter.result(printable_lines(text), std::move(out));
    return 0;
  }

  std::string way(bool direct) const {
    if (direct) return "hod add " + id();
    return "hod update " + target_.name + " (within the ranges), or `overrides` in package.json";
  }

  // That the target has no other versions is our own supposition: not what is told.
  std::string reason(std::size_t index) const {
    std::string sentence = conflict_.sentences[index];
    if (index >= conflict_.causes.size()) return sentence;
    const resolver::Cause& cause = conflict_.causes[index];
    bool supposed = cause.kind == resolver::Cause::Kind::no_version && supposed_ &&
                    cause.dependency == target_.name;
    std::string note = ": " + cause.note;
    if (!supposed || sentence.size() < note.size()) return sentence;
    if (sentence.compare(sentence.size() - note.size(), note.size(), note) == 0)
      sentence.resize(sentence.size() - note.size());
    return fmt::format("{}, which {} is not", sentence, target_.version);
  }

  int impossible() {
    std::string text = fmt::format("{} cannot be used: no set of versions has it\n\n", id());
    Json reasons = Json::array();
    for (std::size_t i = 0; i < conflict_.sentences.size(); ++i) {
      std::string sentence = reason(i);
      text += "  " + sentence + "\n";
      reasons.push(Json::string(sentence));
    }
    if (!conflict_.repairs.empty()) text += "\n  ways out, smallest first\n";
    char letter = 'a';
    for (const resolver::Repair& repair : conflict_.repairs)
      text += fmt::format("    {}  {}   {}\n", letter++, repair.command, repair.explanation);
    Json out = document(false);
    out.set("used", Json::boolean(false));
    out.set("reasons", std::move(reasons));
    out.set("waysOut", *conflict_document(conflict_).find("waysOut"));
    session_.reporter.result(printable_lines(text), std::move(out));
    return kImpossible;
  }

  Session& session_;
  LockedProject locked_;
  InstallOptions options_;
  Services services_;
  Target target_;
  resolver::Conflict conflict_;      // of the last attempt
  bool supposed_ = false;            // that the target has no other version
  std::vector<RangeChange> ranges_;  // of manifests that do not allow the version
};

}  // namespace

Result<int> why_not_command(Session& session) {
  if (session.arguments.words().size() != 1) {
    return failure(Error(ErrorCode::usage, "`hod why-not` needs a package and a version")
                       .hint("hod why-not <package>@<version>"));
  }
  HOD_TRY(LockedProject locked, open_locked_project(session));
  HOD_TRY(InstallOptions options, install_options(session, locked.project.root));
  options.network.prefer_online = true;
  auto code =
      Trial(session, std::move(locked), std::move(options)).run(session.arguments.words().front());
  return code ? *code : report(session.reporter, code.error());
}

}  // namespace hod::cli
