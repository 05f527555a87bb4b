// SPDX-License-Identifier: MIT
#include "cache/handover.h"

#include <algorithm>
#include <cerrno>
#include <map>

#include <sys/file.h>

#include "cache/package_builder.h"
#include "cache/spare_store.h"
#include "cache/store_layout.h"
#include "cache/tree_path.h"
#include "cache/worker_pool.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr std::size_t kPackagesBetweenCommits = 128;
constexpr std::string_view kModules = "node_modules/";

bool holds_modules(const StoredPackage& package) {
  const auto first = std::lower_bound(
      package.files.begin(), package.files.end(), kModules,
      [](const StoredFile& file, std::string_view path) { return file.path < path; });
  return first != package.files.end() && first->path.starts_with(kModules);
}

// Nothing to mend in its commands.
bool runs_as_it_is(const PlacedPackage& placed, const StoredPackage& package) {
  return std::all_of(
      placed.executables.begin(), placed.executables.end(), [&](const std::string& path) {
        const auto file = std::lower_bound(
            package.files.begin(), package.files.end(), path,
            [](const StoredFile& f, std::string_view wanted) { return f.path < wanted; });
        if (file == package.files.end() || file->path != path) return true;  // none to run
        return file->executable && !has_crlf_shebang(joined(package.folder, path));
      });
}

bool modes_are_equal(const std::string& a, const std::string& b) {
  struct stat first {};
  struct stat second {};
  return io::fstatat(AT_FDCWD, a.c_str(), &first, AT_SYMLINK_NOFOLLOW) == 0 &&
         io::fstatat(AT_FDCWD, b.c_str(), &second, AT_SYMLINK_NOFOLLOW) == 0 &&
         first.st_mode == second.st_mode;
}

// Whoever removes the cache while a process of its own still works on it must not find it there
// again.
bool is_removed(const KeepOrder& order) {
  return std::any_of(order.locks.begin(), order.locks.end(), [](const Fd& lock) {
    struct stat info {};
    return lock && io::fstatat(lock.get(), "", &info, AT_EMPTY_PATH) == 0 && info.st_nlink == 0;
  });
}

}  // namespace

std::vector<PackageIndex> packages_to_move(const TreeShape& shape,
                                           const std::vector<StoredPackagePtr>& contents) {
  std::map<const StoredPackage*, std::size_t> places;
  const auto content_of = [&contents](const PlacedPackage& placed) {
    return placed.package < contents.size() ? contents[placed.package].get() : nullptr;
  };
  for (const PlacedPackage& placed : shape.packages) {
    if (const StoredPackage* content = content_of(placed)) ++places[content];
  }
  std::vector<PackageIndex> out;
  for (const PlacedPackage& placed : shape.packages) {
    const StoredPackage* content = content_of(placed);
    if (content == nullptr || !content->held || placed.copied || places[content] != 1) continue;
    if (!holds_modules(*content) && runs_as_it_is(placed, *content)) out.push_back(placed.package);
  }
  std::sort(out.begin(), out.end());
  return out;
}

bool can_move(const std::string& cache_root, const std::string& project_root) {
  const StoreLayout layout = StoreLayout::of_layer(cache_root);
  const Result<std::string> stage = layout.stage();
  if (!stage) return false;
  const std::string target = project_root + "/node_modules/.hod/moved-" + random_suffix();
  const Fd folder(io::open(stage->c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  const bool works = folder && !reflinks_work_in(folder.get()) &&
                     io::mkdirat(AT_FDCWD, target.c_str(), 0777) == 0 &&
                     modes_are_equal(*stage, target) &&
                     io::rename(stage->c_str(), target.c_str()) == 0;
  static_cast<void>(remove_tree(*stage));
  static_cast<void>(remove_tree(target));
  return works;
}

std::string keeper_folder(const std::string& cache_root) { return cache_root + "/store/v1/later"; }

Result<Fd> lock_keepers(const std::string& cache_root) {
  const std::string folder = keeper_folder(cache_root);
  if (!directory_exists(folder)) HOD_CHECK(make_directories(folder, 0700));
  return lock_file(folder + "/lock", LOCK_SH);
}

Result<void> keep_packages(const KeepOrder& order) {
  if (is_removed(order)) return {};
  HOD_TRY(const std::unique_ptr<Store> store, Store::open(order.cache_root, order.store));
  const std::uint64_t cpu_before = cpu_ms_of_process();
  WorkerPool pool;
  for (std::size_t begin = 0; begin < order.packages.size(); begin += kPackagesBetweenCommits) {
    const std::size_t count = std::min(kPackagesBetweenCommits, order.packages.size() - begin);
    std::vector<Result<void>> kept(count);
    pool.for_each(count, [&](std::size_t i) {
      if (is_removed(order)) return;
      const KeepOrder::Package& package = order.packages[begin + i];
      Result<StoredPackagePtr> adopted = store->adopt(*package.held, package.folder);
      if (!adopted) kept[i] = failure(std::move(adopted.error()));
    });
    if (is_removed(order)) return {};
    HOD_CHECK(store->flush());
    for (Result<void>& package : kept) HOD_CHECK(std::move(package));
  }
  return note_in_ledger(keeper_folder(order.cache_root), cpu_ms_of_process() - cpu_before, 0);
}

}  // namespace hod::cache
