// SPDX-License-Identifier: MIT
#include "cli/global_links.h"

#include "core/base/error.h"

namespace hod::cli {

namespace {

void append(std::vector<PackageIndex>& to, const std::vector<PackageIndex>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

// What was made in the store for this tree counts as made for it.
void add(cache::LinkReport& tree, const cache::LinkReport& entries) {
  tree.packages_added += entries.packages_added;
  tree.files_linked += entries.files_linked;
  tree.files_copied += entries.files_copied;
  tree.bytes_copied += entries.bytes_copied;
  tree.folders_made += entries.folders_made;
  tree.links_made += entries.links_made;
  append(tree.proved, entries.proved);
  append(tree.stale, entries.stale);
}

}  // namespace

Result<void> GlobalLinks::assign(const InstallOptions& options, const std::string& project_root,
                                 const ResolutionGraph& graph, cache::ShapeOptions& shape) {
  store_.reset();
  if (!options.global_virtual_store || options.layout != cache::Layout::isolated) return {};
  const auto owner =
      options.store.trust_owner ? cache::CacheOwner::trust : cache::CacheOwner::check;
  HOD_TRY(cache::GlobalStore store,
          cache::GlobalStore::open(options.cache_root, owner, project_root));
  store_.emplace(std::move(store));
  store_->assign(graph, shape);
  // Packages of the store do not look into the project; so that the others see no more than they
  // do, there is no hidden hoist.
  shape.hidden_hoist = false;
  return {};
}

void GlobalLinks::add_needed(std::vector<PackageIndex>& packages, bool everything) {
  if (store_) append(packages, store_->unproved(everything));
}

std::vector<PackageIndex> GlobalLinks::fresh() const {
  return store_ ? store_->fresh() : std::vector<PackageIndex>{};
}

Result<cache::LinkReport> GlobalLinks::link(const cache::LinkRequest& request,
                                            cache::WorkerPool& pool) {
  if (!store_) return cache::link_tree(request, pool);
  HOD_TRY(const cache::LinkReport entries, store_->complete(request, pool));
  if (!entries.damaged.empty()) return entries;
  HOD_TRY(cache::LinkReport tree, cache::link_tree(request, pool));
  add(tree, entries);
  return tree;
}

}  // namespace hod::cli
