// What a git repository offers, as `git ls-remote` lists it, and which commit is meant by a branch,
// a tag, a range of versions or nothing. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/model/range.h"

namespace hod::fetcher {

// 40 or 64 digits of lower-case hexadecimal: a whole commit, never a shortened one.
bool is_full_commit(std::string_view text);

class GitRefs {
 public:
  // Lines of "<commit>\t<ref>"; lines of other shape are passed over.
  static GitRefs parse(std::string_view listing);

  // As npm looks: the whole ref, then tags, then branches. Nothing: no such name.
  std::optional<std::string> named(std::string_view name) const;
  // The commit of the newest tag ("v1.2.3" or "1.2.3") that lies in `range`.
  std::optional<std::string> in_range(const Range& range) const;
  // HEAD: the default branch.
  std::optional<std::string> head() const;

 private:
  std::map<std::string, std::string, std::less<>> commits_;  // by ref
};

}  // namespace hod::fetcher
