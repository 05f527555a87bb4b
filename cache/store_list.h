// The list kept beside each package folder (<folder>.list): its entry, which proves itself by its
// sum. From lists a damaged index is made anew; by them a package is found that another process has
// published but not committed yet, and those of a read-only layer.
//
// What a list says of the files is held against them before use, like every other entry: packages
// found this way count as never proved.
//
// Threads: any.
#pragma once

#include <string>

#include "cache/store.h"
#include "cache/store_layout.h"

namespace hod::cache {

// A failure is none: without its list a package is fetched again when the index is lost.
void write_list(const StoreLayout& layout, const StoredPackage& package);

// Null when there is no sound list of this package.
StoredPackagePtr read_list(const StoreLayout& layout, const TarballDigest& digest);

// Takes a package out of a store: its row, its folder (into tmp/), its list. Error: disk_*.
class StoreIndex;
Result<void> take_out_package(const StoreLayout& layout, StoreIndex& index,
                              const TarballDigest& digest);

}  // namespace hod::cache
