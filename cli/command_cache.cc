// SPDX-License-Identifier: MIT
// hod cache: where packages are kept, whether they are right, and what may go.
#include <algorithm>
#include <chrono>

#include <fmt/core.h>

#include "cache/store_upkeep.h"
#include "cli/install_options.h"
#include "cli/interrupt_watch.h"
#include "cli/session.h"
#include "cli/settings_table.h"

namespace hod::cli {

namespace {

constexpr std::chrono::seconds kGrace = std::chrono::hours{24};
constexpr std::size_t kMostFiles = 5;  // of a damaged package that are named
constexpr int kMinutesPerDay = 24 * 60;

Json number(std::uint64_t value) { return Json::number(static_cast<std::int64_t>(value)); }

Json strings(const std::vector<std::string>& texts) {
  Json array = Json::array();
  for (const std::string& text : texts) array.push(Json::string(text));
  return array;
}

std::chrono::seconds now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
      std::chrono::system_clock::now().time_since_epoch());
}

std::string grouped(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

std::string age_text(std::int64_t since) {
  if (since == 0) return "never";
  const std::int64_t minutes = std::max<std::int64_t>((now().count() - since) / 60, 0);
  if (minutes < 120) return fmt::format("{} minutes ago", minutes);
  if (minutes < 48 * 60) return fmt::format("{} hours ago", minutes / 60);
  return fmt::format("{} days ago", minutes / kMinutesPerDay);
}

int path(Session& session) {
  const std::string& root = session.settings.cache_dir.value;
  Json document = Json::object();
  document.set("path", Json::string(root));
  session.reporter.result(root + "\n", std::move(document));
  return 0;
}

Result<int> info(Session& session, const cache::StoreOptions& options) {
  const std::string& root = session.settings.cache_dir.value;
  HOD_TRY(const cache::CacheInfo info, cache::cache_info(root, options));
  Json document = Json::object();
  document.set("path", Json::string(root));
  document.set("readOnlyLayer", options.layer.empty() ? Json() : Json::string(options.layer));
  document.set("packages", number(info.packages));
  document.set("files", number(info.files));
  document.set("bytes", number(info.bytes));
  document.set("metadataRecords", number(info.records));
  document.set("metadataBytes", number(info.record_bytes));
  document.set("globalVirtualStoreEntries", number(info.closures));
  document.set("globalVirtualStoreEntriesInUse", number(info.closures_in_use));
  document.set("globalVirtualStoreProjects", number(info.projects));
  document.set("spares", number(info.spares));
  document.set("spareBytes", number(info.spare_bytes));
  document.set("sparesMade", number(info.spares_made));
  document.set("spareCpuMs", number(info.spare_cpu_ms));
  document.set("keptLater", number(info.kept_later));
  document.set("keptLaterCpuMs", number(info.later_cpu_ms));
  document.set("collected", info.collected == 0 ? Json() : Json::number(info.collected));
  std::string text =
      fmt::format("{}\npackages   {} ({} files, {})\nmetadata   {} records, {}\n", root,
                  grouped(info.packages), grouped(info.files), readable_bytes(info.bytes),
                  grouped(info.records), readable_bytes(info.record_bytes));
  if (info.closures > 0)
    text += fmt::format("closures   {}, {} of them in use by {}\n", grouped(info.closures),
                        grouped(info.closures_in_use), counted(info.projects, "project"));
  if (info.spares_made > 0)
    text += fmt::format("spares     {}, {}; {} made so far, {} of CPU\n", grouped(info.spares),
                        readable_bytes(info.spare_bytes), grouped(info.spares_made),
                        readable_duration(std::chrono::milliseconds(info.spare_cpu_ms)));
  if (info.kept_later > 0)
    text +=
        fmt::format("later      filled after {}, {} of CPU\n", counted(info.kept_later, "command"),
                    readable_duration(std::chrono::milliseconds(info.later_cpu_ms)));
  if (!options.layer.empty()) text += fmt::format("read-only  {}\n", options.layer);
  text += fmt::format("collected  {}\n", age_text(info.collected));
  session.reporter.result(text, std::move(document));
  return 0;
}

// ---- verify

std::string damage_text(const cache::CacheProof& proof) {
  std::string text;
  for (const cache::DamagedPackage& package : proof.damaged) {
    text += fmt::format("damaged: {}\n  {}\n", package.package, package.folder);
    for (std::size_t i = 0; i < package.files.size() && i < kMostFiles; ++i)
      text += fmt::format("    {}\n", package.files[i]);
    if (package.files.size() > kMostFiles)
      text += fmt::format("    and {} more\n", package.files.size() - kMostFiles);
  }
  if (proof.damaged_rows > 0)
    text +=
        fmt::format("damaged: {} of the index; what they were of is fetched again when needed\n",
                    counted(proof.damaged_rows, "row"));
  for (const std::string& name : proof.damaged_records)
    text += fmt::format("damaged: the metadata of {}\n", name);
  if (!proof.index_sound) text += "damaged: the index (the next install makes it anew)\n";
  return text;
}

Json document_of(const cache::CacheProof& proof, bool repaired) {
  Json document = Json::object();
  document.set("right", Json::boolean(proof.right()));
  document.set("repaired", Json::boolean(repaired));
  document.set("packages", number(proof.packages));
  document.set("files", number(proof.files));
  document.set("bytes", number(proof.bytes));
  Json damaged = Json::array();
  for (const cache::DamagedPackage& package : proof.damaged) {
    Json row = Json::object();
    row.set("package", Json::string(package.package));
    row.set("folder", Json::string(package.folder));
    row.set("files", strings(package.files));
    damaged.push(std::move(row));
  }
  document.set("damaged", std::move(damaged));
  document.set("damagedRows", number(proof.damaged_rows));
  document.set("indexSound", Json::boolean(proof.index_sound));
  document.set("metadataRecords", number(proof.records));
  document.set("damagedMetadata", strings(proof.damaged_records));
  return document;
}

Result<int> verify(Session& session, const cache::StoreOptions& store) {
  cache::ProofOptions options;
  options.repair = session.arguments.is_on(Option::repair);
  options.progress = [&](std::size_t done, std::size_t total) {
    session.reporter.progress(Phase::read, {done, total, 0, ""});
  };
  const InterruptWatch watch;
  options.stopped = [&] { return watch.stopped(); };
  cache::WorkerPool pool;
  HOD_TRY(const cache::CacheProof proof,
          cache::prove_cache(session.settings.cache_dir.value, store, options, pool));
  session.reporter.phase_done(Phase::read);
  const bool repaired = options.repair && !proof.right();
  session.reporter.result(damage_text(proof), document_of(proof, repaired));
  session.reporter.line(
      fmt::format("{}, {} files, {}, {} looked at{}", counted(proof.packages, "package"),
                  grouped(proof.files), readable_bytes(proof.bytes),
                  counted(proof.records, "metadata record"), proof.right() ? ": all right" : ""));
  if (proof.right() || repaired) {
    if (repaired) session.reporter.line("what is damaged was taken out; installs fetch it again");
    return 0;
  }
  session.reporter.line("`hod cache verify --repair` takes it out, to be fetched again");
  return exit_code(ErrorCode::integrity_mismatch);
}

// ---- gc and clean

Result<std::chrono::seconds> max_age(const Session& session) {
  const auto given = session.arguments.value(Option::max_age);
  if (!given) return kGrace;
  if (const auto age = age_of(Json::string(*given), kMinutesPerDay))
    return std::chrono::duration_cast<std::chrono::seconds>(*age);
  return failure(Error(ErrorCode::usage, fmt::format("`--max-age` must be an age such as 30d, 36h "
                                                     "or 0, not `{}`",
                                                     *given)));
}

Result<int> collect(Session& session, const cache::StoreOptions& options) {
  HOD_TRY(const std::chrono::seconds age, max_age(session));
  HOD_TRY(const cache::Collected collected,
          cache::collect_cache(session.settings.cache_dir.value, options, age, now()));
  Json document = Json::object();
  document.set("packages", number(collected.packages));
  document.set("bytes", number(collected.bytes));
  document.set("packagesLeft", number(collected.packages_left));
  document.set("packagesInTrees", number(collected.in_trees));
  document.set("metadataRecords", number(collected.records));
  document.set("globalVirtualStoreEntries", number(collected.closures));
  document.set("spares", number(collected.spares));
  session.reporter.result("", std::move(document));
  session.reporter.line(
      fmt::format("removed {} ({}), {} left", counted(collected.packages, "package"),
                  readable_bytes(collected.bytes), grouped(collected.packages_left)));
  if (collected.closures > 0)
    session.reporter.line(fmt::format("removed {} of the global virtual store",
                                      counted(collected.closures, "closure")));
  if (collected.spares > 0)
    session.reporter.line(fmt::format("removed {}", counted(collected.spares, "spare tree")));
  if (collected.records > 0)
    session.reporter.line(fmt::format("forgot {}", counted(collected.records, "metadata record")));
  if (collected.in_trees > 0)
    session.reporter.line(
        fmt::format("kept {} that projects share: removing them would free nothing",
                    counted(collected.in_trees, "unused package")));
  return 0;
}

Result<int> clean(Session& session, const cache::StoreOptions& options) {
  const std::string& root = session.settings.cache_dir.value;
  HOD_CHECK(cache::clean_cache(root, options));
  Json document = Json::object();
  document.set("path", Json::string(root));
  session.reporter.result("", std::move(document));
  session.reporter.line(fmt::format("{} is empty", root));
  return 0;
}

}  // namespace

Result<int> cache_command(Session& session) {
  const std::vector<std::string>& words = session.arguments.words();
  const std::string verb = words.empty() ? "info" : words.front();
  const cache::StoreOptions options = store_options(session.settings, session.environment);
  if (words.size() <= 1) {
    if (verb == "path" || verb == "dir") return path(session);
    if (verb == "info" || verb == "status") return info(session, options);
    if (verb == "verify") return verify(session, options);
    if (verb == "gc" || verb == "prune") return collect(session, options);
    if (verb == "clean" || verb == "clear") return clean(session, options);
  }
  return failure(Error(ErrorCode::usage, "`hod cache` knows path, info, verify, gc and clean"));
}

}  // namespace hod::cli
