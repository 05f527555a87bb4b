// When two paths would be one file on a file system that ignores letter case and Unicode spelling
// (T-TAR-07).
#pragma once

#include <string>
#include <string_view>

namespace hod::cache {

// Lower case, accents apart from their letters, `ß` as "ss": equal results, same file over there.
// Latin, Greek and Cyrillic letters are known, which is what file names in packages hold; others
// count as they are.
std::string folded_path(std::string_view utf8);

}  // namespace hod::cache
