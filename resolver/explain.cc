// SPDX-License-Identifier: MIT
// See explain.h. The order of the sentences follows the requirements from the project downwards;
// versions of one package that ask for the same are told in one sentence.
#include "resolver/explain.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "resolver/core_of_conflict.h"

namespace hod::resolver {

namespace {

constexpr std::size_t kListedVersions = 6;
constexpr std::size_t kWidestCommand = 46;  // explanations stand below each other up to here

// Requirements in the same words.
struct Line {
  PackageId owner = kNoPackageId;
  std::vector<VersionIndex> versions;  // ascending
  NameId alias = kNoName;
  bool peer = false;
  SpecId written = kNoSpec;
  SpecId spec = kNoSpec;
  PackageId target = kNoPackageId;
  std::string_view refusal;
  // What sentence_of() found: nothing answers.
  bool lacks = false;
  Cause::Kind kind = Cause::Kind::requirement;
  std::string note;
};

class Explainer {
 public:
  explicit Explainer(Engine& engine)
      : engine_(engine), universe_(engine.universe()), book_(engine.knowledge().book) {}

  Explanation run();

 private:
  bool is_importer(PackageId package) const {
    return universe_[package].kind == Package::Kind::importer;
  }
  void add(const Requirement& requirement);
  void sort_lines();
  Cause cause_of(const Line& line);
  std::string sentence_of(Line& line, Cause& cause);
  std::string owner_text(const Line& line) const;
  std::string versions_text(PackageId package, const std::vector<VersionIndex>& versions) const;
  std::string what_answers(const Line& line) const;
  std::string range_text(SpecId spec) const;
  std::string who_answers(const Line& line) const;
  std::string no_version(const Line& line) const;
  std::string nothing_there(const Line& line, Cause& cause);
  std::string out_of_reach(const Line& line, Bits satisfying) const;
  std::string conclusion() const;
  const Line* only_missing() const;
  void tell_nested_overrides(Conflict& conflict) const;
  Error error_of(const Conflict& conflict);

  Engine& engine_;
  Universe& universe_;
  Book& book_;
  std::vector<Line> lines_;
  std::map<std::tuple<PackageId, NameId, bool, SpecId>, std::size_t> known_;  // lines, by words
  std::multimap<PackageId, std::size_t> by_target_;  // sorted lines, by what they ask for
  std::multimap<PackageId, std::size_t> by_owner_;   // and by who asks
};

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) text += i + 1 == parts.size() ? " and " : ", ";
    text += parts[i];
  }
  return text;
}

void Explainer::add(const Requirement& requirement) {
  const NodeId id = book_.child(kNoOverrides, requirement.owner, requirement.version);
  Line line;
  line.owner = requirement.owner;
  line.alias = requirement.alias;
  line.peer = requirement.peer;
  line.versions.push_back(requirement.version);
  if (requirement.peer) {
    const std::uint32_t index = book_.find_peer(id, requirement.alias);
    if (index == kNone) return;
    const Peer& peer = book_.peers(id)[index];
    line.written = peer.written;
    line.spec = peer.spec;
    line.target = peer.target;
  } else {
    const std::uint32_t index = book_.find_slot(id, requirement.alias);
    if (index == kNone) return;
    const Slot& slot = book_.slots(id)[index];
    line.written = slot.written;
    line.spec = slot.spec;
    line.target = slot.target;
    line.refusal = slot.refusal;
  }
  const auto [same, is_new] =
      known_.try_emplace({line.owner, line.alias, line.peer, line.written}, lines_.size());
  if (is_new) {
    lines_.push_back(std::move(line));
    return;
  }
  std::vector<VersionIndex>& versions = lines_[same->second].versions;
  versions.insert(std::upper_bound(versions.begin(), versions.end(), requirement.version),
                  requirement.version);
}

