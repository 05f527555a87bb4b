// SPDX-License-Identifier: MIT
#include "cli/fetch_stage.h"

#include <algorithm>

#include <fmt/core.h>

#include "cache/file_system.h"
#include "cli/local_sources.h"
#include "cli/usual_size.h"
#include "core/base/file.h"
#include "core/model/version.h"

namespace hod::cli {

namespace {

// Git packages are proved by their commit, folders are not proved.
bool has_digest(const GraphPackage& package) {
  return package.source.kind != PackageSource::Kind::git &&
         package.source.kind != PackageSource::Kind::directory &&
         package.source.kind != PackageSource::Kind::link;
}

bool has_archive(const GraphPackage& package) {
  return package.source.kind != PackageSource::Kind::directory &&
         package.source.kind != PackageSource::Kind::link;
}

// "1.0.0" in the metadata, "v1.0.0" or "1.0.0+build" in the archive: the same version.
bool same_version(std::string_view a, std::string_view b) {
  if (a == b) return true;
  auto left = Version::parse(a, Loose::yes);
  auto right = Version::parse(b, Loose::yes);
  return left && right && *left == *right;
}

// Only registry packages have a name and version that somebody vouches for.
Result<void> check_identity(const GraphPackage& package, const cache::StoredPackage& stored) {
  if (package.source.kind != PackageSource::Kind::registry) return {};
  if (stored.manifest_name == package.name &&
      same_version(stored.manifest_version, package.version))
    return {};
  return failure(Error(ErrorCode::archive_hostile,
                       fmt::format("the archive of `{}` says it is `{}@{}`", package.id(),
                                   stored.manifest_name, stored.manifest_version))
                     .at(package.id())
                     .hint("do not use this version; tell the registry's maintainer"));
}

class FetchRun {
 public:
  FetchRun(const ResolutionGraph& graph, const std::string& project_root, Services& services,
           Reporter& reporter, EarlyFetch* early)
      : graph_(graph),
        project_root_(project_root),
        services_(services),
        reporter_(reporter),
        early_(early),
        bytes_before_(early == nullptr ? bytes_received() : 0) {
    fetched_.contents.resize(graph.packages.size());
  }

  StageResult<Fetched> run(const std::vector<PackageIndex>& wanted) {
    std::vector<PackageIndex> archives;
    std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(archives),
                 [&](PackageIndex i) { return has_archive(graph_.packages[i]); });
    if (archives.empty()) return std::move(fetched_);
    std::vector<PackageIndex> others;
    std::copy_if(archives.begin(), archives.end(), std::back_inserter(others),
                 [&](PackageIndex i) { return !take_early(i); });
    const std::size_t taken = archives.size() - others.size();
    auto missing = look_into_store(others);
    if (!missing) return failed(std::move(missing.error()));
    for (PackageIndex index : *missing) start(index, taken + missing->size());
    auto waited = services_.run_until([&] { return pending_ == 0; });
    if (!waited) return failed(std::move(waited.error()));
    for (PackageIndex index : archives) check(index);
    if (!errors_.empty()) return fail();
    return std::move(fetched_);
  }

 private:
  bool take_early(PackageIndex index) {
    using Whence = EarlyFetch::Whence;
    const auto arrived = [this, index](Result<cache::StoredPackagePtr> package, Whence whence) {
      if (package && whence == Whence::store) --fetched_.downloaded;  // finish() counts it
      finish(index, std::move(package));
    };
    if (early_ == nullptr) return false;
    ++pending_;
    if (early_->take(graph_.packages[index], arrived)) return true;
    --pending_;
    return false;
  }

  // One read transaction for all; what is not there is left.
  Result<std::vector<PackageIndex>> look_into_store(const std::vector<PackageIndex>& archives) {
    HOD_TRY(cache::Store * store, services_.store());
    std::vector<TarballDigest> digests;
    std::vector<PackageIndex> digested, missing;
    for (PackageIndex index : archives) {
      Integrity integrity = Integrity::parse(graph_.packages[index].integrity);
      if (auto digest = TarballDigest::of(integrity)) {
        digests.push_back(std::move(*digest));
        digested.push_back(index);
      } else if (const IntegrityHash* hash = integrity.strongest()) {
        HOD_TRY(fetched_.contents[index], store->find_by(*hash));
        if (!fetched_.contents[index]) missing.push_back(index);
      } else {
        missing.push_back(index);
      }
    }
    HOD_TRY(std::vector<cache::StoredPackagePtr> found, store->find(digests));
    for (std::size_t i = 0; i < digested.size(); ++i) {
      fetched_.contents[digested[i]] = found[i];
      if (!found[i]) missing.push_back(digested[i]);
    }
    return missing;
  }

  void start(PackageIndex index, std::size_t total) {
    const GraphPackage& package = graph_.packages[index];
    total_ = total;
    ++pending_;
    Integrity integrity = Integrity::parse(package.integrity);
    if (integrity.empty() && package.source.kind == PackageSource::Kind::registry) {
      return finish(
          index,
          failure(Error(ErrorCode::integrity_missing,
                        fmt::format("there is no digest for `{}`, so its bytes cannot be proved",
                                    package.id()))
                      .at(package.id())));
    }
    if (package.source.kind == PackageSource::Kind::tarball_file)
      return finish(index, add_archive(package, integrity));
    if (package.source.kind == PackageSource::Kind::git) return start_git(index);
    auto registry = services_.registry();
    if (!registry) return finish(index, failure(std::move(registry.error())));
    fetcher::Registry::TarballRequest request;
    request.name = package.name;
    request.version = package.version;
    bool from_registry = package.source.kind == PackageSource::Kind::registry;
    request.url = from_registry ? package.tarball : package.source.location;
    request.source =
        from_registry ? fetcher::AddressSource::registry : fetcher::AddressSource::user;
    request.integrity = std::move(integrity);
    request.size_hint = usual_size(package);
    services_.fetch_archive(std::move(request),
                            [this, index](Result<cache::StoredPackagePtr> stored) {
                              finish(index, std::move(stored));
                            });
  }

