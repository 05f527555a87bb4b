// Where a package may run: `os`, `cpu`, `libc` and `engines` of its manifest against the machine.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hod {

struct Platform {
  std::string os;    // Node's process.platform: "linux"
  std::string cpu;   // Node's process.arch: "x64"
  std::string libc;  // "glibc", "musl", or "" where the question makes no sense
  static Platform of_machine();
  friend bool operator==(const Platform&, const Platform&) = default;
};

// What a package asks for. An empty list: anything. "!win32" excludes. npm's rule (npm-install-checks): refused when any
// negation matches; allowed when there are only negations or one plain entry matches; "any" matches.
struct PlatformNeeds {
  std::vector<std::string> os;
  std::vector<std::string> cpu;
  std::vector<std::string> libc;
  bool empty() const { return os.empty() && cpu.empty() && libc.empty(); }
  friend bool operator==(const PlatformNeeds&, const PlatformNeeds&) = default;
};

bool platform_allows(const PlatformNeeds& needs, const Platform& platform);

}  // namespace hod
