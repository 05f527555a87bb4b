// "/"-separated paths as text, without a look at the disk: as Node's path.posix does it.
#pragma once

#include <string>
#include <string_view>

namespace hod {

// path.resolve(base, path): absolute, without `.`, `..`, empty parts and a final slash. `base` is
// absolute.
std::string resolved_path(std::string_view base, std::string_view path);

// path.relative(from, to) of two absolute paths: the way from one to the other; "" when they are
// the same.
std::string relative_path(std::string_view from, std::string_view to);

// The shortest spelling of a path that may be relative: "a/./b/../c" → "a/c", "./.." → "..", "a/.."
// → "".
std::string shortest_path(std::string_view path);

// `reference` as seen from `base` (both relative to the project's root), in its shortest spelling;
// an absolute one, or one in a home folder, stays as it is. "." is the root.
std::string joined_path(std::string_view base, std::string_view reference);

}  // namespace hod
