// SPDX-License-Identifier: MIT
// Staging: all items of all units, cut into batches of about equal work, largest first, so that no
// thread is left alone with a large package at the end.
//
// Held packages are moved last, when nothing that was to be linked turned out to be damaged: what
// was moved cannot be had again without fetching it.
//
// Items are taken in the order of their paths: what stands in one folder is mostly made by one
// thread, which remembers the folders it has made. A folder that two threads need is made by
// whoever comes first; the other one sees EEXIST and goes on.
#include "cache/tree_stage.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <memory>
#include <thread>
#include <unordered_set>

#include "cache/package_builder.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr std::size_t kBatchCost = 256;  // files and links; about 3 ms

struct Batch {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t cost = 0;
};

struct Job {
  const LinkRequest& request;
  const TreeChanges& changes;
  int stage;
  std::vector<TreeItem> items;
  std::vector<Batch> batches;
  SharedMethod method;
  std::string boot;
  PackageBuilder::Occupied occupied;
  std::atomic<std::size_t> next_batch{0};
  std::atomic<std::size_t> packages_done{0};
  std::size_t packages_total = 0;
  std::atomic<bool> stopped{false};
};

std::string_view path_of(const TreeShape& shape, const TreeItem& item) {
  switch (item.kind) {
    case TreeEntry::package:
      return shape.packages[item.index].path;
    case TreeEntry::link:
      return shape.links[item.index].path;
    case TreeEntry::bin:
      return shape.bins[item.index].path;
  }
  return {};
}

// One thread's part.
class Stager {
 public:
  explicit Stager(Job& job)
      : job_(job), builder_(job.method, job.request.verify, job.boot, job.occupied) {}

  Result<void> run(bool reports_progress) {
    for (;;) {
      const std::size_t next = job_.next_batch.fetch_add(1, std::memory_order_relaxed);
      if (next >= job_.batches.size() || job_.stopped.load(std::memory_order_relaxed)) break;
      if (job_.request.interrupted && job_.request.interrupted()) {
        return failure(ErrorCode::interrupted, "linking was interrupted");
      }
      const Batch& batch = job_.batches[next];
      for (std::size_t i = batch.begin; i < batch.end; ++i) HOD_CHECK(add(job_.items[i]));
      if (reports_progress && job_.request.progress) {
        job_.request.progress(job_.packages_done.load(), job_.packages_total);
      }
    }
    return {};
  }

  bool met_damage() const { return !damaged_.empty(); }

  // When all threads are done: what a folder gets later moves its time on.
  Result<void> set_folder_times() const {
    for (const auto* list : {&folders_, &builder_.folders()}) {
      for (const std::string& folder : *list) {
        if (io::set_times(job_.stage, folder.c_str(), kTreeTime, 0) != 0) {
          return failure(system_error(errno, "set the time of", folder));
        }
      }
    }
    return {};
  }

  void add_to(LinkReport& report) const {
    const PackageBuilder::Counts& counts = builder_.counts();
    report.files_linked += counts.linked;
    report.files_copied += counts.copied;
    report.bytes_copied += counts.bytes_copied;
    report.files_moved += counts.moved;
    report.folders_made += builder_.folders().size() + folders_.size();
    report.links_made += links_made_;
    report.damaged.insert(report.damaged.end(), damaged_.begin(), damaged_.end());
    report.proved.insert(report.proved.end(), proved_.begin(), proved_.end());
    report.stale.insert(report.stale.end(), stale_.begin(), stale_.end());
  }

 private:
  Result<void> add(const TreeItem& item) {
    const TreeShape& shape = *job_.request.shape;
    const std::string_view path = path_of(shape, item);
    const std::string& unit = job_.changes.units[item.unit];
    HOD_CHECK(make_parents(path, item.unit));
    std::string staged = staged_name(item.unit);
    staged += path.substr(unit.size());
    switch (item.kind) {
      case TreeEntry::package:
        return add_package(shape.packages[item.index], staged);
      case TreeEntry::link:
        return add_link(shape.links[item.index].target, staged, path);
      case TreeEntry::bin:
        return add_link(shape.bins[item.index].target, staged, path);
    }
    return {};
  }

