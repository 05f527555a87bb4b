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
  // Of this machine: one uname and the first bytes of a system program. Ask once, hand it down.
  static Platform of_machine();
  friend bool operator==(const Platform&, const Platform&) = default;
};

// What a package asks for. An empty list: anything. "!win32" excludes. npm's rule
// (npm-install-checks): refused when any negation matches; allowed when there are only negations or
// one plain entry matches; a lone "any" matches. Who asks for a libc gets nowhere where there is
// none to be named.
struct PlatformNeeds {
  std::vector<std::string> os;
  std::vector<std::string> cpu;
  std::vector<std::string> libc;
  bool empty() const { return os.empty() && cpu.empty() && libc.empty(); }
  friend bool operator==(const PlatformNeeds&, const PlatformNeeds&) = default;
};

bool platform_allows(const PlatformNeeds& needs, const Platform& platform);

// The translations behind of_machine().
std::string node_os_name(std::string_view uname_system);    // "Linux" → "linux"
std::string node_cpu_name(std::string_view uname_machine);  // "x86_64" → "x64"
std::string libc_of_program(
    std::string_view elf_head);  // by the ELF interpreter named in a program's first bytes

}  // namespace hod
