// SPDX-License-Identifier: MIT
#include "cli/foreign_lockfile.h"

#include "cli/graph_question.h"
#include "core/base/file.h"
#include "lockfile/foreign_facts.h"

namespace hod::cli {

namespace {

constexpr std::string_view kBinaryLockfile = "bun.lockb";

Error binary_lockfile(const std::string& root) {
  return Error(ErrorCode::lockfile_invalid, "bun.lockb is binary, hod reads bun's text lockfile")
      .at(root + "/" + std::string(kBinaryLockfile))
      .hint("`bun install --save-text-lockfile --lockfile-only` makes bun.lock of it");
}

}  // namespace

std::optional<std::string> foreign_lockfile_in(const std::string& root) {
  for (const lockfile::ForeignFile& file : lockfile::foreign_files()) {
    if (file_exists(root + "/" + std::string(file.name))) return std::string(file.name);
  }
  return std::nullopt;
}

Result<std::optional<ForeignLockfile>> read_foreign_lockfile(const std::string& root,
                                                             const Requirements& requirements) {
  for (const lockfile::ForeignFile& file : lockfile::foreign_files()) {
    const std::string path = root + "/" + std::string(file.name);
    HOD_TRY(std::optional<std::string> text, read_file_if_present(path));
    if (!text) continue;
    auto lock = lockfile::read_foreign_lock(file.format, *text, path, requirements);
    if (!lock) return failure(std::move(lock.error()));
    lock->graph.overrides = override_record(requirements);
    return ForeignLockfile{std::string(file.name), std::move(*text), std::move(*lock)};
  }
  if (file_exists(root + "/" + std::string(kBinaryLockfile))) {
    return failure(binary_lockfile(root));
  }
  return std::optional<ForeignLockfile>();
}

Result<void> complete_foreign_lockfile(ForeignLockfile& file, const std::string& root,
                                       Services& services) {
  const std::set<std::string> names = lockfile::names_with_unknown_facts(file.lock);
  if (!names.empty()) {
    HOD_TRY(Documents documents, ask_documents(services, names, fetcher::Freshness::normal));
    if (!documents.errors.empty()) {
      return failure(std::move(documents.errors.front())
                         .during("completing what " + file.name + " does not record"));
    }
    HOD_CHECK(lockfile::complete_facts(file.lock, documents.found, root + "/" + file.name));
  }
  HOD_TRY(fetcher::Registry * registry, services.registry());
  for (GraphPackage& package : file.lock.graph.packages) {
    if (package.source.kind != PackageSource::Kind::registry || package.tarball.empty()) continue;
    HOD_TRY(PackageName name, PackageName::parse(package.name));
    package.tarball = registry->lockfile_tarball(name, package.version, package.tarball);
  }
  return {};
}

}  // namespace hod::cli
