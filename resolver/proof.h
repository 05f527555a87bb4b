// SPDX-License-Identifier: MIT
// Why the solver believes something: a requirement somebody wrote, or a step that follows from
// other proofs. A refuted project's proof leads back to requirements that cannot hold together;
// explain.cc makes sentences of those.
#pragma once

#include <optional>
#include <vector>

#include "resolver/bits.h"
#include "resolver/ids.h"

namespace hod::resolver {

// "These versions of `package` ask for `alias`": one entry of one or more manifests.
struct Fact {
  PackageId package = kNoPackageId;
  Bits versions;
  NameId alias = kNoName;
  bool peer = false;
};

struct Proof {
  std::optional<Fact> fact;
  std::vector<ProofId> from;
};

class Proofs {
 public:
  ProofId fact(const Fact& fact) { return proofs_.add({fact, {}}); }
  ProofId derived(std::vector<ProofId> from) {
    return proofs_.add({std::nullopt, std::move(from)});
  }
  const Proof& operator[](ProofId id) const { return proofs_[id]; }
  std::size_t size() const { return proofs_.size(); }

 private:
  IdTable<ProofId, Proof> proofs_;
};

// Every fact that a proof comes down to, each once, in the order in which it mentions them.
std::vector<Fact> facts_behind(const Proofs& proofs, ProofId id);

}  // namespace hod::resolver
