// Who is fetching which package: advisory locks between processes, so that two installs from one
// empty cache need not both fetch everything. Only work is at stake: what is stored is the same
// whoever fetched it, and where locks do not work everybody fetches.
//
// One file, <store>/downloads.lock, a byte a package at a place given by its digest. The kernel
// lets go of them with the process.
//
// Threads: any. Within one process a package may be claimed several times.
#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include <sys/types.h>

#include "core/base/file.h"
#include "core/model/integrity.h"

namespace hod::cache {

class DownloadClaims {
 public:
  explicit DownloadClaims(std::string path) : path_(std::move(path)) {}

  // False: another process has it.
  bool take(const TarballDigest& digest);
  void give_back(const TarballDigest& digest);
  // What was taken stays taken while a copy of the descriptor is open, in any process.
  Fd copy();

 private:
  const std::string path_;
  std::mutex mutex_;
  Fd file_;
  std::unordered_map<off_t, unsigned> taken_;  // how often
};

}  // namespace hod::cache
