// SPDX-License-Identifier: MIT
// A patch file as a list of changes: unified diff with git's extended headers.
//
// Pure; linear in the text. What cannot be carried out safely is refused here, before anything is
// read or written (T-LINK-07): paths that are not plainly inside the package (the rules of
// archives, tar_path.h, and nothing that those would have to mend), symbolic links, submodules,
// binary patches.
//
// Line ends: "\r\n" counts as "\n" everywhere, so that what a patch does is a function of its hash
// (which is that of the text with "\n"), whatever a checkout made of the file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace hod::cache {

struct PatchLine {
  enum class Kind : std::uint8_t { context, removed, added };
  Kind kind = Kind::context;
  bool ends_file = false;  // no line end behind it
  std::string text;        // without its line end
};

struct PatchHunk {
  std::size_t old_start = 0;  // from 1; 0 where there is nothing before
  std::vector<PatchLine> lines;
  std::size_t text_line = 0;  // of its "@@" in the patch, for messages
};

struct FileChange {
  enum class Kind : std::uint8_t { modify, create, remove, rename, copy };
  Kind kind = Kind::modify;
  std::string old_path, new_path;  // in the package; equal unless it is renamed or copied
  std::optional<bool> executable;  // the mode afterwards; none: as it was
  std::vector<PatchHunk> hunks;
};

// Errors: patch_invalid at "origin:line".
Result<std::vector<FileChange>> parse_patch(std::string_view text, std::string_view origin);

// The text with "\n" for each "\r\n": what is parsed, and what is hashed.
std::string with_plain_line_ends(std::string_view text);

// Lower-case hex of the SHA-256 of the patch's text with plain line ends, as in pnpm's lockfiles.
std::string patch_hash(std::string_view text);

}  // namespace hod::cache
