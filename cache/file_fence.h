// What tells a file of the store's from one that somebody changed, by one stat.
// Pure.
#pragma once

#include <cstdint>
#include <ctime>

#include <sys/stat.h>

#include "cache/store.h"

namespace hod::cache {

std::int64_t mtime_of(const struct stat& info);  // ns since the epoch
timespec time_of(const StoredFile& file);        // the stored modification time

// A regular file with the stored size, time and inode. ctime is no part of it: linking or unlinking
// any other name of the inode changes it.
bool stamp_matches(const struct stat& info, const StoredFile& file);

// A `chmod` in some tree goes through a hard link; such a file is not linked on. Fewer bits for
// others are a umask's doing.
bool mode_matches(const struct stat& info, bool executable);

}  // namespace hod::cache
