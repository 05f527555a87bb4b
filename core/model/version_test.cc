#include "core/model/version.h"

#include <ctime>
#include <string>

#include <doctest/doctest.h>

using namespace hod;

TEST_CASE("a strict version has three numbers, and may have a v and blanks around it") {
  CHECK(must(Version::parse(" v1.2.3-beta.1+build.5 ")).text() == "1.2.3-beta.1");
  CHECK(must(Version::parse("1.2.3+a-b")).build() == "a-b");
  for (const char* text : {"", "1.2", "1.2.3.4", "=1.2.3", "01.2.3", "1.2.3-01", "1.2.3-", "1.2.3+",
                           "1.2.3-a..b", "9007199254740992.0.0", "vv1.2.3", "1.2.3 4"}) {
    CAPTURE(text);
    CHECK_FALSE(Version::parse(text));
    CHECK_FALSE(parse_version_view(text));
  }
}

TEST_CASE("a loose version is normalised") {
  struct Row {
    const char* text;
    const char* version;
  };
  for (const Row& row :
       {Row{"=v 1.2.3", "1.2.3"}, Row{"01.02.03", "1.2.3"}, Row{"1.2.3beta", "1.2.3-beta"},
        Row{"1.2.3-01.x", "1.2.3-1.x"}, Row{"1.2.34.5", "1.2.3-4.5"}, Row{"1.2.3-", "1.2.3--"}}) {
    CAPTURE(row.text);
    CHECK(must(Version::parse(row.text, Loose::yes)).text() == row.version);
  }
}

TEST_CASE("versions are ordered as semver says") {
  const char* ascending[] = {"0.0.0-0",       "0.0.0",      "0.9.9",        "1.0.0-1",
                             "1.0.0-2",       "1.0.0-10",   "1.0.0-alpha",  "1.0.0-alpha.1",
                             "1.0.0-alpha.b", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
                             "1.0.0",         "1.0.1",      "1.1.0",        "1.10.0",
                             "2.0.0"};
  for (std::size_t i = 0; i < std::size(ascending); ++i) {
    for (std::size_t j = 0; j < std::size(ascending); ++j) {
      CAPTURE(ascending[i]);
      CAPTURE(ascending[j]);
      const Version a = must(Version::parse(ascending[i])), b = must(Version::parse(ascending[j]));
      CHECK((a <=> b) == (i <=> j));
    }
  }
}

TEST_CASE("build metadata counts only where asked for") {
  const Version a = must(Version::parse("1.0.0+a")), b = must(Version::parse("1.0.0+b"));
  CHECK(a == b);
  CHECK(compare_versions_and_build(a.view(), b.view()) < 0);
}

TEST_CASE("cleaning takes what stands before a version") {
  CHECK(clean_version(" =v1.2.3 ") == "1.2.3");
  CHECK(clean_version(" = v1.2.3 ") == "1.2.3");
  CHECK(clean_version("= =1.2.3") == std::nullopt);
  CHECK(clean_version("==") == std::nullopt);
}

TEST_CASE("T-RES-03: a version has at most 256 characters, and huge texts are refused at once") {
  const std::string longest = "1.0.0-" + std::string(250, 'a');
  CHECK(Version::parse(longest));
  CHECK_FALSE(Version::parse(longest + "a"));
  const std::clock_t start = std::clock();  // CPU time: the machine may be busy
  for (const Loose loose : {Loose::no, Loose::yes}) {
    for (const char c : {' ', '1', 'v', '-', '.'}) {
      CHECK_FALSE(Version::parse(std::string(std::size_t{1} << 20, c), loose));
    }
  }
  CHECK(std::clock() - start < 2 * CLOCKS_PER_SEC);
}
