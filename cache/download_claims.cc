// SPDX-License-Identifier: MIT
#include "cache/download_claims.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <fcntl.h>

#include "cache/file_system.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

// Two packages at one place (of 2^62) would wait for each other for a moment.
off_t place_of(const TarballDigest& digest) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, digest.bytes.data(), std::min(sizeof bits, digest.bytes.size()));
  return static_cast<off_t>(bits >> 2);
}

}  // namespace

bool DownloadClaims::take(const TarballDigest& digest) {
  const std::lock_guard lock(mutex_);
  if (!file_) file_ = Fd(io::open(path_.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW, 0600));
  if (!file_) return true;
  const off_t place = place_of(digest);
  const auto [row, fresh] = taken_.try_emplace(place, 0U);
  if (fresh && !lock_byte(file_.get(), place)) {
    taken_.erase(row);
    return false;
  }
  ++row->second;
  return true;
}

void DownloadClaims::give_back(const TarballDigest& digest) {
  const std::lock_guard lock(mutex_);
  const auto row = taken_.find(place_of(digest));
  if (row == taken_.end() || --row->second > 0) return;
  unlock_byte(file_.get(), row->first);
  taken_.erase(row);
}

Fd DownloadClaims::copy() {
  const std::lock_guard lock(mutex_);
  return Fd(file_ ? ::fcntl(file_.get(), F_DUPFD_CLOEXEC, 0) : -1);
}

}  // namespace hod::cache
