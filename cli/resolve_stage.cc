// SPDX-License-Identifier: MIT
// What must stay true:
//  (1) No key is asked for twice.
//  (2) A package the registry does not have is a fact for the solver; a registry that does not
//  answer is a failure of the
//      command, and the questions still open are waited for, so that all failures are told at once.
#include "cli/resolve_stage.h"

#include <algorithm>
#include <map>
#include <utility>

#include "cli/local_sources.h"
#include "cli/near_versions.h"
#include "cli/signature_stage.h"

namespace hod::cli {

namespace {

using resolver::MetadataKey;
using resolver::Solver;

bool is_fact(ErrorCode code) {
  constexpr ErrorCode kFacts[] = {ErrorCode::package_not_found,     ErrorCode::version_not_found,
                                  ErrorCode::specifier_unsupported, ErrorCode::name_invalid,
                                  ErrorCode::manifest_missing,      ErrorCode::file_missing};
  return std::find(std::begin(kFacts), std::end(kFacts), code) != std::end(kFacts);
}

PackageMetadata only_these(const PackageMetadata& metadata, const std::set<std::string>& versions) {
  PackageMetadataBuilder builder(metadata.name());
  builder.set_modified(metadata.modified());
  builder.set_has_publish_times(metadata.has_publish_times());
  for (std::uint32_t i = 0; i < metadata.version_count(); ++i) {
    if (versions.contains(std::string(metadata.version_text(i))))
      builder.add_version(metadata.facts(i));
  }
  for (const auto& [tag, version] : metadata.tags()) {
    if (versions.contains(version)) builder.add_tag(tag, version);
  }
  return make_package_metadata(std::move(builder));
}

// The same document as if nothing in it were younger.
PackageMetadata modified_at(const PackageMetadata& metadata, std::int64_t time) {
  PackageMetadataBuilder builder(metadata.name());
  builder.set_modified(time);
  for (std::uint32_t i = 0; i < metadata.version_count(); ++i)
    builder.add_version(metadata.facts(i));
  for (const auto& [tag, version] : metadata.tags()) builder.add_tag(tag, version);
  return make_package_metadata(std::move(builder));
}

class Conversation {
 public:
  Conversation(ResolveInput input, Services& services, Reporter& reporter, Timing& timing)
      : project_root_(std::move(input.project_root)),
        only_(std::move(input.only)),
        early_(input.early),
        locked_(input.locked),
        signatures_(std::move(input.signatures)),
        on_conflict_(std::move(input.on_conflict)),
        before_(input.policy.before),
        offline_(input.offline),
        before_exempt_(input.policy.before_exempt),
        solver_(std::move(input.requirements), input.locked, std::move(input.policy)),
        services_(services),
        reporter_(reporter),
        timing_(timing) {}

  StageResult<Resolved> run() {
    for (;;) {
      Solver::Step step = solver_.advance();
      if (step.done) break;
      for (const MetadataKey& key : step.needed) ask(key);
      for (const MetadataKey& key : step.likely) ask(key);
      if (auto expected = expect(std::move(step.expected)); !expected) {
        return failed(std::move(expected.error()));
      }
      bool progressed = answers_ > answers_used_;
      if (!progressed) {
        if (auto waited =
                services_.run_until([&] { return answers_ > answers_used_ || pending_ == 0; });
            !waited) {
          return failed(std::move(waited.error()));
        }
      }
      if (!errors_.empty()) return fail();
      HOD_ASSERT(answers_ > answers_used_);  // the solver waits for nothing but answers
      answers_used_ = answers_;
    }
    return finish();
  }

 private:
  void ask(const MetadataKey& key) {
    if (!asked_.insert(key).second) return;
    ++pending_;
    switch (key.source.kind) {
      case PackageSource::Kind::registry:
        return ask_registry(key);
      case PackageSource::Kind::tarball_url:
        return ask_address(key);
      case PackageSource::Kind::tarball_file:
        return ask_archive(key);
      case PackageSource::Kind::directory:
      case PackageSource::Kind::link:
        return answer_source(key, provided_by_folder(project_root_, key.source, key.name));
      case PackageSource::Kind::git:
        return ask_git(key);
    }
  }

