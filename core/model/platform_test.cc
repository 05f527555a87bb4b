#include "core/model/platform.h"

#include <doctest/doctest.h>

using namespace hod;

TEST_CASE("os, cpu and libc lists follow npm's rule") {
  struct Row {
    std::vector<std::string> list;
    bool allowed;  // for "linux"
  };
  for (const Row& row :
       {Row{{}, true}, Row{{"linux"}, true}, Row{{"darwin"}, false}, Row{{"darwin", "linux"}, true},
        Row{{"!win32"}, true}, Row{{"!win32", "!darwin"}, true}, Row{{"!linux"}, false},
        Row{{"linux", "!linux"}, false}, Row{{"darwin", "!win32"}, false}, Row{{"any"}, true},
        Row{{"any", "darwin"}, false}, Row{{""}, false}}) {
    CAPTURE(row.list.size());
    CHECK(platform_allows({row.list, {}, {}}, {"linux", "x64", "glibc"}) == row.allowed);
    CHECK(platform_allows({{}, row.list, {}}, {"darwin", "linux", ""}) == row.allowed);
    CHECK(platform_allows({{}, {}, row.list}, {"linux", "x64", "linux"}) == row.allowed);
  }
}

TEST_CASE("all three lists have to allow") {
  const Platform here{"linux", "x64", "glibc"};
  CHECK(platform_allows({{"linux"}, {"x64"}, {"glibc"}}, here));
  CHECK_FALSE(platform_allows({{"linux"}, {"arm64"}, {"glibc"}}, here));
  CHECK_FALSE(platform_allows({{"linux"}, {"x64"}, {"musl"}}, here));
}

TEST_CASE("who asks for a libc is refused where there is none") {
  CHECK_FALSE(platform_allows({{}, {}, {"glibc"}}, {"darwin", "arm64", ""}));
  CHECK_FALSE(platform_allows({{}, {}, {"any"}}, {"darwin", "arm64", ""}));
  CHECK_FALSE(platform_allows({{}, {}, {"!musl"}}, {"darwin", "arm64", ""}));
}

TEST_CASE("the kernel's names are translated to those of Node.js") {
  CHECK(node_os_name("Linux") == "linux");
  CHECK(node_os_name("Darwin") == "darwin");
  CHECK(node_cpu_name("riscv64") == "riscv64");
  CHECK(node_cpu_name("armv7l") == "arm");
  CHECK(node_cpu_name("ppc64le") == "ppc64");
  CHECK(node_cpu_name("somethingnew") == "somethingnew");
}

TEST_CASE("the libc is told by the interpreter that a program asks for") {
  const std::string magic = "\177ELF";
  CHECK(libc_of_program(magic + "....../lib64/ld-linux-x86-64.so.2") == "glibc");
  CHECK(libc_of_program(magic + "....../lib/ld-linux-armhf.so.3") == "glibc");
  CHECK(libc_of_program(magic + "....../lib64/ld64.so.2") == "glibc");
  CHECK(libc_of_program(magic + "....../lib/ld-musl-x86_64.so.1") == "musl");
  CHECK(libc_of_program(magic + "......").empty());
  CHECK(libc_of_program("#!/lib64/ld-linux-x86-64.so.2").empty());
  CHECK(libc_of_program("").empty());
}

TEST_CASE("this machine has a name for everything") {
  const Platform platform = Platform::of_machine();
  CHECK_FALSE(platform.os.empty());
  CHECK_FALSE(platform.cpu.empty());
  if (platform.os == "linux") CHECK_FALSE(platform.libc.empty());
}
