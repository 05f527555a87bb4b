// SPDX-License-Identifier: MIT
#include "resolver/text_table.h"

#include <deque>
#include <string>

#include <doctest/doctest.h>

using hod::resolver::TextTable;

TEST_CASE("equal texts get equal numbers, however many there are") {
  TextTable table;
  std::deque<std::string> texts;
  for (int i = 0; i < 5000; ++i) {
    texts.push_back("name-" + std::to_string(i));
    const auto added = table.add(texts.back());
    CHECK(added.is_new);
    CHECK(added.id == static_cast<std::uint32_t>(i));
  }
  for (int i = 0; i < 5000; i += 7) {
    const std::string text = "name-" + std::to_string(i);
    CHECK_FALSE(table.add(text).is_new);
    CHECK(table.find(text) == static_cast<std::uint32_t>(i));
    CHECK(table.text(static_cast<std::uint32_t>(i)) == text);
  }
  CHECK(table.find("other") == TextTable::kNoText);
}