  void ask_registry(const MetadataKey& key) {
    auto name = PackageName::parse(key.name);
    if (!name) return answer_missing(key, std::move(name.error()));
    auto registry = services_.registry();
    if (!registry) return answer_missing(key, std::move(registry.error()));
    (*registry)->metadata(*name, fetcher::Freshness::normal,
                          [this, key, name = *name](Result<PackageMetadata> metadata) {
                            if (metadata && needs_times(key.name, *metadata))
                              return ask_times(key, name, *metadata);
                            answer_metadata(key, std::move(metadata));
                          });
  }

  // Documents without the versions' times are enough where nothing is younger than the limit.
  bool needs_times(const std::string& name, const PackageMetadata& metadata) const {
    if (before_ == 0 || metadata.has_publish_times()) return false;
    if (resolver::is_exempt(before_exempt_, name)) return false;
    return metadata.modified() == 0 || metadata.modified() > before_;
  }

  // Offline, the cache may have no document with times: then what it has is taken as it is.
  void ask_times(const MetadataKey& key, const PackageName& name, const PackageMetadata& known) {
    auto registry = services_.registry();
    if (!registry) return answer_missing(key, std::move(registry.error()));
    (*registry)->metadata(name, fetcher::Freshness::full_document,
                          [this, key, known](Result<PackageMetadata> metadata) {
                            const bool timeless =
                                metadata ? offline_ && !metadata->has_publish_times()
                                         : metadata.error().code() == ErrorCode::offline_missing;
                            if (!timeless) return answer_metadata(key, std::move(metadata));
                            without_times_.insert(key.name);
                            answer_metadata(key, modified_at(known, before_));
                          });
  }

  void answer_metadata(const MetadataKey& key, Result<PackageMetadata> metadata) {
    if (!metadata) return answer_missing(key, std::move(metadata.error()));
    if (only_ && only_->name == key.name) metadata = only_these(*metadata, only_->versions);
    known_.insert_or_assign(key.name, *metadata);  // shares its bytes
    solver_.provide(key, std::move(*metadata));
    answered();
  }

  // Where everything is in the cache there is no waiting to be put to use.
  Result<void> expect(std::vector<resolver::ExpectedRelease> releases) {
    if (early_ == nullptr) return {};
    for (resolver::ExpectedRelease& release : releases) {
      auto metadata = known_.find(release.name);
      if (metadata == known_.end()) continue;
      expected_.push_back({metadata->second, std::move(release.version)});
    }
    if (bytes() == 0) return {};
    return early_->expect(std::exchange(expected_, {}));
  }

  void ask_address(const MetadataKey& key) {
    auto registry = services_.registry();
    if (!registry) return answer_missing(key, std::move(registry.error()));
    fetcher::Registry::TarballRequest request;
    request.name = key.name;
    request.url = key.source.location;
    request.source = fetcher::AddressSource::user;
    (*registry)->tarball(std::move(request), [this, key](Result<cache::StoredPackagePtr> package) {
      if (!package) return answer_missing(key, std::move(package.error()));
      answer_source(key, provided_by_store(**package, key.source, key.name));
    });
  }

  void ask_git(const MetadataKey& key) {
    services_.fetch_git(
        key.source.location, key.name, [this, key](Result<fetcher::GitPackage> package) {
          if (!package) return answer_missing(key, std::move(package.error()));
          PackageSource found{PackageSource::Kind::git, package->location};
          answer_source(key, provided_by_store(*package->stored, std::move(found), key.name));
        });
  }

  void ask_archive(const MetadataKey& key) {
    auto store = services_.store();
    if (!store) return answer_missing(key, std::move(store.error()));
    answer_source(key, provided_by_archive(project_root_, key.source, key.name, **store));
  }

  void answer_source(const MetadataKey& key, Result<resolver::ProvidedSource> provided) {
    if (!provided) return answer_missing(key, std::move(provided.error()));
    solver_.provide_source(key, std::move(*provided));
    answered();
  }

  void answer_missing(const MetadataKey& key, Error error) {
    if (is_fact(error.code())) {
      solver_.provide_missing(key, std::move(error));
    } else {
      errors_.push_back(std::move(error).during("looking for the versions of `" + key.name + "`"));
    }
    answered();
  }

