#include "core/model/range.h"

#include <ctime>
#include <string>

#include <doctest/doctest.h>

using namespace hod;

TEST_CASE("a range is written as its comparators") {
  struct Row {
    const char* range;
    const char* text;
  };
  for (const Row& row :
       {Row{"", "*"}, Row{" * ", "*"}, Row{"^1.2.3", ">=1.2.3 <2.0.0-0"},
        Row{"^0.2.3", ">=0.2.3 <0.3.0-0"}, Row{"^0.0.3", ">=0.0.3 <0.0.4-0"},
        Row{"~1.2", ">=1.2.0 <1.3.0-0"}, Row{"~> 1", ">=1.0.0 <2.0.0-0"},
        Row{"1.2 - 3.4", ">=1.2.0 <3.5.0-0"}, Row{"1.2.3 - 3.4.5", ">=1.2.3 <=3.4.5"},
        Row{"> 1.2", ">=1.3.0"}, Row{"<=2", "<3.0.0-0"}, Row{"<x", "<0.0.0-0"},
        Row{"1 || 2.3.4", ">=1.0.0 <2.0.0-0||2.3.4"}, Row{"1.2.3+build", "1.2.3"},
        Row{"1 || *", "*"}, Row{"^1 ^1", ">=1.0.0 <2.0.0-0"}}) {
    CAPTURE(row.range);
    CHECK(must(Range::parse(row.range)).text() == row.text);
  }
}

TEST_CASE("what is no range is refused") {
  for (const char* text :
       {"latest", "1.2.3.4", "^1.2.3.4", "01.2.3", ">", "1.x.3", "=== 1.2.3", "1.2.3-01"}) {
    CAPTURE(text);
    const auto range = Range::parse(text);
    REQUIRE_FALSE(range);
    CHECK(range.error().code() == ErrorCode::range_invalid);
  }
}

TEST_CASE("a caret range keeps the leftmost non-zero number") {
  struct Row {
    const char* range;
    const char* version;
    bool matches;
  };
  for (const Row& row :
       {Row{"^1.2.3", "1.9.0", true}, Row{"^1.2.3", "2.0.0", false}, Row{"^0.2.3", "0.3.0", false},
        Row{"^0.0.3", "0.0.3", true}, Row{"^1.2.3", "2.0.0-alpha", false}}) {
    CAPTURE(row.range);
    CAPTURE(row.version);
    CHECK(must(Range::parse(row.range)).contains(must(Version::parse(row.version))) == row.matches);
  }
}

TEST_CASE("a prerelease matches only where the range names one of the same release") {
  const Version beta = must(Version::parse("1.2.3-beta.2")),
                other = must(Version::parse("1.2.4-beta"));
  const Range range = must(Range::parse("^1.2.3-beta.1"));
  CHECK(range.contains(beta));
  CHECK_FALSE(range.contains(other));
  CHECK_FALSE(Range::any().contains(beta));
  CHECK(must(Range::parse("^1.2.3-beta.1", {Loose::no, true})).contains(other));
}

TEST_CASE("exact ranges and those that allow anything are recognised") {
  CHECK(must(Range::parse("=1.2.3")).exact()->text() == "1.2.3");
  CHECK(must(Range::parse("1.2")).exact() == nullptr);
  CHECK(must(Range::parse("1.2.3 || 1.2.4")).exact() == nullptr);
  CHECK(must(Range::parse(">=0.0.0")).is_any());
  CHECK(Range::any().is_any());
  CHECK_FALSE(must(Range::parse("^1")).is_any());
}

TEST_CASE("loosely, what is no comparator is left out") {
  CHECK(must(Range::parse("1.2.3 nonsense", {Loose::yes, false})).text() == "1.2.3");
  CHECK_FALSE(Range::parse("nonsense", {Loose::yes, false}));
  CHECK(must(Range::parse("nonsense || 01.2.3", {Loose::yes, false})).text() == "1.2.3");
}

TEST_CASE(
    "T-RES-03: ranges have at most 4 KiB and 256 comparators, and hostile ones cost little time") {
  CHECK(Range::parse("1" + std::string(10'000, ' ')));
  CHECK_FALSE(Range::parse(std::string(4097, '1')));
  std::string alternatives = "1.0.0";
  for (int i = 1; i < 256; ++i) alternatives += "||1.0." + std::to_string(i);
  CHECK(must(Range::parse(alternatives)).sets().size() == 256);
  CHECK_FALSE(Range::parse(alternatives + "||2.0.0"));

  const std::clock_t start = std::clock();  // CPU time: the machine may be busy
  for (const Loose loose : {Loose::no, Loose::yes}) {
    for (const char* piece :
         {"v ", "= ", "> ", "~ ", "1.", "1 ", "x", "|", "* ", "-", "1-", "+1 ", "1 - "}) {
      for (const std::size_t size : {std::size_t{4000}, std::size_t{1} << 20}) {
        std::string text;
        while (text.size() < size) text += piece;
        std::ignore = Range::parse(text, {loose, false});
      }
    }
  }
  CHECK(std::clock() - start < 5 * CLOCKS_PER_SEC);
}
