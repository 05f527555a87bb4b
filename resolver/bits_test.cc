// SPDX-License-Identifier: MIT
#include "resolver/bits.h"

#include <set>

#include <doctest/doctest.h>

using namespace hod::resolver;

TEST_CASE("sets of versions behave as sets do") {
  BitArena arena;
  for (const std::uint32_t size : {1U, 63U, 64U, 65U, 200U}) {
    CAPTURE(size);
    const Bits bits = arena.zero(words_for(size));
    CHECK(bits.empty());
    CHECK(bits.highest() == Bits::kNoBit);
    bits.set(size - 1);
    CHECK(bits.only() == size - 1);
    bits.set_range(0, size);
    CHECK(bits.size() == size);
    CHECK(bits.only() == (size == 1 ? 0 : Bits::kNoBit));
    std::uint32_t count = 0;
    for (auto i = bits.below(size); i != Bits::kNoBit; i = bits.below(i)) ++count;
    CHECK(count == size);
    const Bits copy = arena.copy(bits);
    CHECK(copy.same(bits));
    copy.clear(0);
    CHECK(copy.within(bits));
    CHECK_FALSE(bits.within(copy));
    bits.drop(copy);
    CHECK(bits.only() == 0);
    CHECK_FALSE(bits.meets(copy));
  }
}

TEST_CASE("an arena gives back what came after a mark") {
  BitArena arena;
  const Bits kept = arena.zero(10);
  kept.set(3);
  const BitArena::Mark mark = arena.mark();
  for (int i = 0; i < 5000; ++i) arena.zero(7).set(5);
  arena.release(mark);
  const Bits again = arena.zero(9000);
  CHECK(again.empty());
  CHECK(kept.only() == 3);
}
