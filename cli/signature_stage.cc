// SPDX-License-Identifier: MIT
// What must stay true:
//  (1) A package whose metadata has no signature by a known key, neither of this version nor of any
//      other, costs a look at a bit a version: most private registries sign nothing.
//  (2) Where a registry signs, each version is signed: one without, or with a signature by a key
//      that nobody knows, is what a mirror would serve that cannot sign.
#include "cli/signature_stage.h"

#include <algorithm>
#include <set>
#include <vector>

#include <fmt/core.h>

#include "core/base/file.h"

namespace hod::cli {

namespace {

using cache::SignatureCheck;
using cache::SignatureVerdict;

Result<SignatureCheck> known_keys(const SignaturePolicy& policy) {
  HOD_TRY(std::vector<cache::SigningKey> keys,
          cache::parse_signing_keys(cache::pinned_signing_keys(), "the keys of this build"));
  if (!policy.keys_file.empty()) {
    HOD_TRY(const std::string text, read_file(policy.keys_file));
    HOD_TRY(std::vector<cache::SigningKey> own, cache::parse_signing_keys(text, policy.keys_file));
    keys.insert(keys.end(), own.begin(), own.end());
  }
  return SignatureCheck::make(keys);
}

bool any_is_signed(const PackageMetadata& metadata) {
  for (std::uint32_t i = 0; i < metadata.version_count(); ++i) {
    if (metadata.is_signed(i)) return true;
  }
  return false;
}

struct Entry {
  const GraphPackage* package = nullptr;
  const PackageMetadata* metadata = nullptr;
  std::uint32_t version = 0;
  SignatureVerdict verdict = SignatureVerdict::none;
};

// Has any version a signature of a key that is known?
bool signs_with_known_keys(const Entry& entry, const SignatureCheck& check) {
  for (std::uint32_t i = 0; i < entry.metadata->version_count(); ++i) {
    if (!entry.metadata->is_signed(i)) continue;
    const VersionFacts facts = entry.metadata->release_facts(i);
    if (check.verify("", facts.signatures, 0) != SignatureVerdict::none) return true;
  }
  return false;
}

class Checker {
 public:
  Checker(const ResolutionGraph& graph, const ResolutionGraph* locked,
          const SignaturePolicy& policy)
      : graph_(graph), policy_(policy) {
    if (locked == nullptr) return;
    for (const GraphPackage& package : locked->packages) known_.insert(identity(package));
  }

  void collect(const std::function<const PackageMetadata*(const std::string&)>& metadata) {
    std::set<std::string> seen;  // instances of one version
    for (const GraphPackage& package : graph_.packages) {
      if (package.source.kind != PackageSource::Kind::registry) continue;
      const PackageMetadata* of_name = metadata(package.name);
      const auto version = of_name ? of_name->find(package.version) : std::nullopt;
      if (!version) continue;
      const bool wanted = policy_.verify == VerifySignatures::always || any_is_signed(*of_name);
      if (!wanted || known_.contains(identity(package))) continue;
      if (seen.insert(identity(package)).second) {
        entries_.push_back({&package, of_name, *version, SignatureVerdict::none});
      }
    }
  }

  bool empty() const { return entries_.empty(); }

  void verify(const SignatureCheck& check, cache::WorkerPool& pool) {
    pool.for_each(entries_.size(), [&](std::size_t i) {
      Entry& entry = entries_[i];
      const VersionFacts facts = entry.metadata->release_facts(entry.version);
      entry.verdict = check.verify(entry.package->id() + ":" + entry.package->integrity,
                                   facts.signatures, facts.published);
    });
  }

  Errors errors(const SignatureCheck& check) const {
    Errors errors;
    for (const Entry& entry : entries_) {
      const std::string id = entry.package->id();
      if (entry.verdict == SignatureVerdict::wrong) {
        errors.push_back(
            Error(ErrorCode::signature_wrong,
                  fmt::format("the registry's signature does not fit `{}` and its digest", id))
                .at(id)
                .hint("do not install it from here; tell the registry's maintainer"));
      } else if (entry.verdict == SignatureVerdict::expired) {
        errors.push_back(
            Error(ErrorCode::signature_wrong,
                  fmt::format("`{}` is signed with a key that was out of use by then", id))
                .at(id)
                .hint("do not install it from here; tell the registry's maintainer"));
      } else if (entry.verdict == SignatureVerdict::none &&
                 (policy_.verify == VerifySignatures::always ||
                  signs_with_known_keys(entry, check))) {
        errors.push_back(missing(id));
      }
    }
    return errors;
  }

 private:
  static std::string identity(const GraphPackage& package) {
    return package.id() + " " + package.integrity;
  }

  Error missing(const std::string& id) const {
    const bool always = policy_.verify == VerifySignatures::always;
    return Error(ErrorCode::signature_missing,
                 always ? fmt::format("`{}` has no signature by a key that hod knows", id)
                        : fmt::format("`{}` has no signature, other versions of it have", id))
        .at(id)
        .hint(always ? "your setting `verify-signatures=always` wants one"
                     : "a mirror may have changed it; if you trust that, set "
                       "`verify-signatures=never` in your own settings");
  }

  const ResolutionGraph& graph_;
  const SignaturePolicy& policy_;
  std::set<std::string> known_;
  std::vector<Entry> entries_;
};

}  // namespace

StageResult<void> check_signatures(
    const ResolutionGraph& graph, const ResolutionGraph* locked, const SignaturePolicy& policy,
    const std::function<const PackageMetadata*(const std::string& name)>& metadata,
    const std::function<cache::WorkerPool&()>& pool) {
  if (policy.verify == VerifySignatures::never) return {};
  Checker checker(graph, locked, policy);
  checker.collect(metadata);
  if (checker.empty()) return {};
  auto check = known_keys(policy);
  if (!check) return failed(std::move(check.error()));
  checker.verify(*check, pool());
  Errors errors = checker.errors(*check);
  if (!errors.empty()) return failed(std::move(errors));
  return {};
}

}  // namespace hod::cli
