// SPDX-License-Identifier: MIT
#include "cli/glob.h"

#include <doctest/doctest.h>

using namespace hod::cli;

TEST_CASE("path patterns match as workspaces need them") {
  struct Row {
    const char* pattern;
    const char* path;
    bool matches;
  };
  for (const Row& row : {Row{"packages/*", "packages/a", true},
                         Row{"packages/*", "packages/a/b", false},
                         Row{"packages/*", "packages", false},
                         Row{"./packages/*/", "packages/a", true},
                         Row{"packages/**", "packages/a/b/c", true},
                         Row{"packages/**", "packages", true},
                         Row{"**/examples", "examples", true},
                         Row{"**/examples", "a/b/examples", true},
                         Row{"**/examples", "a/.git/examples", false},
                         Row{"a/**/z/**/q", "a/z/z/b/q", true},
                         Row{"apps/{web,api}", "apps/api", true},
                         Row{"apps/{web,api}", "apps/docs", false},
                         Row{"{a,b/{c,d}}/e", "b/d/e", true},
                         Row{"packages/lib-?", "packages/lib-a", true},
                         Row{"packages/lib-[a-c]", "packages/lib-b", true},
                         Row{"packages/lib-[!a-c]", "packages/lib-b", false},
                         Row{"packages/*-app", "packages/a-app-app", true},
                         Row{"packages/*", "packages/.hidden", false},
                         Row{"packages/.*", "packages/.hidden", true},
                         Row{"packages/{a", "packages/{a", true},
                         Row{"*", "a", true}}) {
    CAPTURE(row.pattern);
    CAPTURE(row.path);
    CHECK(glob_matches(row.pattern, row.path) == row.matches);
  }
}

TEST_CASE("T-RES-03 a hostile pattern costs no time") {
  std::string many_stars, name(200, 'a');
  for (int i = 0; i < 100; ++i) many_stars += "*a";
  CHECK_FALSE(segment_matches(many_stars + "b", name));
  std::string braces;
  for (int i = 0; i < 30; ++i) braces += "{a,b}";
  CHECK(expand_braces(braces).size() <= 256);
}
