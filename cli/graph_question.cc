// SPDX-License-Identifier: MIT
#include "cli/graph_question.h"

#include <chrono>

#include <fmt/core.h>

#include "core/base/file.h"
#include "lockfile/hod_lock.h"

namespace hod::cli {

namespace {

constexpr std::int64_t kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour, kYear = 365 * kDay;

class DocumentRun {
 public:
  DocumentRun(fetcher::Registry& registry, fetcher::Freshness freshness)
      : registry_(registry), freshness_(freshness) {}

  void ask(const std::string& name) {
    auto parsed = PackageName::parse(name);
    if (!parsed) {
      documents.errors.push_back(std::move(parsed.error()));
      return;
    }
    ++pending;
    registry_.metadata(*parsed, freshness_, [this, name](Result<PackageMetadata> metadata) {
      if (metadata) {
        documents.found.insert_or_assign(name, std::move(*metadata));
      } else {
        documents.errors.push_back(std::move(metadata.error()));
      }
      --pending;
    });
  }

  Documents documents;
  std::size_t pending = 0;

 private:
  fetcher::Registry& registry_;
  fetcher::Freshness freshness_;
};

}  // namespace

Result<LockedProject> open_locked_project(const Session& session) {
  HOD_TRY(ProjectPlace place, session.project_place());
  HOD_TRY(Project project, open_project(place));
  std::string path = project.root + "/hod.lock";
  HOD_TRY(std::optional<std::string> text, read_file_if_present(path));
  if (!text) {
    return failure(Error(ErrorCode::lockfile_missing, "there is no lockfile yet")
                       .at(path)
                       .hint("`hod install` makes one"));
  }
  HOD_TRY(ResolutionGraph graph, lockfile::read_hod_lock(*text, path));
  return LockedProject{std::move(project), std::move(graph)};
}

const GraphImporter* importer_at(const ResolutionGraph& graph, const std::string& path) {
  for (const GraphImporter& importer : graph.importers) {
    if (importer.path == path) return &importer;
  }
  return nullptr;
}

std::string importer_label(const GraphImporter& importer) {
  if (importer.path == ".") return "your package.json";
  return importer.name.empty() ? importer.path : importer.name;
}

Result<Documents> ask_documents(Services& services, const std::set<std::string>& names,
                                fetcher::Freshness freshness) {
  HOD_TRY(fetcher::Registry * registry, services.registry());
  DocumentRun run(*registry, freshness);
  for (const std::string& name : names) run.ask(name);
  HOD_CHECK(services.run_until([&] { return run.pending == 0; }));
  return std::move(run.documents);
}

AgeGate AgeGate::of(const InstallOptions& options) {
  auto now = std::chrono::system_clock::now().time_since_epoch();
  return {options.before, options.before_exempt,
          std::chrono::duration_cast<std::chrono::seconds>(now).count()};
}

bool AgeGate::holds_back(const PackageMetadata& metadata, std::uint32_t version) const {
  if (before == 0 || resolver::is_exempt(exempt, metadata.name())) return false;
  if (!metadata.has_publish_times()) return metadata.modified() > before;
  return metadata.published(version) == 0 || metadata.published(version) > before;
}

std::string AgeGate::wait(const PackageMetadata& metadata, std::uint32_t version) const {
  std::int64_t published = metadata.published(version);
  if (published == 0) return "";
  std::int64_t left = published - before;
  std::int64_t unit = left > kHour ? kHour : kMinute;
  return readable_age((left + unit - 1) / unit * unit);
}

std::optional<std::uint32_t> pick(const PackageMetadata& metadata, const Range& range,
                                  const AgeGate* gate) {
  std::optional<std::uint32_t> latest = metadata.tag("latest");
  const auto fits = [&](std::uint32_t i) {
    return range.contains(metadata.version(i)) && (!gate || !gate->holds_back(metadata, i));
  };
  if (latest && fits(*latest) && !metadata.is_deprecated(*latest)) return latest;
  std::optional<std::uint32_t> best;
  const auto rank = [&](std::uint32_t i) {
    return (metadata.is_deprecated(i) ? 0 : 2) + (metadata.version(i).is_prerelease() ? 0 : 1);
  };
  for (std::uint32_t i = 0; i < metadata.version_count(); ++i) {
    if (fits(i) && (!best || rank(i) >= rank(*best))) best = i;
  }
  return best;
}

std::string readable_age(std::int64_t seconds) {
  if (seconds < kHour) return fmt::format("{} min", seconds < kMinute ? 1 : seconds / kMinute);
  if (seconds < 2 * kDay) return fmt::format("{} h", seconds / kHour);
  if (seconds < 2 * kYear) return fmt::format("{} d", seconds / kDay);
  return fmt::format("{} y", seconds / kYear);
}

}  // namespace hod::cli
