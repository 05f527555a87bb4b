// SPDX-License-Identifier: MIT
// What a lockfile tells of packages themselves, so that nobody has to be asked about those that
// stay as they are: records of the locked versions of a name, made from the lockfile alone.
//
// Such a record is all there is to know while nothing but the locked versions is wanted of the
// name. The Engine asks for the real one as soon as a range fits none of them, or a conflict
// involves the name, and begins again.
//
// A name has a record only if the lockfile says all that counts: see lock_facts.cc.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/model/package_metadata.h"
#include "core/model/requirements.h"
#include "core/model/resolution_graph.h"
#include "resolver/solver.h"

namespace hod::resolver {

// A peer that is wrong in the lockfile.
struct WrongPeer {
  std::string version;  // of the package that has the peer
  std::string peer;
  bool absent = false;  // nobody provides it
};

struct LockFacts {
  using Records = std::map<std::string, PackageMetadata, std::less<>>;
  using WrongPeers = std::map<std::string, std::vector<WrongPeer>, std::less<>>;
  Records records;
  WrongPeers wrong_peers;  // by the name of who has the peer
};
// Nothing, as far as the policy does not want it. `locked`: null = no lockfile.
LockFacts lock_facts(const ResolutionGraph* locked, const Requirements& requirements,
                     const Policy& policy);

}  // namespace hod::resolver
