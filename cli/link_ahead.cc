// SPDX-License-Identifier: MIT
#include "cli/link_ahead.h"

#include "cli/afterwards.h"

namespace hod::cli {

bool should_link_ahead(Afterwards setting, bool ci, const cache::LinkReport& links,
                       std::size_t downloaded) {
  switch (setting) {
    case Afterwards::never:
      return false;
    case Afterwards::always:
      return true;
    case Afterwards::automatic:
      return !ci && links.whole_root && downloaded == 0;
  }
  return false;
}

void link_ahead(cache::SpareOrder order) {
  std::optional<cache::SpareMaker> maker = cache::SpareMaker::begin(std::move(order));
  if (!maker) return;
  // Without a process there is no spare, which is no harm.
  static_cast<void>(
      run_afterwards(Urgency::idle, {maker->lock()}, [&] { return maker->run().has_value(); }));
}

}  // namespace hod::cli
