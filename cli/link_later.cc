// SPDX-License-Identifier: MIT
#include "cli/link_later.h"

#include <algorithm>
#include <map>

#include "cli/afterwards.h"
#include "core/base/file.h"

namespace hod::cli {

namespace {

// Below, linking takes some 10 ms, which is not worth an unfinished cache.
constexpr std::size_t kFewestFiles = 2000;
// A small tree should not have to be stored all at once, after it turned out to be small.
constexpr std::size_t kStoredAtOnce = 80;  // packages

}  // namespace

void LinkLater::begin(const InstallOptions& options, const std::string& project_root,
                      cache::Store& store) {
  if (!options.link_later || file_exists(project_root + "/node_modules/.hod/state")) return;
  options_ = &options;
  project_root_ = project_root;
  store_ = &store;
  store.hold_new(options.link_later_always ? 0 : kStoredAtOnce);
}

bool LinkLater::is_worth_it(const std::vector<cache::StoredPackagePtr>& contents) const {
  std::size_t files = 0;
  for (const cache::StoredPackagePtr& package : contents) {
    if (package && package->held) files += package->files.size();
  }
  return files > 0 && (options_->link_later_always || files >= kFewestFiles);
}

Result<void> LinkLater::choose(const cache::TreeShape& shape, bool scripts,
                               std::vector<cache::StoredPackagePtr>& contents,
                               cache::WorkerPool& pool) {
  if (options_ == nullptr) return {};
  moved_.clear();
  if (!scripts && is_worth_it(contents) && cache::can_move(options_->cache_root, project_root_))
    moved_ = cache::packages_to_move(shape, contents);
  const auto stays = [&](PackageIndex i) {
    return !contents[i] || !contents[i]->held ||
           std::binary_search(moved_.begin(), moved_.end(), i);
  };
  std::map<cache::StoredPackagePtr, std::size_t> places;  // one archive may be several packages
  std::vector<cache::StoredPackagePtr> held;
  for (PackageIndex i = 0; i < contents.size(); ++i) {
    if (!stays(i) && places.try_emplace(contents[i], held.size()).second)
      held.push_back(contents[i]);
  }
  std::vector<Result<void>> results(held.size());
  pool.for_each(held.size(), [&](std::size_t i) {
    Result<cache::StoredPackagePtr> stored = store_->publish(held[i]);
    if (stored) {
      held[i] = std::move(*stored);
    } else {
      results[i] = failure(std::move(stored.error()));
    }
  });
  for (Result<void>& result : results) HOD_CHECK(std::move(result));
  for (PackageIndex i = 0; i < contents.size(); ++i) {
    if (!stays(i)) contents[i] = held[places.at(contents[i])];
  }
  return {};
}

std::optional<cache::KeepOrder> LinkLater::order(
    const cache::TreeShape& shape, const std::vector<cache::StoredPackagePtr>& contents) {
  if (moved_.empty()) return std::nullopt;
  cache::KeepOrder order{options_->cache_root, options_->store, {}, {}};
  std::vector<cache::StoredPackagePtr> packages;
  for (const cache::PlacedPackage& placed : shape.packages) {
    if (!std::binary_search(moved_.begin(), moved_.end(), placed.package)) continue;
    packages.push_back(contents[placed.package]);
    order.packages.push_back({packages.back(), project_root_ + "/" + placed.path});
  }
  order.locks = store_->hand_over(packages);
  if (Result<Fd> lock = cache::lock_keepers(options_->cache_root))
    order.locks.push_back(std::move(*lock));
  moved_.clear();
  return order;
}

Result<void> LinkLater::end() {
  if (options_ == nullptr) return {};
  return store_->publish_held();
}

void link_later(const cache::KeepOrder& order) {
  std::vector<int> locks;
  for (const Fd& lock : order.locks) {
    if (lock) locks.push_back(lock.get());
  }
  const auto keep = [&order] { return cache::keep_packages(order).has_value(); };
  if (!run_afterwards(Urgency::nice, std::move(locks), keep)) static_cast<void>(keep());
}

}  // namespace hod::cli
