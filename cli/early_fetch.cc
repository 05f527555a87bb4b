// SPDX-License-Identifier: MIT
#include "cli/early_fetch.h"

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hod::cli {

namespace {

// Of unpacked files, by what their registry says: beyond, wrong guesses might cost too much.
constexpr std::uint64_t kMostExpectedBytes = std::uint64_t{4} << 30;

std::string key_of(std::string_view name, std::string_view version, std::string_view integrity) {
  std::string key(name);
  key.append("@").append(version).append(" ").append(integrity);
  return key;
}

struct Guess {
  void tell(const EarlyFetch::Done& done) const;

  std::optional<Result<cache::StoredPackagePtr>> outcome;
  EarlyFetch::Whence whence = EarlyFetch::Whence::network;
  std::vector<EarlyFetch::Done> taken_by;  // the graph may have a package in several contexts
};

void Guess::tell(const EarlyFetch::Done& done) const {
  if (*outcome) {
    done(**outcome, whence);
  } else {
    done(failure(outcome->error().clone()), whence);
  }
}

struct Candidate {
  std::string key;
  TarballDigest digest;
  fetcher::Registry::TarballRequest request;
};

}  // namespace

struct EarlyFetch::State : std::enable_shared_from_this<EarlyFetch::State> {
  Services& services;
  const Platform& platform;
  std::map<std::string, Guess> guesses;
  std::uint64_t expected_bytes = 0;

  State(Services& the_services, const Platform& the_platform)
      : services(the_services), platform(the_platform) {}

  std::optional<Candidate> candidate(const Release& release);
  void request(Candidate candidate);
  void settle(const std::string& key, Result<cache::StoredPackagePtr> outcome);
};

std::optional<Candidate> EarlyFetch::State::candidate(const Release& release) {
  const std::optional<std::uint32_t> index = release.metadata.find(release.version);
  if (!index) return std::nullopt;
  VersionFacts facts = release.metadata.release_facts(*index);
  Integrity integrity = Integrity::parse(facts.integrity);
  const auto digest = TarballDigest::of(integrity);
  if (!digest || !platform_allows(facts.platform, platform)) return std::nullopt;
  Candidate out{key_of(release.metadata.name(), facts.version, facts.integrity), *digest, {}};
  if (guesses.contains(out.key)) return std::nullopt;
  expected_bytes += facts.unpacked_size;
  if (expected_bytes > kMostExpectedBytes) return std::nullopt;
  guesses[out.key];
  out.request.name = std::string(release.metadata.name());
  out.request.version = std::move(facts.version);
  out.request.url = std::move(facts.tarball);
  out.request.integrity = std::move(integrity);
  out.request.size_hint = facts.unpacked_size;
  return out;
}

void EarlyFetch::State::request(Candidate candidate) {
  services.fetch_archive(std::move(candidate.request),
                         [weak = weak_from_this(),
                          key = std::move(candidate.key)](Result<cache::StoredPackagePtr> stored) {
                           if (auto state = weak.lock()) state->settle(key, std::move(stored));
                         });
}

void EarlyFetch::State::settle(const std::string& key, Result<cache::StoredPackagePtr> outcome) {
  Guess& guess = guesses.at(key);
  guess.outcome = std::move(outcome);
  for (Done& done : std::exchange(guess.taken_by, {})) guess.tell(done);
}

EarlyFetch::EarlyFetch(Services& services, const Platform& platform)
    : state_(std::make_shared<State>(services, platform)) {}

EarlyFetch::~EarlyFetch() = default;

Result<void> EarlyFetch::expect(const std::vector<Release>& releases) {
  State& state = *state_;
  std::vector<Candidate> candidates;
  std::vector<TarballDigest> digests;
  for (const Release& release : releases) {
    auto candidate = state.candidate(release);
    if (!candidate) continue;
    digests.push_back(candidate->digest);
    candidates.push_back(std::move(*candidate));
  }
  if (candidates.empty()) return {};
  HOD_TRY(cache::Store * store, state.services.store());
  HOD_CHECK(state.services.registry());
  HOD_TRY(std::vector<cache::StoredPackagePtr> known, store->find(digests));
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    if (!known[i]) {
      state.request(std::move(candidates[i]));
      continue;
    }
    Guess& guess = state.guesses[candidates[i].key];
    guess.whence = Whence::store;
    guess.outcome = std::move(known[i]);
  }
  return {};
}

bool EarlyFetch::take(const GraphPackage& package, Done done) {
  if (package.source.kind != PackageSource::Kind::registry) return false;
  auto found = state_->guesses.find(key_of(package.name, package.version, package.integrity));
  if (found == state_->guesses.end()) return false;
  Guess& guess = found->second;
  if (guess.outcome) {
    guess.tell(done);
  } else {
    guess.taken_by.push_back(std::move(done));
  }
  return true;
}

}  // namespace hod::cli
