// Hosts, schemes and dot segments by the WHATWG URL standard, and its percent-encoding: the parts
// of WebUrl that are rules of their own. Url, which refuses what WebUrl mends, shares some.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hod {

// `text` with controls, non-ASCII bytes and the characters of `set` percent-encoded.
std::string web_encoded(std::string_view text, std::string_view set);

// "https:…" → "https"; nothing when the text does not begin with a scheme.
std::optional<std::string_view> scheme_of(std::string_view text);

// "." and "..", also in their percent-encoded spellings: 1 or 2 dots, 0 for anything else.
int dots_of(std::string_view segment);

// The host of http, https, ws, wss, ftp or file, as printed: a domain in lower case, an IPv4
// address of four numbers (also when written in fewer, in hexadecimal or octal), an IPv6 address in
// brackets. Nothing when it is none.
std::optional<std::string> web_domain(std::string_view text);

// The host of any other scheme: taken as it is, apart from IPv6 addresses.
std::optional<std::string> web_opaque_host(std::string_view text);

}  // namespace hod
