// SPDX-License-Identifier: MIT
// Where a git, URL, file or folder specifier points, in the one spelling that graph, lockfile and
// fetcher share.
#pragma once

#include <string>
#include <string_view>

#include "core/model/resolution_graph.h"
#include "core/model/specifier.h"

namespace hod::resolver {

// `base`: the folder of whoever wrote the specifier. Git addresses carry what selects the commit
// behind `#`, until the fetcher puts the full commit there: "git+ssh://git@host/a/b.git#semver:^1",
// "…#main", "…#main&path:packages/x".
PackageSource source_of(const Specifier& specifier, std::string_view base);

}  // namespace hod::resolver