  void start_git(PackageIndex index) {
    const GraphPackage& package = graph_.packages[index];
    services_.fetch_git(package.source.location, package.name,
                        [this, index](Result<fetcher::GitPackage> found) {
                          if (!found) return finish(index, failure(std::move(found.error())));
                          finish(index, found->stored);
                        });
  }

  Result<cache::StoredPackagePtr> add_archive(const GraphPackage& package,
                                              const Integrity& integrity) {
    std::string path = absolute_location(project_root_, package.source.location);
    HOD_TRY(std::string bytes, read_file(path));
    HOD_TRY(cache::Store * store, services_.store());
    return store->add_tarball(bytes, integrity, package.id(), path);
  }

  void finish(PackageIndex index, Result<cache::StoredPackagePtr> stored) {
    --pending_;
    ++done_;
    if (stored) {
      fetched_.contents[index] = std::move(*stored);
      ++fetched_.downloaded;
    } else {
      errors_.emplace_back(
          index,
          std::move(stored.error()).during("fetching `" + graph_.packages[index].id() + "`"));
    }
    reporter_.progress(Phase::fetch,
                       {done_, total_, bytes_received() - bytes_before_, services_.slowest()});
  }

  std::uint64_t bytes_received() const {
    auto network = services_.network();
    return network ? network->archive_bytes : 0;
  }

  void check(PackageIndex index) {
    const cache::StoredPackagePtr& stored = fetched_.contents[index];
    if (!stored) return;  // has its error already
    auto checked = check_identity(graph_.packages[index], *stored);
    if (!checked) errors_.emplace_back(index, std::move(checked.error()));
  }

  // In the order of the packages, not of the answers: the same failure gives the same text.
  StageResult<Fetched> fail() {
    std::stable_sort(errors_.begin(), errors_.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    const auto full = std::find_if(errors_.begin(), errors_.end(), [](const auto& indexed) {
      return indexed.second.code() == ErrorCode::disk_full;
    });
    if (full != errors_.end()) full->second = with_space_needed(std::move(full->second));
    Errors errors;
    for (auto& [index, error] : errors_) errors.push_back(std::move(error));
    return failed(std::move(errors));
  }

  // How much would have to be free, as far as the registry says how large packages are.
  Error with_space_needed(Error error) const {
    std::uint64_t needed = 0;
    for (const auto& [index, other] : errors_) needed += graph_.packages[index].unpacked_size;
    const auto free = cache::free_bytes(error.where());
    if (needed == 0 || !free) return error;
    return std::move(error).detail(fmt::format("{} are still to be unpacked, {} are free there",
                                               readable_bytes(needed), readable_bytes(*free)));
  }

  const ResolutionGraph& graph_;
  const std::string& project_root_;
  Services& services_;
  Reporter& reporter_;
  Fetched fetched_;
  std::vector<std::pair<PackageIndex, Error>> errors_;
  std::size_t pending_ = 0, done_ = 0, total_ = 0;
  EarlyFetch* early_;
  std::uint64_t bytes_before_;
};

}  // namespace

StageResult<Fetched> fetch(const ResolutionGraph& graph, const std::vector<PackageIndex>& wanted,
                           const std::string& project_root, Services& services, Reporter& reporter,
                           Timing& timing, EarlyFetch* early) {
  PhaseScope scope(timing, Phase::fetch);
  // What came early belongs to this phase, too.
  const bool all = early != nullptr || !services.network();
  std::uint64_t before = all ? 0 : services.network()->archive_bytes;
  FetchRun run(graph, project_root, services, reporter, early);
  StageResult<Fetched> fetched = run.run(wanted);
  if (fetched) timing.add_operations(Phase::fetch, fetched->downloaded);
  if (auto network = services.network())
    timing.add_bytes(Phase::fetch, network->archive_bytes - before);
  reporter.phase_done(Phase::fetch);
  return fetched;
}

void upgrade_integrity(ResolutionGraph& graph,
                       const std::vector<cache::StoredPackagePtr>& contents) {
  for (std::size_t i = 0; i < graph.packages.size(); ++i) {
    GraphPackage& package = graph.packages[i];
    if (!contents[i] || !has_digest(package) ||
        TarballDigest::of(Integrity::parse(package.integrity)))
      continue;
    package.integrity = Integrity::of(DigestAlgorithm::sha512, contents[i]->digest.bytes).text();
  }
}

std::vector<PackageIndex> weakly_proved(const ResolutionGraph& graph) {
  std::vector<PackageIndex> out;
  for (PackageIndex i = 0; i < graph.packages.size(); ++i) {
    const GraphPackage& package = graph.packages[i];
    bool proved = TarballDigest::of(Integrity::parse(package.integrity)).has_value();
    if (has_digest(package) && !proved) out.push_back(i);
  }
  return out;
}

}  // namespace hod::cli
