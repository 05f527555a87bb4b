// SPDX-License-Identifier: MIT
#include "resolver/repair_command.h"

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::resolver;

namespace {

Override rule(std::string origin, std::vector<std::string> parents, std::string target) {
  Override made;
  for (const std::string& parent : parents)
    made.parents.push_back(must(parse_override_step(parent)));
  made.target = must(parse_override_step(target));
  made.origin = std::move(origin);
  return made;
}

}  // namespace

TEST_CASE("a repair is typed where the failed command was typed") {
  CommandScene root;
  CHECK(range_command(root, ".", "host", "2") == "hod add host@2");
  CHECK(range_command(root, "packages/a", "host", "2") == "hod add --workspace packages/a host@2");
  CommandScene member{"packages/a", {}};
  CHECK(range_command(member, "packages/a", "host", "2") == "hod add host@2");
  CHECK(range_command(member, ".", "host", "2") == "hod add -w host@2");
  CHECK(override_command(member, "plug", "host", "^1") == "hod pkg set -w overrides.plug.host=^1");
}

TEST_CASE("a repair adds what the failed command was about to add") {
  const DependencyKind prod = DependencyKind::production;
  CommandScene scene{".", {{".", "plug", "2", prod}}};
  CHECK(range_command(scene, ".", "plug", "1") == "hod add plug@1");
  CHECK(range_command(scene, ".", "host", "2") == "hod add host@2 plug@2");
  CHECK(range_command(scene, "packages/a", "host", "2") ==
        "hod add --workspace packages/a host@2 && hod add plug@2");
  CHECK(override_command(scene, "plug", "host", "^1") ==
        "hod pkg set overrides.plug.host=^1 && hod add plug@2");
  scene.pending.push_back({".", "more", "latest", prod});
  CHECK(range_command(scene, ".", "plug", "1") == "hod add plug@1 more@latest");
  CommandScene dev{".", {{".", "plug", "2", DependencyKind::development}}};
  CHECK(range_command(dev, ".", "plug", "1") == "hod add -D plug@1");
  CHECK(range_command(dev, ".", "host", "2") == "hod add host@2 && hod add -D plug@2");
}

TEST_CASE("what a shell would take apart is quoted") {
  const CommandScene scene;
  CHECK(range_command(scene, ".", "host", "<2 || >3") == "hod add \"host@<2 || >3\"");
  CHECK(range_command(scene, ".", "host", "$x") == "hod add 'host@$x'");
  CHECK(override_command(scene, "socket.io", "@s/a", "^1") ==
        "hod pkg set \"overrides[socket.io].@s/a=^1\"");
}

TEST_CASE("an override is taken away by the key it stands under") {
  const CommandScene scene;
  const auto drop = [&](const Override& one) {
    return drop_command(scene, one).value_or("nothing");
  };
  CHECK(drop(rule("overrides.s", {}, "s")) == "hod pkg delete overrides.s");
  CHECK(drop(rule("overrides.a@1.b", {"a@1"}, "b")) == "hod pkg delete overrides.a@1.b");
  CHECK(drop(rule("overrides.socket.io", {}, "socket.io")) ==
        "hod pkg delete \"overrides[socket.io]\"");
  CHECK(drop(rule("overrides.a..", {}, "a")) == "nothing");
  CHECK(drop(rule("resolutions.a/b", {"a"}, "b")) == "hod pkg delete resolutions.a/b");
  CHECK(drop(rule("pnpm.overrides.a>b", {"a"}, "b")) == "hod pkg delete \"pnpm.overrides.a>b\"");
  CHECK(drop(rule("pnpm-workspace.yaml overrides.a", {}, "a")) == "nothing");
}
