#include "core/model/dependency.h"

#include <doctest/doctest.h>

using namespace hod;

TEST_CASE("each dependency kind has the name that npm gives it") {
  CHECK(dependency_kind_name(DependencyKind::production) == "prod");
  CHECK(dependency_kind_name(DependencyKind::development) == "dev");
  CHECK(dependency_kind_name(DependencyKind::optional) == "optional");
  CHECK(dependency_kind_name(DependencyKind::peer) == "peer");
  CHECK(dependency_kind_name(DependencyKind::optional_peer) == "peerOptional");
}

TEST_CASE("dependencies are ordered by slot, then specifier, then kind") {
  const Dependency react{"react", "^18", DependencyKind::production};
  const Dependency react_peer{"react", "^18", DependencyKind::peer};
  const Dependency vue{"vue", "^3", DependencyKind::production};
  CHECK(react < react_peer);
  CHECK(react_peer < vue);
}
