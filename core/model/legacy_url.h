// An address as Node.js's old `url.parse(text).href` writes it: the form in which npm keeps
// `registry`, `proxy` and the like. For reading npm's configuration only; what hod connects to goes
// through Url (url.h), which is strict. Hosts that are not ASCII are kept as they are. Threads:
// pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hod {

// Nothing when there is no host in it.
std::optional<std::string> legacy_url_href(std::string_view text);

}  // namespace hod
