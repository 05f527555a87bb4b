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

}  // namespace

void LinkLater::begin(const InstallOptions& options, const std::string& project_root,
                      cache::Store& store) {
  if (!options.link_later || file_exists(project_root + "/node_modules/.hod/state")) return;
  options_ = &options;
  project_root_ = project_root;
  store_ = &store;
  store.hold_new();
}

bool LinkLater::is_worth_it(const std::vector<cache::StoredPackagePtr>& contents) const {
  std::size_t files = 0;
  for (const cache::StoredPackagePtr& package : contents) {
    if (package && package->held) files += package->files.size();
  }
  return files > 0 && (options_->link_later_always || files >= kFewestFiles);
}

Result<void> LinkLater::choose(const cache::TreeShape& shape, bool scripts,
                               std::vector<cache::StoredPackagePtr>& contents) {
  if (options_ == nullptr) return {};
  moved_.clear();
  if (!scripts && is_worth_it(contents) && cache::can_move(options_->cache_root, project_root_))
    moved_ = cache::packages_to_move(shape, contents);
  std::map<cache::StoredPackagePtr, cache::StoredPackagePtr> published;  // one archive, many places
  for (PackageIndex i = 0; i < contents.size(); ++i) {
    if (!contents[i] || !contents[i]->held) continue;
    if (std::binary_search(moved_.begin(), moved_.end(), i)) continue;
    cache::StoredPackagePtr& stored = published[contents[i]];
    if (!stored) {
      HOD_TRY(stored, store_->publish(contents[i]));
    }
    contents[i] = stored;
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
