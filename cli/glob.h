// SPDX-License-Identifier: MIT
// Path patterns as npm's workspaces write them: `*`, `?`, `[a-z]`, `[!a]`, `{a,b}` within a
// segment, `**` over segments. A name with a leading dot is matched only by a pattern that writes
// the dot. Linear in practice, bounded always (T-RES-03): no more than 256 alternatives of braces
// are made. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hod::cli {

// "a/{b,c}" → "a/b", "a/c". More than 256: the rest is dropped.
std::vector<std::string> expand_braces(std::string_view pattern);

// One segment, no `/` in either.
bool segment_matches(std::string_view pattern, std::string_view name);
bool segment_is_literal(std::string_view pattern);

// "./packages//*/" → "packages/*"
std::string normalized_pattern(std::string_view pattern);
std::vector<std::string> split_path(std::string_view path);

// The whole path ("/"-separated, relative) against a pattern with braces.
bool glob_matches(std::string_view pattern, std::string_view path);

}  // namespace hod::cli
