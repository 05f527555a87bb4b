// SPDX-License-Identifier: MIT
#include "cli/link_ahead.h"

#include <fmt/core.h>

#include "cli/afterwards.h"
#include "cli/reporter.h"

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

std::string link_ahead_text(const std::string& cache_root) {
  const cache::SpareLedger ledger = cache::read_spare_ledger(cache_root);
  if (ledger.made == 0) return {};
  return fmt::format("{:<10}{:>12}{:>9} ms   the last of {}, after its command; {} on disk\n",
                     "ahead", "", ledger.last_cpu_ms, counted(ledger.made, "spare tree"),
                     readable_bytes(ledger.last_bytes));
}

void add_link_ahead(Json& document, const std::string& cache_root) {
  const cache::SpareLedger ledger = cache::read_spare_ledger(cache_root);
  if (ledger.made == 0) return;
  const auto number = [](std::uint64_t value) {
    return Json::number(static_cast<std::int64_t>(value));
  };
  Json ahead = Json::object();
  ahead.set("made", number(ledger.made));
  ahead.set("cpuMs", number(ledger.cpu_ms));
  ahead.set("lastCpuMs", number(ledger.last_cpu_ms));
  ahead.set("lastBytes", number(ledger.last_bytes));
  document.set("linkAhead", std::move(ahead));
}

}  // namespace hod::cli
