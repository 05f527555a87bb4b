#include "core/base/edit_distance.h"

#include <algorithm>
#include <random>

#include <doctest/doctest.h>

using namespace hod;

namespace {

// The same by its definition: every cell, no bound.
std::size_t plain_distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cells(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      std::size_t best = i == 0 ? j : j == 0 ? i : cells[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
      if (i > 0 && j > 0) best = std::min({best, cells[i - 1][j] + 1, cells[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        best = std::min(best, cells[i - 2][j - 2] + 1);
      }
      cells[i][j] = best;
    }
  }
  return cells[a.size()][b.size()];
}

}  // namespace

TEST_CASE("one step inserts, deletes, replaces or swaps") {
  CHECK(edit_distance("react", "react", 3) == 0);
  CHECK(edit_distance("raect", "react", 3) == 1);
  CHECK(edit_distance("reac", "react", 3) == 1);
  CHECK(edit_distance("reactt", "react", 3) == 1);
  CHECK(edit_distance("reakt", "react", 3) == 1);
  CHECK(edit_distance("", "ab", 2) == 2);
  CHECK(edit_distance("", "", 0) == 0);
  CHECK(edit_distance("ca", "abc", 3) == 3);
}

TEST_CASE("what is farther than the bound has no distance") {
  CHECK_FALSE(edit_distance("express", "react", 3).has_value());
  CHECK_FALSE(edit_distance("react", "reactdom", 2).has_value());
  CHECK(edit_distance("react", "reactdom", 3) == 3);
  CHECK_FALSE(edit_distance("a", "b", 0).has_value());
}

TEST_CASE("the bounded distance is the plain one wherever it is in bounds") {
  std::mt19937 random(20);
  const auto word = [&random] {
    std::string text(random() % 8, 'a');
    for (char& c : text) c = static_cast<char>('a' + random() % 3);
    return text;
  };
  for (int i = 0; i < 20000; ++i) {
    const std::string a = word();
    const std::string b = word();
    const std::size_t bound = random() % 5;
    const std::size_t distance = plain_distance(a, b);
    const auto bounded = edit_distance(a, b, bound);
    CAPTURE(a);
    CAPTURE(b);
    CAPTURE(bound);
    REQUIRE(bounded.has_value() == (distance <= bound));
    if (bounded) REQUIRE(*bounded == distance);
  }
}

TEST_CASE("the nearest words come first, equally near ones by name") {
  const std::vector<std::string> names = {"install", "uninstall", "list",
                                          "lint",    "link",      "install"};
  CHECK(nearest(names, "instal") == std::vector<std::string>{"install"});
  CHECK(nearest(names, "lits") == std::vector<std::string>{"list"});
  CHECK(nearest(names, "lin") == std::vector<std::string>{"link", "lint"});
  CHECK(nearest(names, "lin", 1) == std::vector<std::string>{"link"});
  CHECK(nearest(names, "list").empty() == false);
  CHECK(nearest(names, "publish").empty());
  CHECK(nearest(names, "").empty());
}

TEST_CASE("a word that is known is not offered for itself") {
  const std::vector<std::string> names = {"list"};
  CHECK(nearest(names, "list").empty());
}