  void answered() {
    --pending_;
    ++answers_;
    reporter_.progress(Phase::resolve, {answers_, asked_.size(), bytes(), services_.slowest()});
  }

  std::uint64_t bytes() const {
    auto network = services_.network();
    return network ? network->bytes_received - network->archive_bytes : 0;
  }

  // What is still open is heard before giving up.
  StageResult<Resolved> fail() {
    auto waited = services_.run_until([&] { return pending_ == 0; });
    if (!waited) return failed(std::move(waited.error()));
    return failed(std::move(errors_));
  }

  // Said once, whatever comes of it.
  void tell_without_times() const {
    if (without_times_.empty()) return;
    const std::size_t others = without_times_.size() - 1;
    const std::string more = others == 0 ? "" : " and " + counted(others, "other package");
    reporter_.notice("offline: the cache does not know when versions of `" +
                     *without_times_.begin() + "`" + more +
                     " were published; the minimum release age is not applied to them");
  }

  StageResult<Resolved> finish() {
    tell_without_times();
    timing_.add_operations(Phase::resolve, solver_.statistics().packages_loaded);
    timing_.add_bytes(Phase::resolve, bytes());
    auto graph = solver_.take_result();
    if (!graph) {
      if (on_conflict_ && solver_.conflict() != nullptr) on_conflict_(*solver_.conflict());
      return failed(only_ ? std::move(graph.error())
                          : with_near_versions(std::move(graph.error())));
    }
    Resolved resolved{std::move(*graph), solver_.warnings()};
    const auto metadata_of = [this](const std::string& name) {
      const auto found = known_.find(name);
      return found == known_.end() ? nullptr : &found->second;
    };
    const auto pool = [this]() -> cache::WorkerPool& { return services_.pool(); };
    if (auto checked = check_signatures(resolved.graph, locked_, signatures_, metadata_of, pool);
        !checked)
      return failed(std::move(checked.error()));
    if (auto registry =
            services_.network() ? services_.registry() : Result<fetcher::Registry*>(nullptr);
        registry && *registry) {
      for (GraphPackage& package : resolved.graph.packages) {
        if (package.source.kind != PackageSource::Kind::registry) continue;
        auto name = PackageName::parse(package.name);
        if (name)
          package.tarball = (*registry)->lockfile_tarball(*name, package.version, package.tarball);
      }
    }
    return resolved;
  }

  // Versions and tags near the ones that do not exist.
  Error with_near_versions(Error error) const {
    const resolver::Conflict* conflict = solver_.conflict();
    if (conflict == nullptr) return error;
    for (const resolver::Cause& cause : conflict->causes) {
      if (cause.kind != resolver::Cause::Kind::no_version) continue;
      auto metadata = known_.find(cause.dependency);
      if (metadata == known_.end()) continue;
      std::string near = near_versions(metadata->second, cause.range);
      if (!near.empty())
        error = std::move(error).hint("versions of `" + cause.dependency + "` near that: " + near);
    }
    return error;
  }

  std::string project_root_;
  std::optional<ResolveInput::Only> only_;
  EarlyFetch* early_;
  const ResolutionGraph* locked_;
  SignaturePolicy signatures_;
  std::vector<EarlyFetch::Release> expected_;  // not yet asked for
  std::function<void(const resolver::Conflict&)> on_conflict_;
  std::int64_t before_;
  bool offline_;
  std::set<std::string> before_exempt_;
  Solver solver_;
  Services& services_;
  Reporter& reporter_;
  Timing& timing_;
  std::set<MetadataKey> asked_;
  std::set<std::string> without_times_;           // offline: their age cannot be known
  std::map<std::string, PackageMetadata> known_;  // what the registry answered, by name
  std::size_t pending_ = 0, answers_ = 0, answers_used_ = 0;
  Errors errors_;
};

}  // namespace

StageResult<Resolved> resolve(ResolveInput input, Services& services, Reporter& reporter,
                              Timing& timing) {
  PhaseScope scope(timing, Phase::resolve);
  Conversation conversation(std::move(input), services, reporter, timing);
  StageResult<Resolved> resolved = conversation.run();
  reporter.phase_done(Phase::resolve);
  return resolved;
}

}  // namespace hod::cli
