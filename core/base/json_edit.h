// SPDX-License-Identifier: MIT
// Changing one place of a JSON text and leaving every other byte as it is: people's package.json
// keeps its indentation, order, blank lines, newline style and trailing newline.
//
// Text in, text out; nothing is read or written. What is inserted is formatted like its
// surroundings: a line of its own where the neighbours have one, the file's indentation, its `\n`
// or `\r\n`, its spacing behind `:`. Threads: any.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/json.h"
#include "core/base/result.h"

namespace hod {

// The keys from the root object down to a member: {"dependencies", "express"}. Never empty.
using JsonPath = std::vector<std::string>;

// Where a member goes that was not there before.
enum class JsonPlace : unsigned char {
  last,
  sorted,  // as npm keeps dependencies: by name, if the object is sorted so far; else last
};

// `text` with the member at `path` set to `value`. Objects missing on the way are made, last in
// theirs. A member that is there stays at its place; one that has this value already stays as it
// is, byte for byte. Errors: json_invalid; manifest_invalid when something on the way is no object.
Result<std::string> json_with(std::string_view text, const JsonPath& path, const Json& value,
                              JsonPlace place, std::string_view origin);

// `text` without the member at `path`, and without each object on the way that has no other member
// (never the root). A member that is not there is no error. Errors as above.
Result<std::string> json_without(std::string_view text, const JsonPath& path,
                                 std::string_view origin);

// The order in which npm sorts names: JavaScript's localeCompare in English. Negative, zero or
// positive.
int compare_as_locale(std::string_view a, std::string_view b);

}  // namespace hod
