// Hexadecimal, base64 and percent encoding; nothing else knows their alphabets.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hod {

std::string to_hex(std::string_view bytes);  // lower case
std::optional<std::string> from_hex(
    std::string_view text);                     // either case; nothing if not whole bytes of hex
std::string to_base64(std::string_view bytes);  // with padding
std::optional<std::string> from_base64(
    std::string_view text);                              // strict: standard alphabet, right padding
std::string from_base64_lenient(std::string_view text);  // as Node's Buffer.from(text, 'base64'):
                                                         // both alphabets, skips the rest
std::string percent_encoded(std::string_view text);      // as encodeURIComponent
std::string percent_encoded(std::string_view text, std::string_view set);  // what is in `set` only
void append_percent_encoded(std::string& out, char byte);                  // "%2F"
std::optional<std::string> percent_decoded(
    std::string_view text);  // as decodeURIComponent; nothing if malformed

}  // namespace hod