  Result<void> add_package(const PlacedPackage& placed, const std::string& staged) {
    const auto& contents = job_.request.contents;
    const StoredPackagePtr stored =
        placed.package < contents.size() ? contents[placed.package] : nullptr;
    made_.insert(placed.path);
    job_.packages_done.fetch_add(1, std::memory_order_relaxed);
    if (!stored) {
      damaged_.push_back(placed.package);
      return {};
    }
    HOD_TRY(const Built built, stored->held ? builder_.move(job_.stage, staged, placed, *stored)
                                            : builder_.build(job_.stage, staged, placed, *stored));
    if (built == Built::damaged) {
      damaged_.push_back(placed.package);
    } else if (built == Built::stale) {
      stale_.push_back(placed.package);
    } else if (stored->boot_id != job_.boot) {
      proved_.push_back(placed.package);
    }
    return {};
  }

  Result<void> add_link(const std::string& target, const std::string& staged,
                        std::string_view path) {
    if (io::symlinkat(target.c_str(), job_.stage, staged.c_str()) != 0) {
      return failure(system_error(errno, "make the link", path));
    }
    ++links_made_;
    if (io::set_times(job_.stage, staged.c_str(), kTreeTime, AT_SYMLINK_NOFOLLOW) != 0) {
      return failure(system_error(errno, "set the time of", path));
    }
    return {};
  }

  // The folders between the unit and `path`, the unit itself included.
  Result<void> make_parents(std::string_view path, std::uint32_t unit_number) {
    const std::string_view unit = job_.changes.units[unit_number];
    std::vector<std::string_view> missing;
    for (std::string_view at = path; at.size() > unit.size();) {
      at = parent_path(at);
      if (!made_.insert(at).second) break;
      missing.push_back(at);
    }
    while (!missing.empty()) {
      std::string staged = staged_name(unit_number);
      staged += missing.back().substr(unit.size());
      if (make_folder(staged)) {
        folders_.push_back(std::move(staged));
      } else if (errno != EEXIST) {
        return failure(system_error(errno, "make the folder", missing.back()));
      }
      missing.pop_back();
    }
    return {};
  }

  // Another thread may just be moving a package to where the empty folder above stands: what was
  // looked up is dead then, and there at the next look.
  bool make_folder(const std::string& staged) const {
    constexpr int kTries = 10;
    for (int i = 0; i < kTries; ++i) {
      if (io::mkdirat(job_.stage, staged.c_str(), 0777) == 0) return true;
      if (errno != ENOENT) break;
    }
    return false;
  }

  Job& job_;
  PackageBuilder builder_;
  std::unordered_set<std::string_view> made_;
  std::vector<std::string> folders_;
  std::uint64_t links_made_ = 0;
  std::vector<PackageIndex> damaged_;
  std::vector<PackageIndex> proved_;
  std::vector<PackageIndex> stale_;
};

std::vector<TreeItem> in_path_order(const TreeShape& shape, std::vector<TreeItem> items) {
  const auto by_path = [&shape](const TreeItem& a, const TreeItem& b) {
    return path_of(shape, a) < path_of(shape, b);
  };
  const auto start_of = [&items](TreeEntry kind) {
    return std::find_if(items.begin(), items.end(),
                        [kind](const TreeItem& item) { return item.kind >= kind; });
  };
  // Each kind is sorted already.
  std::inplace_merge(items.begin(), start_of(TreeEntry::link), start_of(TreeEntry::bin), by_path);
  std::inplace_merge(items.begin(), start_of(TreeEntry::bin), items.end(), by_path);
  return items;
}

std::vector<Batch> batches_of(const LinkRequest& request, const std::vector<TreeItem>& items) {
  std::vector<Batch> out;
  Batch batch;
  for (std::size_t i = 0; i < items.size(); ++i) {
    ++batch.cost;
    if (items[i].kind == TreeEntry::package) {
      const PackageIndex package = request.shape->packages[items[i].index].package;
      const bool known = package < request.contents.size() && request.contents[package];
      if (known && !request.contents[package]->held)
        batch.cost += request.contents[package]->files.size();
    }
    batch.end = i + 1;
    if (batch.cost < kBatchCost && batch.end < items.size()) continue;
    out.push_back(batch);
    batch = {batch.end, batch.end, 0};
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Batch& a, const Batch& b) { return a.cost > b.cost; });
  return out;
}

template <class Entry>
bool has_path(const std::vector<Entry>& entries, std::string_view path) {
  const auto found =
      std::lower_bound(entries.begin(), entries.end(), path,
                       [](const Entry& entry, std::string_view p) { return entry.path < p; });
  return found != entries.end() && found->path == path;
}

