// SPDX-License-Identifier: MIT
// Which of two entries of one manifest for the same name counts. Pure.
#pragma once

#include "core/model/dependency.h"

namespace hod {

// The lower one wins: optional beats production, both beat development; peers are kept beside
// others.
constexpr int rank(DependencyKind kind) {
  switch (kind) {
    case DependencyKind::optional:
      return 0;
    case DependencyKind::production:
      return 1;
    case DependencyKind::development:
      return 2;
    case DependencyKind::peer:
      return 3;
    case DependencyKind::optional_peer:
      return 4;
  }
  return 5;
}

constexpr bool is_peer(DependencyKind kind) {
  return kind == DependencyKind::peer || kind == DependencyKind::optional_peer;
}

}  // namespace hod
