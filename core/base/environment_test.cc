// SPDX-License-Identifier: MIT
#include "core/base/environment.h"

#include <cstdlib>
#include <vector>

#include <doctest/doctest.h>

extern "C" char** environ;

namespace hod {

TEST_CASE("a variable that is set but empty differs from one that is not set") {
  Environment environment({{"EMPTY", ""}, {"FULL", "a=b"}});
  CHECK(environment.get("EMPTY") == "");
  CHECK(environment.get("FULL") == "a=b");
  CHECK_FALSE(environment.get("ABSENT"));
  environment.set("ABSENT", "now");
  CHECK(environment.get("ABSENT") == "now");
}

TEST_CASE("the process's variables are read as they are, and odd entries are passed over") {
  std::vector<std::string> texts = {"PLAIN=1", "WITH=a=b", "NOTHING=", "no-equals-sign", "=C:=odd"};
  std::vector<char*> entries;
  for (std::string& text : texts) entries.push_back(text.data());
  entries.push_back(nullptr);
  char** const own = environ;
  environ = entries.data();
  const Environment environment = Environment::of_process();
  environ = own;
  CHECK(environment.get("PLAIN") == "1");
  CHECK(environment.get("WITH") == "a=b");
  CHECK(environment.get("NOTHING") == "");
  CHECK_FALSE(environment.get("no-equals-sign"));
  CHECK(environment.get("=C:") == "odd");  // the first letter belongs to the name
  CHECK(environment.variables().size() == 4);
}

TEST_CASE("a process without an environment has an empty one") {
  char** const own = environ;
  environ = nullptr;
  const Environment environment = Environment::of_process();
  environ = own;
  CHECK(environment.variables().empty());
}

}  // namespace hod
