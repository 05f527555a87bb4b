// SPDX-License-Identifier: MIT
// Archives of releases that the solver expects to choose, fetched while it waits for metadata.
//
// A guess costs bytes when it is wrong, never more: what comes is verified like any archive, lies
// in the store, and is linked only if the graph has it. Main thread only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "cache/store.h"
#include "cli/services.h"
#include "core/base/result.h"
#include "core/model/package_metadata.h"
#include "core/model/resolution_graph.h"

namespace hod::cli {

class EarlyFetch {
 public:
  // Both must outlive the object.
  EarlyFetch(Services& services, const Platform& platform);
  ~EarlyFetch();

  // Asks for archives, but for those that were asked for before, are in the store, or are of no use
  // here.
  struct Release {
    PackageMetadata metadata;
    std::string version;
  };
  Result<void> expect(const std::vector<Release>& releases);

  // True: this very archive was expected, and `done` is called with what came of it, maybe at once.
  enum class Whence : std::uint8_t { store, network };
  using Done = std::function<void(Result<cache::StoredPackagePtr>, Whence)>;
  bool take(const GraphPackage& package, Done done);

 private:
  struct State;
  std::shared_ptr<State> state_;  // requests under way hold weak references
};

}  // namespace hod::cli
