// SPDX-License-Identifier: MIT
// Hunks put into a text, as `git apply` does it: every context line must be there to the letter (no
// fuzz); a hunk may stand on other lines than it says.
//
// Line ends do not count when lines are compared, and those of the text stay: a file with "\r\n"
// keeps them, and lines that are added get the end of the line before them.
// Pure; comparisons are bounded.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/patch_parse.h"

namespace hod::cache {

struct HunkFailure {
  std::size_t text_line = 0;  // PatchHunk::text_line
  const char* why = "";
};

struct PatchedText {
  std::string text;
  std::optional<HunkFailure> failed;  // then `text` means nothing
};

PatchedText apply_hunks(std::string_view text, const std::vector<PatchHunk>& hunks);

}  // namespace hod::cache
