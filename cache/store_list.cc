// SPDX-License-Identifier: MIT
#include "cache/store_list.h"

#include <cerrno>

#include "cache/store_entry.h"
#include "cache/store_index.h"
#include "core/base/file.h"
#include "core/base/io.h"

namespace hod::cache {

void write_list(const StoreLayout& layout, const StoredPackage& package) {
  const std::string path = layout.list(package.digest);
  const Fd fd(io::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0600));
  if (!fd) return;
  const std::string bytes = encode_entry(package);
  for (std::string_view left = bytes; !left.empty();) {
    const ssize_t written = io::write(fd.get(), left.data(), left.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return;
    left.remove_prefix(static_cast<std::size_t>(written));
  }
}

StoredPackagePtr read_list(const StoreLayout& layout, const TarballDigest& digest) {
  const Result<std::string> bytes = read_file(layout.list(digest));
  if (!bytes) return nullptr;
  std::optional<StoredPackage> package = decode_entry(*bytes);
  if (!package || package->digest != digest) return nullptr;
  package->folder = layout.package(digest);
  return std::make_shared<const StoredPackage>(std::move(*package));
}

Result<void> take_out_package(const StoreLayout& layout, StoreIndex& index,
                              const TarballDigest& digest) {
  HOD_CHECK(index.remove(digest));
  HOD_CHECK(layout.move_aside(layout.package(digest), "damaged"));
  const std::string list = layout.list(digest);
  if (io::unlinkat(AT_FDCWD, list.c_str(), 0) != 0 && errno != ENOENT && errno != ENOTDIR) {
    return failure(system_error(errno, "remove", list));
  }
  return {};
}

}  // namespace hod::cache
