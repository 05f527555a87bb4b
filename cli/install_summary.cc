// SPDX-License-Identifier: MIT
#include "cli/install_summary.h"

#include <algorithm>
#include <map>

#include <fmt/core.h>

#include "cli/graph_changes.h"

namespace hod::cli {

namespace {

constexpr std::size_t kMostShown = 10;  // of one kind of line; the rest is counted
constexpr std::size_t kMostChanges = 20;
constexpr std::size_t kMostSingle = 3;  // optional dependencies told one by one

std::string listed(const std::vector<std::string>& words) {
  std::string out;
  for (std::size_t i = 0; i < words.size() && i < kMostShown; ++i)
    out += (i == 0 ? "" : ", ") + words[i];
  if (words.size() > kMostShown) out += fmt::format(" and {} more", words.size() - kMostShown);
  return out;
}

void tell_changes(Reporter& reporter, const InstallOutcome& outcome) {
  for (const ManifestChange& change : outcome.manifest_changes) {
    reporter.line(
        fmt::format("  {}: {} {} -> {}", change.path, change.alias, change.before, change.after));
  }
  const std::vector<GraphChange>& changes = outcome.changes;
  for (std::size_t i = 0; i < changes.size() && i < kMostChanges; ++i)
    reporter.line("  " + change_text(changes[i]));
  if (changes.size() > kMostChanges)
    reporter.line(fmt::format("  … and {} more", changes.size() - kMostChanges));
}

// " (a@1.0.0 > b@2.0.0)": who leads to it. "" for what the root itself asks for.
std::string way_text(const resolver::Warning& warning) {
  std::string out;
  for (const std::string& step : warning.path) {
    if (step == "." || step == warning.package) continue;
    out += (out.empty() ? "" : " > ") + step;
  }
  return out.empty() ? "" : " (" + out + ")";
}

std::string_view kind_name(resolver::Warning::Kind kind) {
  switch (kind) {
    case resolver::Warning::Kind::deprecated:
      return "deprecated";
    case resolver::Warning::Kind::peer_by_override:
      return "peerByOverride";
    case resolver::Warning::Kind::held_back:
      return "heldBack";
    case resolver::Warning::Kind::optional_dropped:
      return "optionalDropped";
    case resolver::Warning::Kind::peer_unmet:
      return "peerUnmet";
  }
  return "";
}

// Many are one fact, usually: a platform whose packages a registry does not have.
void tell_dropped(Reporter& reporter, const std::vector<const resolver::Warning*>& dropped) {
  if (dropped.size() <= kMostSingle) {
    for (const resolver::Warning* warning : dropped)
      reporter.warning(warning->text + way_text(*warning));
    return;
  }
  std::vector<std::string> names;
  for (const resolver::Warning* warning : dropped) {
    if (std::find(names.begin(), names.end(), warning->package) == names.end())
      names.push_back(warning->package);
  }
  const bool one_way = std::all_of(dropped.begin(), dropped.end(), [&](const auto* warning) {
    return warning->path == dropped.front()->path;
  });
  reporter.warning(fmt::format("{} optional dependencies cannot be had and are left out: {}{}",
                               dropped.size(), listed(names),
                               one_way ? way_text(*dropped.front()) : ""));
}

void tell_resolution_warnings(Reporter& reporter, const std::vector<resolver::Warning>& warnings) {
  std::size_t shown = 0;
  std::vector<const resolver::Warning*> dropped;
  for (const resolver::Warning& warning : warnings) {
    if (warning.kind == resolver::Warning::Kind::deprecated) continue;  // told by tell_deprecated
    if (warning.kind == resolver::Warning::Kind::optional_dropped) {
      dropped.push_back(&warning);
    } else if (++shown <= kMostShown) {
      reporter.warning(warning.text + way_text(warning));
    }
  }
  if (shown > kMostShown)
    reporter.warning(fmt::format("and {} more of this kind", shown - kMostShown));
  tell_dropped(reporter, dropped);
}

// Of a direct dependency in full, of others by name: they are not the user's to choose.
void tell_deprecated(Reporter& reporter, const std::vector<DeprecatedPackage>& packages,
                     const std::vector<resolver::Warning>& warnings) {
  std::map<std::string, std::string> ways;  // by "name version"
  for (const resolver::Warning& warning : warnings) {
    std::size_t at = warning.package.rfind('@');
    if (warning.kind != resolver::Warning::Kind::deprecated || at == std::string::npos) continue;
    std::string package = warning.package;
    ways.emplace(package.replace(at, 1, " "), way_text(warning));
  }
  std::vector<std::string> deep;
  for (const DeprecatedPackage& package : packages) {
    if (package.direct) {
      reporter.warning(fmt::format("{} is deprecated: {}", package.package, package.message));
    } else {
      deep.push_back(package.package + ways[package.package]);
    }
  }
  if (deep.empty()) return;
  reporter.notice(fmt::format("{} below your dependencies: {}",
                              counted(deep.size(), "deprecated package"), listed(deep)));
}

std::vector<std::string> healed_texts(const InstallOutcome& outcome) {
  std::vector<std::string> texts;
  for (const HealedPackage& package : outcome.healed) texts.push_back(package.text());
  return texts;
}

void tell_notices(Reporter& reporter, const InstallOutcome& outcome) {
  tell_resolution_warnings(reporter, outcome.warnings);
  tell_deprecated(reporter, outcome.deprecated, outcome.warnings);
  if (!outcome.unfit_engines.empty()) {
    reporter.warning(
        fmt::format("{} another Node.js than {}: {}",
                    outcome.unfit_engines.size() == 1
                        ? "1 package wants"
                        : fmt::format("{} packages want", outcome.unfit_engines.size()),
                    outcome.node_version, listed(outcome.unfit_engines)));
  }
  for (const std::string& notice : outcome.notices) reporter.notice(notice);
  if (!outcome.healed.empty()) {
    reporter.notice(fmt::format("{} damaged in the cache and fetched again: {}",
                                outcome.healed.size() == 1
                                    ? "1 package was"
                                    : fmt::format("{} packages were", outcome.healed.size()),
                                listed(healed_texts(outcome))));
  }
  if (outcome.skipped_scripts.empty()) return;
  std::size_t count = outcome.skipped_scripts.size();
  reporter.notice(
      fmt::format("{} to run install scripts, not run: {}",
                  count == 1 ? "1 package wants" : fmt::format("{} packages want", count),
                  listed(outcome.skipped_scripts)));
}

Json strings(const std::vector<std::string>& texts) {
  Json array = Json::array();
  for (const std::string& text : texts) array.push(Json::string(text));
  return array;
}

Json number(std::size_t value) { return Json::number(static_cast<std::int64_t>(value)); }

Json document_of(const InstallOptions& options, const InstallOutcome& outcome) {
  Json document = Json::object();
  document.set("upToDate", Json::boolean(false));
  document.set("dryRun", Json::boolean(options.dry_run));
  document.set("layout",
               Json::string(options.layout == cache::Layout::hoisted ? "hoisted" : "isolated"));
  document.set("packages", number(outcome.packages));
  document.set("added", number(outcome.links.packages_added));
  document.set("removed", number(outcome.links.packages_removed));
  document.set("kept", number(outcome.links.packages_kept));
  document.set("downloaded", number(outcome.downloaded));
  if (outcome.put_back)
    document.set("putBack", Json::number(static_cast<std::int64_t>(*outcome.put_back)));
  document.set("lockfileWritten", Json::boolean(outcome.lockfile_written));
  Json changes = Json::array();
  for (const GraphChange& change : outcome.changes) {
    Json row = Json::object();
    row.set("name", Json::string(change.name));
    row.set("before", change.before.empty() ? Json() : Json::string(change.before));
    row.set("after", change.after.empty() ? Json() : Json::string(change.after));
    changes.push(std::move(row));
  }
  document.set("changes", std::move(changes));
  Json manifests = Json::array();
  for (const ManifestChange& change : outcome.manifest_changes) {
    Json row = Json::object();
    row.set("path", Json::string(change.path));
    row.set("name", Json::string(change.alias));
    row.set("before", Json::string(change.before));
    row.set("after", Json::string(change.after));
    manifests.push(std::move(row));
  }
  document.set("manifestChanges", std::move(manifests));
  document.set("scriptsNotRun", strings(outcome.skipped_scripts));
  Json deprecated = Json::array();
  for (const DeprecatedPackage& package : outcome.deprecated)
    deprecated.push(Json::string(package.package));
  document.set("deprecated", std::move(deprecated));
  Json told = Json::array();
  for (const resolver::Warning& warning : outcome.warnings) {
    Json row = Json::object();
    row.set("kind", Json::string(kind_name(warning.kind)));
    row.set("package", Json::string(warning.package));
    row.set("text", Json::string(warning.text));
    row.set("path", strings(warning.path));
    told.push(std::move(row));
  }
  document.set("resolutionWarnings", std::move(told));
  Json healed = Json::array();
  for (const HealedPackage& package : outcome.healed) {
    Json row = Json::object();
    row.set("package", Json::string(package.package));
    row.set("files", strings(package.files));
    healed.push(std::move(row));
  }
  document.set("healed", std::move(healed));
  document.set("unfitEngines", strings(outcome.unfit_engines));
  return document;
}

}  // namespace

void summarize_install(Reporter& reporter, const InstallOptions& options,
                       const InstallOutcome& outcome, std::chrono::nanoseconds took) {
  tell_notices(reporter, outcome);
  reporter.result("", document_of(options, outcome));
  if (options.dry_run || options.lockfile_only) {
    tell_changes(reporter, outcome);
    std::string what = outcome.changes.empty()
                           ? "hod.lock would stay as it is"
                           : counted(outcome.changes.size(), "change") + " to hod.lock";
    if (options.lockfile_only)
      what = outcome.lockfile_written ? "hod.lock written" : "hod.lock is up to date";
    reporter.line(fmt::format("{}{}", what, options.dry_run ? "; nothing was changed" : ""));
    return;
  }
  if (outcome.moves) tell_changes(reporter, outcome);
  for (const std::string& added : outcome.added) reporter.line("  + " + added);
  const cache::LinkReport& links = outcome.links;
  const std::string_view undo =
      outcome.can_go_back && !outcome.changes.empty() ? "   undo: hod rollback" : "";
  reporter.line(fmt::format("{} ({} added, {} removed), {}, {}{}",
                            counted(outcome.packages, "package"), links.packages_added,
                            links.packages_removed,
                            options.layout == cache::Layout::hoisted ? "hoisted" : "isolated",
                            readable_duration(took), undo));
}

Result<int> install_and_tell(Session& session, InstallRequest request) {
  const InstallOptions options = request.options;
  auto outcome = run_install(session, std::move(request));
  if (!outcome) return report(session.reporter, outcome.error());
  summarize_install(session.reporter, options, *outcome, session.timing.total());
  return 0;
}

void summarize_up_to_date(Reporter& reporter, std::chrono::nanoseconds took) {
  Json document = Json::object();
  document.set("upToDate", Json::boolean(true));
  reporter.result("", std::move(document));
  reporter.line(fmt::format("up to date, {}", readable_duration(took)));
}

}  // namespace hod::cli
