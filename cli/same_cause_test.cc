// SPDX-License-Identifier: MIT
#include "cli/same_cause.h"

#include <cerrno>
#include <string>

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::cli;

namespace {

Error full(const std::string& doing, const std::string& package) {
  return system_error(ENOSPC, doing, "/cache/tmp/" + package).during("fetching `" + package + "`");
}

Error network(const std::string& what, const std::string& url, const std::string& package) {
  return Error(ErrorCode::network_failed, what).at(url).during("fetching `" + package + "`");
}

template <class... More>
Errors list(More... more) {
  Errors errors;
  (errors.push_back(std::move(more)), ...);
  return errors;
}

}  // namespace

TEST_CASE("a full disk is told once, with a count and some names, whatever was being done") {
  Errors merged = merged_by_cause(list(full("write", "a@1.0.0"), full("create", "b@1.0.0"),
                                       full("write", "c@1.0.0"), full("write", "d@1.0.0"),
                                       full("write", "e@1.0.0")));
  REQUIRE(merged.size() == 1);
  CHECK(merged[0].text() ==
        "error: cannot write: No space left on device [DISK_FULL]\n"
        "  where: /cache/tmp/a@1.0.0\n"
        "  4 more for the same reason: `b@1.0.0`, `c@1.0.0`, `d@1.0.0` and 1 more\n"
        "  while fetching `a@1.0.0`\n"
        "hint: free some space on that disk and run the command again; nothing is half-written\n");
}

TEST_CASE("one failure stays as it is") {
  Errors merged = merged_by_cause(list(full("write", "a@1.0.0")));
  REQUIRE(merged.size() == 1);
  CHECK(merged[0].details().empty());
  CHECK(merged_by_cause({}).empty());
}

TEST_CASE("other failures of the disk are told once for each thing that cannot be done") {
  auto denied = [](const std::string& doing, const std::string& path) {
    return system_error(EACCES, doing, path);
  };
  Errors merged = merged_by_cause(
      list(denied("open", "/cache/a"), denied("create", "/cache/b"), denied("open", "/cache/c")));
  REQUIRE(merged.size() == 2);
  CHECK(merged[0].details() == std::vector<std::string>{"one more for the same reason: /cache/c"});
  CHECK(merged[1].where() == "/cache/b");
}

TEST_CASE("a dead origin is told once, another one by itself") {
  Errors merged = merged_by_cause(
      list(network("`one.example` refuses the connection", "https://one.example/a", "a@1.0.0"),
           network("`two.example` refuses the connection", "https://two.example/a", "b@1.0.0"),
           network("`one.example` refuses the connection", "https://one.example/c", "c@1.0.0")));
  REQUIRE(merged.size() == 2);
  CHECK(merged[0].details() == std::vector<std::string>{"one more for the same reason: `c@1.0.0`"});
  CHECK(merged[1].details().empty());
}

TEST_CASE("the same answer of a registry for several names is told once") {
  auto answer = [](const std::string& name) {
    return Error(ErrorCode::registry_answer, "the registry answers 503 for `" + name + "`")
        .at("https://registry.example/" + name);
  };
  Errors merged = merged_by_cause(list(answer("a"), answer("b")));
  REQUIRE(merged.size() == 1);
  CHECK(merged[0].details() == std::vector<std::string>{"one more for the same reason: `b`"});
}

TEST_CASE("what is wrong with packages themselves is told for each, and the order is kept") {
  auto damaged = [](const std::string& package) {
    return Error(ErrorCode::archive_invalid, "the archive ends inside a header")
        .during("fetching `" + package + "`");
  };
  Errors merged = merged_by_cause(list(damaged("a@1.0.0"), full("write", "b@1.0.0"),
                                       damaged("c@1.0.0"), full("write", "d@1.0.0")));
  REQUIRE(merged.size() == 3);
  CHECK(merged[0].code() == ErrorCode::archive_invalid);
  CHECK(merged[1].code() == ErrorCode::disk_full);
  CHECK(merged[2].code() == ErrorCode::archive_invalid);
  CHECK(merged[0].details().empty());
}
