// SPDX-License-Identifier: MIT
// fuzz_solver [FIRST [LAST]] [--fewest]
//
// Random universes with the seeds FIRST to LAST (default 1 to 20,000): the solver against brute
// force. Solvable alike, the solution valid, the same graph when answers come in another order; a
// refusal names a conflict. With --fewest also how many packages. Prints each difference with its
// seed; the exit code is 1 if there is any.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/resolution/brute_force.h"
#include "tests/resolution/compare.h"

int main(int count, char** arguments) {
  std::uint64_t first = 1;
  std::uint64_t last = 20'000;
  bool fewest = false;
  int numbers = 0;
  for (int i = 1; i < count; ++i) {
    const std::string word = arguments[i];
    if (word == "--fewest") {
      fewest = true;
    } else {
      (numbers++ == 0 ? first : last) = std::strtoull(word.c_str(), nullptr, 10);
    }
  }
  if (numbers == 1) last = first;
  hod::resolution::Comparison all;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const hod::resolution::Comparison one = hod::resolution::compare(seed, fewest);
    for (const std::string& difference : one.differences) {
      std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed), difference.c_str());
    }
    all.add(one);
  }
  std::printf(
      "%zu universes: %zu solvable, %zu not, %zu too large to try everything; %zu differences\n",
      all.universes, all.solvable, all.unsolvable, all.skipped, all.differences.size());
  if (fewest) {
    std::printf("fewest: %zu of %zu exact, %zu one more, %zu worse\n", all.exact, all.solvable,
                all.one_more, all.worse);
  }
  return all.differences.empty() ? 0 : 1;
}