// From the project downwards: a package's requirements come after the line that asks for the
// package.
void Explainer::sort_lines() {
  const auto text_of = [this](const Line& line) {
    return std::make_tuple(universe_.text(universe_[line.owner].name), line.versions.front(),
                           universe_.text(line.alias), line.peer);
  };
  std::sort(lines_.begin(), lines_.end(), [&](const Line& a, const Line& b) {
    const bool a_direct = is_importer(a.owner);
    if (a_direct != is_importer(b.owner)) return a_direct;
    if (a_direct && a.owner != b.owner) {
      return universe_[a.owner].importer < universe_[b.owner].importer;
    }
    return text_of(a) < text_of(b);
  });
  std::vector<Line> sorted;
  std::vector<bool> taken(lines_.size());
  std::multimap<PackageId, std::size_t> by_owner;
  for (std::size_t i = 0; i < lines_.size(); ++i) by_owner.emplace(lines_[i].owner, i);
  const auto take = [&](std::size_t i) {
    if (taken[i]) return;
    taken[i] = true;
    sorted.push_back(lines_[i]);
  };
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    if (is_importer(lines_[i].owner)) take(i);
  }
  std::size_t next = 0;
  // What is asked for by nothing that was told cannot be, but must not be lost either.
  for (std::size_t rest = 0; rest < lines_.size(); take(rest++)) {
    for (; next < sorted.size(); ++next) {
      const auto [first, last] = by_owner.equal_range(sorted[next].target);
      for (auto line = first; line != last; ++line) take(line->second);
    }
  }
  lines_ = std::move(sorted);
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    by_target_.emplace(lines_[i].target, i);
    by_owner_.emplace(lines_[i].owner, i);
  }
}

std::string Explainer::versions_text(PackageId package,
                                     const std::vector<VersionIndex>& versions) const {
  std::vector<std::string> texts;
  if (versions.size() > kListedVersions) {
    return std::string(universe_.version_text(package, versions.front())) + " to " +
           std::string(universe_.version_text(package, versions.back())) + " (" +
           std::to_string(versions.size()) + " versions)";
  }
  for (const VersionIndex version : versions) {
    texts.emplace_back(universe_.version_text(package, version));
  }
  return joined(texts);
}

// " (1.0.0 and 2.0.0)": which versions there are to choose from, where the sentences below speak of
// them one by one; "" where one sentence speaks of all of them, and says so.
std::string Explainer::what_answers(const Line& line) const {
  if (line.target == kNoPackageId || line.spec == kNoSpec) return "";
  const Bits candidates = universe_.candidates(line.spec, line.target);
  bool told = false;
  const auto [first, last] = by_owner_.equal_range(line.target);
  for (auto one = first; one != last; ++one) {
    const Line& other = lines_[one->second];
    if (other.versions.size() >= candidates.size()) return "";
    told = true;
  }
  if (!told) return "";
  std::vector<VersionIndex> versions;
  for (VersionIndex i = 0; i < universe_[line.target].versions; ++i) {
    if (candidates.has(i)) versions.push_back(i);
  }
  return " (" + versions_text(line.target, versions) + ")";
}

// "your package.json", "packages/a/package.json", "plug 2.0.0 (the only version in \"2\")"
std::string Explainer::owner_text(const Line& line) const {
  const Package& owner = universe_[line.owner];
  if (owner.kind == Package::Kind::importer) {
    const std::string& path = engine_.requirements().importers[owner.importer].path;
    return path == "." ? "your package.json" : path + "/package.json";
  }
  return std::string(universe_.text(owner.name)) + " " + versions_text(line.owner, line.versions) +
         who_answers(line);
}

// How much of what was asked for these versions are.
std::string Explainer::who_answers(const Line& line) const {
  const auto [first, last] = by_target_.equal_range(line.owner);
  for (auto one = first; one != last; ++one) {
    const Line& asking = lines_[one->second];
    if (asking.spec == kNoSpec) continue;
    const Bits candidates = universe_.candidates(asking.spec, asking.target);
    if (candidates.size() != line.versions.size()) continue;
    if (!std::all_of(line.versions.begin(), line.versions.end(),
                     [&](VersionIndex version) { return candidates.has(version); })) {
      continue;
    }
    const std::string range = "\"" + range_text(asking.spec) + "\"";
    if (line.versions.size() == 1) {
      if (universe_[asking.spec].range && universe_[asking.spec].range->exact()) return "";
      return " (the only version in " + range + ")";
    }
    return " (every version in " + range + ")";
  }
  return "";
}

std::string Explainer::range_text(SpecId spec) const {
  const std::string_view text = universe_[spec].text;
  return text.empty() ? "*" : std::string(text);
}

// Versions that would do, but may not be taken: says why of the newest one.
std::string Explainer::out_of_reach(const Line& line, Bits satisfying) const {
  const Package& package = universe_[line.target];
  const VersionIndex newest = satisfying.highest();
  std::string version(universe_.version_text(line.target, newest));
  if (universe_.is_held_back(package, newest)) {
    return version + " was published too recently to be taken";
  }
  const std::string_view engine = package.metadata.node_engine(newest);
  if (engine_.policy().engine_strict && !engine.empty()) {
    return version + " needs node " + std::string(engine) + ", this is " +
           engine_.policy().node_version;
  }
  return version + " does not run on this platform";
}

