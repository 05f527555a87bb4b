// SPDX-License-Identifier: MIT
#include "core/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace hod {

void assert_failed(const char* condition, const char* file, int line) noexcept {
  std::fprintf(stderr, "hod: this is a fault in hod itself: `%s` does not hold at %s:%d\n",
               condition, file, line);
  std::abort();
}

}  // namespace hod
