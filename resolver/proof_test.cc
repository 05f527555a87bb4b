// SPDX-License-Identifier: MIT
#include "resolver/proof.h"

#include <doctest/doctest.h>

namespace hod::resolver {

TEST_CASE("a proof comes down to its facts, each once") {
  Proofs proofs;
  const auto fact = [&](std::uint32_t name) {
    return proofs.fact({PackageId{0}, Bits{}, NameId{name}, false});
  };
  const ProofId a = fact(1);
  const ProofId b = fact(2);
  const ProofId unused = fact(3);
  const ProofId both = proofs.derived({a, b});
  const ProofId all = proofs.derived({both, b, both});
  const std::vector<Fact> facts = facts_behind(proofs, all);
  REQUIRE(facts.size() == 2);
  CHECK(facts[0].alias == NameId{1});
  CHECK(facts[1].alias == NameId{2});
  CHECK(facts_behind(proofs, unused).size() == 1);
}

}  // namespace hod::resolver
