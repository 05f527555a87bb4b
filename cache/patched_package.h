// SPDX-License-Identifier: MIT
// A package of the store with a patch put on it: an entry of its own, made of the entry that the
// archive gave, which is only read (T-LINK-07, T-CACHE-02).
//
// Its address is a digest of the archive's and of the patch's hash, so nothing of a project gets
// under an address that others share (T-CACHE-03), and what a patch makes of an archive is made
// once for all projects that have it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cache/patch_parse.h"
#include "cache/store.h"
#include "core/base/result.h"

namespace hod::cache {

struct Patch {
  std::string origin;  // its file, for messages
  std::string hash;    // patch_hash()
  std::vector<FileChange> changes;
};

TarballDigest patched_digest(const TarballDigest& base, std::string_view patch_hash);

// Finds or makes the entry; null: files of `base` are not as they were stored. `what` is
// "name@version", for messages. Any thread. Errors: patch_failed, disk_*.
Result<StoredPackagePtr> patched_package(Store& store, const StoredPackage& base,
                                         const Patch& patch, std::string_view what);

}  // namespace hod::cache
