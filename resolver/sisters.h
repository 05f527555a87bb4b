// SPDX-License-Identifier: MIT
// Versions of one package that say the same: a conflict found for one of them holds for all, so one
// clause or lemma can speak of all, and the search does not try them one by one.
#pragma once

#include "resolver/knowledge.h"

namespace hod::resolver {

// Versions among `within` (and `version` itself) that, as `version` does, ask for `alias` with this
// specifier and kind. In `arena`. Where overrides or extensions may treat versions differently:
// only `version`.
Bits sisters(Knowledge& knowledge, BitArena& arena, PackageId package, VersionIndex version,
             Bits within, NameId alias, SpecId written, DependencyKind kind);

}  // namespace hod::resolver
