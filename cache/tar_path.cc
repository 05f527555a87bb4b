// SPDX-License-Identifier: MIT
// The rules are applied to what will really be written, after mending and dropping, so that no
// later step can give a refused path a second life.
#include "cache/tar_path.h"

#include <algorithm>

#include "cache/utf8.h"
#include "core/base/printable.h"

namespace hod::cache {

namespace {

constexpr std::size_t kNameMax = 255;  // bytes of one component on every Linux file system

Error hostile(std::string_view raw, std::string_view why) {
  return Error(ErrorCode::archive_hostile,
               "the archive's entry `" + printable(raw) + "` " + std::string(why));
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// `c:` at the start, which other systems take for a drive.
bool has_drive(std::string_view path) {
  return path.size() >= 2 && is_letter(path[0]) && path[1] == ':';
}

bool is_absolute(std::string_view path) {
  return path.starts_with('/') || path.starts_with('\\') || has_drive(path);
}

// Is `..` among the components, taking both slashes for separators?
bool climbs(std::string_view path) {
  while (!path.empty()) {
    std::size_t end = std::min(path.find_first_of("/\\"), path.size());
    if (path.substr(0, end) == "..") return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

}  // namespace

Result<std::string> path_in_package(std::string_view raw, const PathLimits& limits) {
  if (raw.find('\0') != std::string_view::npos)
    return failure(hostile(raw, "has a zero byte in its name"));
  if (is_absolute(raw)) return failure(hostile(raw, "has an absolute path"));
  std::size_t slash = raw.find('/');
  std::string_view inside = slash == std::string_view::npos ? "" : raw.substr(slash + 1);
  // A name without a slash is dropped whole; on other systems its backslashes could still lead out.
  std::string_view checked = slash == std::string_view::npos ? raw : inside;
  if (climbs(checked)) return failure(hostile(raw, "leaves the package"));
  inside.remove_prefix(std::min(inside.find_first_not_of('/'), inside.size()));
  if (is_absolute(inside)) return failure(hostile(raw, "has an absolute path"));

  std::string path;
  std::uint32_t depth = 0;
  while (!inside.empty()) {
    std::size_t end = std::min(inside.find('/'), inside.size());
    std::string_view component = inside.substr(0, end);
    inside.remove_prefix(std::min(end + 1, inside.size()));
    if (component.empty() || component == ".") continue;
    if (!path.empty()) path += '/';
    std::size_t start = path.size();
    append_mended_utf8(path, component);
    if (path.size() - start > kNameMax) {
      return failure(Error(ErrorCode::archive_invalid,
                           "the archive's entry `" + printable(component) +
                               "` has a name of more than " + std::to_string(kNameMax) + " bytes"));
    }
    ++depth;
  }
  if (is_absolute(path)) return failure(hostile(raw, "has an absolute path"));
  if (depth > limits.depth)
    return failure(hostile(raw, "lies deeper than " + std::to_string(limits.depth) + " folders"));
  if (path.size() > limits.bytes)
    return failure(
        hostile(raw, "has a path of more than " + std::to_string(limits.bytes) + " bytes"));
  if (path.starts_with(".hod")) return failure(hostile(raw, "has a name that belongs to hod"));
  return path;
}

}  // namespace hod::cache
