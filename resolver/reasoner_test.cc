// SPDX-License-Identifier: MIT
#include "resolver/reasoner.h"

#include <doctest/doctest.h>

using namespace hod::resolver;

namespace {

// Variables with values 0 to `count - 1`.
struct Setting {
  Proofs proofs;
  Reasoner reasoner{proofs};
  BitArena arena;

  Bits set(std::initializer_list<std::uint32_t> values) {
    const Bits bits = arena.zero(1);
    for (const std::uint32_t value : values) bits.set(value);
    return bits;
  }
  Variable variable(std::uint32_t count, bool context = false) {
    Reasoner::Domain domain;
    domain.values = arena.zero(1);
    domain.values.set_range(0, count);
    domain.because = proofs.derived({});
    domain.context = context;
    return reasoner.add_variable(domain);
  }
  void forbid(const std::vector<Term>& terms) { reasoner.add_clause(terms, proofs.derived({})); }
  // True: a solution was found; decides the lowest variable for its highest value.
  bool solve() {
    for (;;) {
      if (const auto violated = reasoner.propagate()) {
        if (!reasoner.learn(*violated)) return false;
        continue;
      }
      Variable next = 0;
      while (next < reasoner.variable_count() && reasoner.decided(next)) ++next;
      if (next == reasoner.variable_count()) return true;
      reasoner.decide(next, reasoner.domain(next).highest());
    }
  }
};

}  // namespace

TEST_CASE("what all other terms leave open is concluded") {
  Setting s;
  const Variable x = s.variable(2);
  const Variable y = s.variable(3);
  s.forbid({{x, s.set({1})}, {y, s.set({0, 2})}});
  s.reasoner.decide(x, 1);
  CHECK_FALSE(s.reasoner.propagate());
  CHECK(s.reasoner.domain(y).only() == 1);
  s.reasoner.restart();
  CHECK(s.reasoner.domain(y).size() == 3);
}

TEST_CASE("a conflict teaches, and the search goes back no further than it must") {
  Setting s;
  const Variable x = s.variable(2);
  const Variable between = s.variable(2);
  const Variable y = s.variable(2);
  s.forbid({{x, s.set({1})}, {y, s.set({1})}});
  s.forbid({{x, s.set({1})}, {y, s.set({0})}});
  s.forbid({{between, s.set({0})}});
  CHECK(s.solve());
  CHECK(s.reasoner.domain(x).only() == 0);
  CHECK(s.reasoner.conflicts() == 1);
}

TEST_CASE("what cannot be is refuted, and the proof leads back to what was stated") {
  Setting s;
  const Variable x = s.variable(2);
  const Variable y = s.variable(2);
  for (const std::uint32_t a : {0U, 1U}) {
    for (const std::uint32_t b : {0U, 1U}) s.forbid({{x, s.set({a})}, {y, s.set({b})}});
  }
  CHECK_FALSE(s.solve());
  CHECK(s.reasoner.refutation().context.empty());
  CHECK(s.reasoner.refutation().proof != kNoProof);
}

TEST_CASE("a refutation keeps what it needs of the context") {
  Setting s;
  const Variable given = s.variable(1, true);
  const Variable other = s.variable(1, true);
  const Variable x = s.variable(2);
  s.forbid({{given, s.set({0})}, {x, s.set({0})}});
  s.forbid({{given, s.set({0, 3})}, {x, s.set({1})}});
  CHECK_FALSE(s.solve());
  REQUIRE(s.reasoner.refutation().context.size() == 1);
  CHECK(s.reasoner.refutation().context[0].variable == given);
  CHECK(other == 1);
}

TEST_CASE("a refutation says which assumptions it leans on") {
  Setting s;
  const Variable x = s.variable(2);
  s.reasoner.add_clause({{x, s.set({0})}}, s.proofs.derived({}), 7);
  s.reasoner.add_clause({{x, s.set({1})}}, s.proofs.derived({}));
  CHECK_FALSE(s.solve());
  CHECK(s.reasoner.refutation().assumptions == std::vector<Assumption>{7});
}

TEST_CASE("eight pigeons do not fit into seven holes") {
  Setting s;
  std::vector<Variable> pigeons;
  for (int i = 0; i < 8; ++i) pigeons.push_back(s.variable(7));
  for (std::size_t a = 0; a < 8; ++a) {
    for (std::size_t b = a + 1; b < 8; ++b) {
      for (std::uint32_t hole = 0; hole < 7; ++hole) {
        s.forbid({{pigeons[a], s.set({hole})}, {pigeons[b], s.set({hole})}});
      }
    }
  }
  CHECK_FALSE(s.solve());
}