// Which versions there are instead.
std::string Explainer::no_version(const Line& line) const {
  const Package& package = universe_[line.target];
  if (package.versions == 0) return "it has no versions";
  const auto version_text = [&](VersionIndex version) {
    return std::string(universe_.version_text(line.target, version));
  };
  const auto last = static_cast<VersionIndex>(package.versions - 1);
  const VersionIndex newest = package.latest != kNoVersion ? package.latest : last;
  std::string text = "there is no such version; the newest is " + version_text(newest);
  const std::optional<Range>& range = universe_[line.spec].range;
  if (!range) return text;
  VersionIndex below = kNoVersion;
  VersionIndex above = kNoVersion;
  for (VersionIndex i = 0; i < package.versions; ++i) {
    const Result<Version> version = Version::parse(version_text(i), Loose::yes);
    if (!version || !version->prerelease().empty()) continue;
    if (version_is_outside(*version, *range, Side::lower).value_or(false)) below = i;
    if (above == kNoVersion && version_is_outside(*version, *range, Side::higher).value_or(false)) {
      above = i;
    }
  }
  if (below != kNoVersion && below != newest) text += ", the nearest below " + version_text(below);
  if (above != kNoVersion && above != newest) text += ", the nearest above " + version_text(above);
  return text;
}

// What there is to say if nothing at all answers; "" otherwise.
std::string Explainer::nothing_there(const Line& line, Cause& cause) {
  const std::string name(universe_.text(line.alias));
  if (!line.refusal.empty()) {
    cause.kind = Cause::Kind::excluded;
    return std::string(line.refusal);
  }
  const Package& package = universe_[line.target];
  if (package.state == Package::State::missing) {
    cause.kind = Cause::Kind::no_package;
    return package.missing ? package.missing->what() : "there is no package of that name";
  }
  if (package.state != Package::State::loaded) return "";
  const Bits satisfying = universe_.satisfying(line.spec, line.target);
  if (satisfying.empty()) {
    cause.kind = Cause::Kind::no_version;
    return no_version(line);
  }
  if (line.peer || !universe_.candidates(line.spec, line.target).empty()) return "";
  cause.kind = universe_.is_held_back(package, satisfying.highest()) ? Cause::Kind::excluded
                                                                     : Cause::Kind::engine;
  return out_of_reach(line, satisfying);
}

std::string Explainer::sentence_of(Line& line, Cause& cause) {
  const bool direct = is_importer(line.owner);
  const bool several = line.versions.size() > 1;
  std::string text = owner_text(line);
  text += direct ? " asks for " : several ? " need " : " needs ";
  text += std::string(universe_.text(line.alias)) + " " + range_text(line.written);
  if (line.peer) text += " beside it";
  if (line.spec != line.written && universe_[line.spec].text != universe_[line.written].text) {
    text += " (an override makes that " + range_text(line.spec) + ")";
  }
  cause.note = nothing_there(line, cause);
  line.lacks = !cause.note.empty();
  line.kind = cause.kind;
  line.note = cause.note;
  return text + (line.lacks ? ": " + cause.note : what_answers(line));
}

Cause Explainer::cause_of(const Line& line) {
  Cause cause;
  cause.kind = line.peer ? Cause::Kind::peer : Cause::Kind::requirement;
  const Package& owner = universe_[line.owner];
  cause.who = owner_text(line);
  if (owner.kind != Package::Kind::importer && line.versions.size() == 1) {
    cause.who = std::string(universe_.text(owner.name)) + "@" +
                std::string(universe_.version_text(line.owner, line.versions.front()));
  }
  cause.dependency = universe_.text(line.alias);
  cause.range = range_text(line.written);
  return cause;
}

std::string Explainer::conclusion() const {
  std::vector<std::string> direct;
  for (const Line& line : lines_) {
    if (!is_importer(line.owner)) continue;
    direct.push_back(std::string(universe_.text(line.alias)) + " " + range_text(line.written));
  }
  if (direct.size() == 1) return "so " + direct.front() + " cannot be installed.";
  return "so " + joined(direct) + " cannot be together.";
}

// What is missing is the whole conflict if nothing but the way to it was told.
const Line* Explainer::only_missing() const {
  const Line* missing = nullptr;
  std::set<PackageId> owners;
  for (const Line& line : lines_) owners.insert(line.owner);
  for (const Line& line : lines_) {
    const bool leads_on = owners.contains(line.target);
    if (line.peer || (leads_on && line.lacks)) return nullptr;
    if (leads_on) continue;
    if (!line.lacks) return nullptr;
    if (!missing) missing = &line;
  }
  return missing;
}

