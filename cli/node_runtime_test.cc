// SPDX-License-Identifier: MIT
#include "cli/node_runtime.h"

#include <doctest/doctest.h>

#include "cli/test_folder.h"

using namespace hod;
using namespace hod::cli;

TEST_CASE("the version of Node.js is asked once and kept until the program changes") {
  TestFolder folder;
  folder.write("bin/node", "#!/bin/sh\n/bin/echo asked >> \"$COUNT\"\n/bin/echo v20.1.0\n", 0755);
  Environment environment;
  environment.set("PATH", folder / "bin");
  environment.set("COUNT", folder / "count");
  for (int i = 0; i < 2; ++i) {
    NodeRuntime node = find_node(environment, folder / "cache");
    CHECK(node.path == folder / "bin/node");
    CHECK(node.version == "20.1.0");
  }
  CHECK(folder.read("count") == "asked\n");
  folder.write("bin/node", "#!/bin/sh\n/bin/echo v22.13.1\n", 0755);
  CHECK(find_node(environment, folder / "cache").version == "22.13.1");
}

TEST_CASE("the headers beside a Node.js tell its version, unless a script may start another") {
  TestFolder folder;
  folder.write("bin/node", "\177ELF", 0755);
  Environment environment;
  environment.set("PATH", folder / "bin");
  const std::string version =
      "#define NODE_MAJOR_VERSION 20\n#define NODE_MINOR_VERSION 1\n"
      "#define NODE_PATCH_VERSION 0\n#define NODE_VERSION_IS_RELEASE ";
  folder.write("include/node/node_version.h", version + "1\n");
  CHECK(find_node(environment, folder / "cache").version == "20.1.0");
  folder.write("include/node/node_version.h", version + "0\n");  // 20.1.0-pre, or a nightly one
  CHECK(find_node(environment, folder / "cache").version.empty());
  folder.write("include/node/node_version.h", version + "1\n");
  folder.write("bin/node", "#!/bin/sh\n/bin/echo v22.13.1\n", 0755);
  CHECK(find_node(environment, folder / "cache").version == "22.13.1");
}

TEST_CASE("Node.js answers beside other work, and is asked once") {
  TestFolder folder;
  folder.write("bin/node", "#!/bin/sh\n/bin/echo asked >> \"$COUNT\"\n/bin/echo v20.1.0\n", 0755);
  Environment environment;
  environment.set("PATH", folder / "bin");
  environment.set("COUNT", folder / "count");
  NodeSearch search(environment, folder / "cache");
  search.begin();
  search.begin();
  CHECK(search.result().version == "20.1.0");
  CHECK(search.result().version == "20.1.0");
  CHECK(folder.read("count") == "asked\n");
  NodeSearch unheard(environment, folder / "other");
  unheard.begin();
}

TEST_CASE("no Node.js, or a broken one, is no failure") {
  TestFolder folder;
  Environment environment;
  environment.set("PATH", folder / "bin");
  CHECK(find_node(environment, folder / "cache").path.empty());
  folder.write("bin/node", "#!/bin/sh\nexit 1\n", 0755);
  NodeRuntime node = find_node(environment, folder / "cache");
  CHECK(node.path == folder / "bin/node");
  CHECK(node.version.empty());
}
