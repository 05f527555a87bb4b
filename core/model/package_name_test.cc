#include "core/model/package_name.h"

#include <unordered_set>

#include <doctest/doctest.h>

using namespace hod;

TEST_CASE("a name is judged for new and for old packages") {
  struct Row {
    const char* name;
    bool fresh;
    bool old;
  };
  for (const Row& row : {Row{"express", true, true},
                         Row{"@babel/core", true, true},
                         Row{"0x", true, true},
                         Row{"@s/-p", true, true},
                         Row{"@s/_p", true, true},
                         Row{"some.dots-and_more", true, true},
                         Row{"Express", false, true},
                         Row{"crypto", false, true},
                         Row{"HTTP2", false, true},
                         Row{"shout!", false, true},
                         Row{"@s/it's", false, true},
                         Row{"@s!/x", true, true},
                         Row{"", false, false},
                         Row{".x", false, false},
                         Row{"-x", false, false},
                         Row{"_x", false, false},
                         Row{"@s/.x", false, false},
                         Row{" x", false, false},
                         Row{"x ", false, false},
                         Row{"a/b", false, false},
                         Row{"@a", false, false},
                         Row{"@/b", false, false},
                         Row{"@a/", false, false},
                         Row{"@a/b/c", false, false},
                         Row{"a@b", false, false},
                         Row{"a:b", false, false},
                         Row{"caf\xC3\xA9", false, false},
                         Row{"node_modules", false, false},
                         Row{"Node_Modules", false, false},
                         Row{"favicon.ico", false, false},
                         Row{"dns/promises", false, false}}) {
    CAPTURE(row.name);
    const NameVerdict verdict = validate_package_name(row.name);
    CHECK(verdict.valid_for_new == row.fresh);
    CHECK(verdict.valid_for_old == row.old);
    CHECK(verdict.problems.empty() == row.fresh);
  }
}

TEST_CASE("a name of more than 214 characters is an old one") {
  CHECK(validate_package_name(std::string(214, 'a')).valid_for_new);
  CHECK_FALSE(validate_package_name(std::string(215, 'a')).valid_for_new);
  CHECK(validate_package_name(std::string(215, 'a')).valid_for_old);
}

TEST_CASE("T-LINK-04 what could act as a path is no package name") {
  for (const char* text : {"..",
                           ".",
                           "../x",
                           "../../x",
                           "@x/../../../.git/hooks",
                           "@../x",
                           "@./x",
                           "@x/..",
                           "@x/.",
                           "@x/node_modules",
                           "@node_modules/x",
                           "node_modules",
                           ".bin",
                           ".pnpm",
                           "@x/.bin",
                           "a/../b",
                           "a\\..\\b",
                           "/etc/passwd",
                           "C:\\x",
                           "x\n",
                           "@a\\b/c"}) {
    CAPTURE(text);
    Result<PackageName> name = PackageName::parse(text);
    REQUIRE_FALSE(name.has_value());
    CHECK(name.error().code() == ErrorCode::name_invalid);
  }
  CHECK_FALSE(PackageName::parse(std::string_view("x\0y", 3)).has_value());
}

TEST_CASE("T-RES-02 names of JavaScript's object prototype are ordinary names or refused") {
  CHECK(PackageName::parse("constructor").has_value());
  CHECK(PackageName::parse("toString").has_value());
  CHECK_FALSE(PackageName::parse("__proto__").has_value());
}

TEST_CASE("a scoped name falls into scope and base") {
  const PackageName scoped = must(PackageName::parse("@babel/core"));
  CHECK(scoped.scope() == "@babel");
  CHECK(scoped.base() == "core");
  CHECK(scoped.url_path() == "@babel%2fcore");
  const PackageName plain = must(PackageName::parse("express"));
  CHECK(plain.scope().empty());
  CHECK(plain.base() == "express");
  CHECK(plain.url_path() == "express");
}

TEST_CASE("names compare and hash by their text") {
  const PackageName a = must(PackageName::parse("a"));
  const PackageName b = must(PackageName::parse("b"));
  CHECK(a < b);
  CHECK(a == must(PackageName::parse("a")));
  const std::unordered_set<PackageName> names{a, b, must(PackageName::parse("a"))};
  CHECK(names.size() == 2);
}
