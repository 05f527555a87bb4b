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
