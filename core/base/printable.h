// Text from outside (registry, tarball, manifest, script) made safe to show on a terminal:
// T-CLI-01.
#pragma once

#include <string>
#include <string_view>

namespace hod {

// Control characters (C0, C1, DEL, ESC), line breaks, bidirectional controls and invalid UTF-8
// replaced by `?`-like marks (U+FFFD). Printable UTF-8 stays.
std::string printable(std::string_view text);

// The same, but '\n' stays (messages of several lines, script output).
std::string printable_lines(std::string_view text);

}  // namespace hod
