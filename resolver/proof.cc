// SPDX-License-Identifier: MIT
// See proof.h.
#include "resolver/proof.h"

#include <algorithm>

namespace hod::resolver {

std::vector<Fact> facts_behind(const Proofs& proofs, ProofId id) {
  std::vector<Fact> facts;
  std::vector<bool> seen(proofs.size());
  std::vector<ProofId> waiting{id};
  while (!waiting.empty()) {
    const ProofId next = waiting.back();
    waiting.pop_back();
    if (seen[at(next)]) continue;
    seen[at(next)] = true;
    const Proof& proof = proofs[next];
    waiting.insert(waiting.end(), proof.from.rbegin(), proof.from.rend());
    if (proof.fact) facts.push_back(*proof.fact);
  }
  return facts;
}

}  // namespace hod::resolver
