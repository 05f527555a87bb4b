// SPDX-License-Identifier: MIT
// What an install works with: loop, workers, store, registry. Each is made when first asked for, so
// that a run that needs no network loads no libcurl and one with nothing to place opens no
// database. Main thread only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "cache/metadata_cache.h"
#include "cache/store.h"
#include "cache/worker_pool.h"
#include "cli/install_options.h"
#include "cli/shared_downloads.h"
#include "core/base/result.h"
#include "fetcher/curl.h"
#include "fetcher/git_source.h"
#include "fetcher/loop.h"
#include "fetcher/registry.h"

namespace hod::cli {

class Services {
 public:
  explicit Services(const InstallOptions& options);
  ~Services();
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  cache::WorkerPool& pool();
  fetcher::Loop& loop();
  Result<cache::Store*> store();
  Result<fetcher::Registry*> registry();

  // Packages are going to be asked for. Where the cache has none, that is certain to need the
  // network: a worker loads what belongs to it while the project is read.
  void expect_packages();

  // An archive from the registry, or from another process that is just fetching the same
  // (shared_downloads.h). registry() has been asked for before. `done` as Registry::tarball().
  void fetch_archive(fetcher::Registry::TarballRequest request,
                     fetcher::Registry::TarballDone done);

  // A package from git, `location` as the graph has it (a branch, tag or commit behind `#`). Each
  // is fetched once a run. `done` is called from the loop.
  void fetch_git(const std::string& location, std::string what, fetcher::GitSource::Done done);

  // Turns the loop until `finished()` or Ctrl-C. Error: interrupted.
  Result<void> run_until(const std::function<bool()>& finished);
  // Error: interrupted, when Ctrl-C was pressed while something else than the loop was running.
  Result<void> check_interrupted();

  // Commits what was queued for the caches; before the tree's state is written. Nothing opened:
  // nothing to do.
  Result<void> flush();
  // None when no registry was asked for.
  std::optional<fetcher::NetworkStatistics> network() const;
  std::string slowest() const;
  // What the registry's side wants the user to know.
  std::vector<std::string> take_notices();

 private:
  Result<cache::MetadataCache*> metadata();

  const InstallOptions& options_;
  // Destroyed from the bottom up: the registry before what it refers to, the pool (which waits for
  // its jobs) before the store that jobs use, the loop last.
  std::unique_ptr<fetcher::Loop> loop_;
  std::unique_ptr<cache::Store> store_;
  std::unique_ptr<cache::MetadataCache> metadata_;
  std::unique_ptr<cache::WorkerPool> pool_;
  std::unique_ptr<fetcher::CurlClient> http_;
  std::unique_ptr<fetcher::Registry> registry_;
  std::unique_ptr<fetcher::GitSource> git_;
  std::unique_ptr<SharedDownloads> shared_;
  std::map<std::string, fetcher::GitPackage> from_git_;  // by location, as asked for and as found
  bool interrupted_ = false;
};

}  // namespace hod::cli
