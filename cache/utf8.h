// UTF-8 from outside, made well-formed as Node's decoder does: each maximal malformed part becomes
// one U+FFFD.
#pragma once

#include <string>
#include <string_view>

namespace hod::cache {

bool is_utf8(std::string_view text);
void append_mended_utf8(std::string& out, std::string_view text);
void append_utf8(std::string& out, char32_t code);

}  // namespace hod::cache