// `automatic` decided by trying.
ImportMethod method_for(const LinkRequest& request, const std::vector<TreeItem>& items, int stage) {
  if (request.import_method != ImportMethod::automatic) return request.import_method;
  for (const TreeItem& item : items) {
    if (item.kind != TreeEntry::package) continue;
    const PackageIndex package = request.shape->packages[item.index].package;
    if (package >= request.contents.size() || !request.contents[package]) continue;
    if (request.contents[package]->of_layer) continue;  // of another medium, perhaps
    return reflinks_work(*request.contents[package], stage) ? ImportMethod::reflink
                                                            : ImportMethod::hardlink;
  }
  return ImportMethod::hardlink;
}

// Each stager on a thread; the first error of any.
template <class Work>
Result<void> on_all(WorkerPool& pool, const std::vector<std::unique_ptr<Stager>>& stagers,
                    const Work& work) {
  std::vector<Result<void>> results(stagers.size());
  pool.for_each(stagers.size(), [&](std::size_t i) { results[i] = work(*stagers[i]); });
  for (Result<void>& result : results) HOD_CHECK(std::move(result));
  return {};
}

// The items of held packages, which leave `items`.
std::vector<TreeItem> take_held(const LinkRequest& request, std::vector<TreeItem>& items) {
  const auto first = std::stable_partition(items.begin(), items.end(), [&](const TreeItem& item) {
    if (item.kind != TreeEntry::package) return true;
    const PackageIndex package = request.shape->packages[item.index].package;
    return package >= request.contents.size() || !request.contents[package] ||
           !request.contents[package]->held;
  });
  std::vector<TreeItem> held(first, items.end());
  items.erase(first, items.end());
  return held;
}

std::size_t packages_in(const std::vector<TreeItem>& items) {
  return static_cast<std::size_t>(
      std::count_if(items.begin(), items.end(),
                    [](const TreeItem& item) { return item.kind == TreeEntry::package; }));
}

Result<void> build_all(Job& job, std::vector<TreeItem> items,
                       const std::vector<std::unique_ptr<Stager>>& stagers, WorkerPool& pool) {
  job.items = std::move(items);
  job.batches = batches_of(job.request, job.items);
  job.next_batch = 0;
  const std::thread::id caller = std::this_thread::get_id();
  return on_all(pool, stagers, [&](Stager& stager) {
    Result<void> done = stager.run(std::this_thread::get_id() == caller);
    if (!done) job.stopped = true;
    return done;
  });
}

}  // namespace

std::string staged_name(std::size_t unit) { return "u" + std::to_string(unit); }

Result<LinkReport> build_units(const LinkRequest& request, const TreeChanges& changes, int stage,
                               WorkerPool& pool) {
  const TreeShape& shape = *request.shape;
  std::vector<TreeItem> items = in_path_order(shape, changes.items);
  std::vector<TreeItem> moved = take_held(request, items);
  const ImportMethod method = method_for(request, items, stage);
  Job job{request, changes, stage, {}, {}, SharedMethod(method), boot_id(), {}};
  job.packages_total = packages_in(items) + packages_in(moved);
  job.occupied = [&shape](std::string_view path) {
    return has_path(shape.packages, path) || has_path(shape.links, path) ||
           has_path(shape.bins, path);
  };

  std::vector<std::unique_ptr<Stager>> stagers;
  for (unsigned i = 0; i < pool.threads(); ++i) stagers.push_back(std::make_unique<Stager>(job));
  HOD_CHECK(build_all(job, std::move(items), stagers, pool));
  const bool damaged = std::any_of(stagers.begin(), stagers.end(),
                                   [](const auto& stager) { return stager->met_damage(); });
  if (!damaged) HOD_CHECK(build_all(job, std::move(moved), stagers, pool));
  HOD_CHECK(on_all(pool, stagers, [](Stager& stager) { return stager.set_folder_times(); }));
  LinkReport report;
  for (const auto& stager : stagers) stager->add_to(report);
  for (std::vector<PackageIndex>* list : {&report.damaged, &report.proved, &report.stale}) {
    std::sort(list->begin(), list->end());
    list->erase(std::unique(list->begin(), list->end()), list->end());
  }
  return report;
}

}  // namespace hod::cache