Error Explainer::error_of(const Conflict& conflict) {
  const Line* missing = only_missing();
  if (!missing) {
    Error error(ErrorCode::resolution_impossible,
                engine_.policy().flat ? "no set with one version of each package works"
                                      : "no set of versions works");
    for (const std::string& sentence : conflict.sentences) {
      error = std::move(error).detail(sentence);
    }
    return error;
  }
  const Package* lacking = missing->target == kNoPackageId ? nullptr : &universe_[missing->target];
  Error error = [&] {
    if (lacking && lacking->missing) return lacking->missing->clone();
    const ErrorCode code = missing->kind == Cause::Kind::no_version ? ErrorCode::version_not_found
                           : !missing->refusal.empty()              ? ErrorCode::source_refused
                                                       : ErrorCode::resolution_impossible;
    return Error(code, "`" + std::string(universe_.text(missing->alias)) + "@" +
                           range_text(missing->spec) + "` cannot be had: " + missing->note);
  }();
  for (const std::string& sentence : conflict.sentences) error = std::move(error).detail(sentence);
  return error;
}

// Lines are told without the way to them, so a rule that holds below some packages only is in none;
// it is told by itself where a line is about its name.
void Explainer::tell_nested_overrides(Conflict& conflict) const {
  for (const Override& rule : engine_.requirements().overrides.rules) {
    if (rule.parents.empty() || engine_.policy().flat) continue;
    const bool about_it = std::any_of(lines_.begin(), lines_.end(), [&](const Line& line) {
      const bool told = rule.parents.size() == 1 &&
                        universe_.text(universe_[line.owner].name) == rule.parents[0].name;
      return universe_.text(line.alias) == rule.target.name && !told;
    });
    if (!about_it) continue;
    std::string below;
    for (const OverrideStep& parent : rule.parents) {
      below += (below.empty() ? "" : " > ") + parent.name;
    }
    conflict.causes.push_back({Cause::Kind::requirement, "your package.json", rule.target.name,
                               rule.specifier, "below " + below});
    conflict.sentences.push_back(
        std::to_string(conflict.causes.size()) + ". your package.json puts " + rule.target.name +
        " " + rule.specifier + " for what is asked below " + below + " (" + rule.origin + ")");
  }
}

Explanation Explainer::run() {
  std::vector<Requirement> core = core_of_conflict(engine_);
  for (const Requirement& requirement : core) add(requirement);
  sort_lines();
  Conflict conflict;
  for (Line& line : lines_) {
    Cause cause = cause_of(line);
    const std::string sentence = sentence_of(line, cause);
    conflict.causes.push_back(std::move(cause));
    conflict.sentences.push_back(std::to_string(conflict.causes.size()) + ". " + sentence);
  }
  tell_nested_overrides(conflict);
  conflict.sentences.push_back(conclusion());
  Error error = error_of(conflict);
  return {std::move(conflict), std::move(error), std::move(core)};
}

}  // namespace

Explanation explain(Engine& engine) { return Explainer(engine).run(); }

void add_repairs(Explanation& explanation, std::vector<Repair> repairs) {
  std::size_t width = 0;
  for (const Repair& repair : repairs) width = std::max(width, repair.command.size());
  width = std::min(width, kWidestCommand);
  Error error = std::move(explanation.error);
  if (!repairs.empty()) error = std::move(error).detail("").detail("ways out, smallest first");
  char letter = 'a';
  for (const Repair& repair : repairs) {
    const std::size_t gap = width - std::min(width, repair.command.size()) + 3;
    error = std::move(error).detail(std::string("  ") + letter++ + "  " + repair.command +
                                    std::string(gap, ' ') + repair.explanation);
  }
  explanation.error = std::move(error);
  explanation.conflict.repairs = std::move(repairs);
}

Error budget_error(Engine& engine) {
  const Budget& budget = engine.knowledge().budget;
  return Error(ErrorCode::resolution_budget,
               "the search for versions that go together was given up")
      .detail("tried " + std::to_string(budget.decisions) + " choices and met " +
              std::to_string(budget.conflicts) + " conflicts among " +
              std::to_string(engine.universe().package_count()) + " packages")
      .hint(
          "narrow the ranges of direct dependencies, or pin the packages that conflict by an "
          "override");
}

}  // namespace hod::resolver
