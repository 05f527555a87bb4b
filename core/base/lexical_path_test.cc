#include "core/base/lexical_path.h"

#include <doctest/doctest.h>

using namespace hod;

TEST_CASE("a path is resolved against a folder") {
  CHECK(resolved_path("/proj/app", "x") == "/proj/app/x");
  CHECK(resolved_path("/proj/app/", "../x/./y//z/") == "/proj/x/y/z");
  CHECK(resolved_path("/proj/app", "/x/../y") == "/y");
  CHECK(resolved_path("/proj/app", "../../../..") == "/");
  CHECK(resolved_path("/proj/app", "") == "/proj/app");
  CHECK(resolved_path("/", "x") == "/x");
}

TEST_CASE("the way from one folder to another") {
  CHECK(relative_path("/proj/app", "/proj/app/x/y") == "x/y");
  CHECK(relative_path("/proj/app", "/proj/x") == "../x");
  CHECK(relative_path("/proj/app", "/other") == "../../other");
  CHECK(relative_path("/proj/app", "/proj/app/") == "");
  CHECK(relative_path("/proj/app", "/proj/appendix") == "../appendix");
  CHECK(relative_path("/", "/x") == "x");
  CHECK(relative_path("/x", "/") == "..");
}

TEST_CASE("a path has one shortest spelling") {
  CHECK(shortest_path("a/./b/../c/") == "a/c");
  CHECK(shortest_path("./../../a") == "../../a");
  CHECK(shortest_path("a/../..") == "..");
  CHECK(shortest_path("./a//b/../c/") == "a/c");
  CHECK(shortest_path("/../a") == "/a");
  CHECK(shortest_path("a/..").empty());
  CHECK(shortest_path("").empty());
  CHECK(shortest_path("/") == "/");
}

TEST_CASE("a reference is told from the project's root") {
  CHECK(joined_path(".", "a") == "a");
  CHECK(joined_path(".", ".") == ".");
  CHECK(joined_path(".", "./x") == "x");
  CHECK(joined_path("a/b", "../c") == "a/c");
  CHECK(joined_path("a/b", "../..") == ".");
  CHECK(joined_path("a/b", "../../..") == "..");
  CHECK(joined_path("a", "../../b") == "../b");
  CHECK(joined_path("../a", "./b/") == "../a/b");
  CHECK(joined_path(".", "../out//side/.") == "../out/side");
  CHECK(joined_path("a", "/abs/../x") == "/abs/../x");
  CHECK(joined_path("a", "~/x") == "~/x");
}
