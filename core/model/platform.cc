// SPDX-License-Identifier: MIT
// The machine's platform and npm's rule for who may run on it.
//
// Which libc: the kernel does not say, so the ELF interpreter of /bin/sh is read, the program that
// every Linux system has and that its own distribution built. Asking our own binary would answer
// for the machine it was built on; looking for loader files alone is wrong where both are installed
// (Debian's package `musl`, Alpine's `gcompat`).
#include "core/model/platform.h"

#include <array>
#include <cstring>
#include <utility>

#include <sys/utsname.h>

#include "core/base/ascii.h"
#include "core/base/file.h"
#include "core/base/io.h"

namespace hod {
namespace {

// uname's machine → Node's process.arch.
constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kMachines = {
    {{"x86_64", "x64"},
     {"amd64", "x64"},
     {"aarch64", "arm64"},
     {"arm64", "arm64"},
     {"i386", "ia32"},
     {"i486", "ia32"},
     {"i586", "ia32"},
     {"i686", "ia32"},
     {"ppc64", "ppc64"},
     {"ppc64le", "ppc64"},
     {"s390x", "s390x"},
     {"riscv64", "riscv64"},
     {"loongarch64", "loong64"},
     {"mips", "mips"},
     {"mipsel", "mipsel"},
     {"mips64", "mips64el"}}};

constexpr std::size_t kElfHeadSize =
    4096;  // bytes; the interpreter's path follows the program headers

// A 32-bit program on a 64-bit kernel is told the kernel's name; Node.js beside it will be 32-bit
// too.
std::string_view narrowed(std::string_view cpu) {
  if constexpr (sizeof(void*) == 4) {
    if (cpu == "x64") return "ia32";
    if (cpu == "arm64") return "arm";
  }
  return cpu;
}

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::string head_of(const char* path) {
  const Fd file(io::open(path, O_RDONLY | O_CLOEXEC));
  if (!file) return {};
  std::string bytes(kElfHeadSize, '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got = io::read(file.get(), bytes.data() + filled, bytes.size() - filled);
    if (got <= 0) break;
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

bool entry_excludes(const std::string& entry, std::string_view value) {
  return entry.front() == '!' && std::string_view(entry).substr(1) == value;
}

bool list_allows(const std::vector<std::string>& list, std::string_view value) {
  if (list.size() == 1 && list.front() == "any") return true;
  bool matched = false;
  bool only_negations = true;
  for (const std::string& entry : list) {
    if (!entry.empty() && entry_excludes(entry, value)) return false;
    if (!entry.empty() && entry.front() == '!') continue;
    only_negations = false;
    matched = matched || entry == value;
  }
  return matched || only_negations;
}

}  // namespace

std::string node_os_name(std::string_view uname_system) { return ascii_lower(uname_system); }

std::string node_cpu_name(std::string_view uname_machine) {
  for (const auto& [machine, cpu] : kMachines) {
    if (machine == uname_machine) return std::string(narrowed(cpu));
  }
  if (uname_machine.substr(0, 3) == "arm") return "arm";
  return std::string(uname_machine);
}

std::string libc_of_program(std::string_view elf_head) {
  if (elf_head.substr(0, 4) != "\177ELF") return {};
  if (contains(elf_head, "/ld-musl-")) return "musl";
  if (contains(elf_head, "/ld-linux") || contains(elf_head, "/ld64.so") ||
      contains(elf_head, "/lib/ld.so")) {
    return "glibc";
  }
  return {};
}

Platform Platform::of_machine() {
  utsname name = {};
  Platform platform;
  if (uname(&name) != 0) return platform;
  platform.os = node_os_name(name.sysname);
  platform.cpu = node_cpu_name(name.machine);
  if (platform.os != "linux") return platform;
  // A statically linked shell (busybox) has no interpreter: then /usr/bin/env, then this program
  // answers.
  for (const char* path : {"/bin/sh", "/usr/bin/env", "/proc/self/exe"}) {
    platform.libc = libc_of_program(head_of(path));
    if (!platform.libc.empty()) break;
  }
  return platform;
}

bool platform_allows(const PlatformNeeds& needs, const Platform& platform) {
  if (!list_allows(needs.os, platform.os) || !list_allows(needs.cpu, platform.cpu)) return false;
  if (needs.libc.empty()) return true;
  return !platform.libc.empty() && list_allows(needs.libc, platform.libc);
}

}  // namespace hod
