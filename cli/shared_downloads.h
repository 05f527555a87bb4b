// SPDX-License-Identifier: MIT
// Several hods that miss the same package at the same time need not all fetch it: one does, the
// others wait a little and take what it has published.
//
// Waiting is an offer, not a duty: a process that published nothing for two seconds is not waited
// for any longer, and a process that ends gives up its claims. Loop thread only.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>

#include "cache/store.h"
#include "core/model/integrity.h"
#include "fetcher/loop.h"

namespace hod::cli {

class SharedDownloads {
 public:
  // Both must outlive the object.
  SharedDownloads(cache::Store& store, fetcher::Loop& loop) : store_(store), loop_(loop) {}
  ~SharedDownloads();
  SharedDownloads(const SharedDownloads&) = delete;
  SharedDownloads& operator=(const SharedDownloads&) = delete;

  // Calls one of the two: `fetch` when the package is ours to fetch (from inside this call,
  // mostly), `found` when another process has published it. done() after the fetch, however it
  // ended.
  struct Ways {
    std::function<void()> fetch;
    std::function<void(cache::StoredPackagePtr)> found;
  };
  void ask(const TarballDigest& digest, Ways ways);
  void done(const TarballDigest& digest) { store_.release_claim(digest); }

 private:
  void look();
  void look_again_soon();

  cache::Store& store_;
  fetcher::Loop& loop_;
  std::multimap<std::string, Ways> waiting_;  // by digest
  std::chrono::steady_clock::time_point last_arrival_;
  fetcher::Loop::TimerId timer_ = 0;
  bool timed_ = false;
};

}  // namespace hod::cli
