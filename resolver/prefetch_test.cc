// SPDX-License-Identifier: MIT
#include "resolver/prefetch.h"

#include <algorithm>

#include <doctest/doctest.h>

#include "resolver/test_parts.h"

namespace hod::resolver {

namespace {

// Names of what is wanted now, in the order of wanting; answers them all.
std::string round(Parts& parts, Prefetch& prefetch) {
  std::string names;
  const std::vector<PackageId> wanted = prefetch.take_wanted();
  for (const PackageId id : wanted) {
    names += (names.empty() ? "" : " ") + std::string(parts.universe.text(parts.universe[id].name));
  }
  for (const PackageId id : wanted) {
    parts.package(std::string(parts.universe.text(parts.universe[id].name)));
    prefetch.arrived(id);
  }
  return names;
}

std::string choices(Parts& parts, Prefetch& prefetch) {
  std::string text;
  for (const Prefetch::Choice& choice : prefetch.take_choices()) {
    text += (text.empty() ? "" : " ") +
            std::string(parts.universe.text(parts.universe[choice.package].name)) + "@" +
            parts.text(choice.package, choice.version);
  }
  return text;
}

}  // namespace

TEST_CASE("prefetch: a tree is asked for in as many rounds as it is deep, each name once") {
  Parts parts("project: a *; b *\na 1.0.0: c *; d *\nb 1.0.0: c *\nc 1.0.0: d *\nd 1.0.0: a *");
  Prefetch prefetch(parts.knowledge);
  prefetch.follow(parts.project());
  CHECK(round(parts, prefetch) == "a b");
  const std::string second = round(parts, prefetch);
  CHECK((second == "c d" || second == "d c"));
  CHECK(round(parts, prefetch) == "");
  CHECK(choices(parts, prefetch) == "a@1.0.0 b@1.0.0 c@1.0.0 d@1.0.0");
  CHECK(choices(parts, prefetch) == "");
}

TEST_CASE("prefetch: only the first choice of a slot leads on") {
  Parts parts("project: a *\na 1.0.0: old *\na 2.0.0: new *\nold 1.0.0:\nnew 1.0.0:");
  Prefetch prefetch(parts.knowledge);
  prefetch.follow(parts.project());
  CHECK(round(parts, prefetch) == "a");
  CHECK(round(parts, prefetch) == "new");
}

TEST_CASE("prefetch: a required peer is asked for unless whoever asks has it, an optional never") {
  Parts parts(
      "project: a *; host *\na 1.0.0: peer host *; peer other *; peer? maybe *\nhost 1.0.0:\n"
      "other 1.0.0: below *\nmaybe 1.0.0:\nbelow 1.0.0:");
  Prefetch prefetch(parts.knowledge);
  prefetch.follow(parts.project());
  CHECK(round(parts, prefetch) == "a host");
  CHECK(round(parts, prefetch) == "other");
  CHECK(round(parts, prefetch) == "below");
  CHECK(round(parts, prefetch) == "");
  // First choices of peers are not expected to be in the graph; what they lead to is.
  CHECK(choices(parts, prefetch).find("other") == std::string::npos);
}

TEST_CASE("prefetch: what does not exist, fits nothing or belongs to the project ends the way") {
  Parts parts("project: gone *; a ^9; m *\nmember m m 1.0.0: b *\na 1.0.0: c *\nb 1.0.0:");
  parts.package("a");
  const PackageId gone = parts.package("gone");
  Prefetch prefetch(parts.knowledge);
  prefetch.follow(parts.project());
  CHECK(prefetch.take_wanted() == std::vector<PackageId>{gone});
  parts.universe.set_missing(gone, Error(ErrorCode::package_not_found, "gone"));
  prefetch.arrived(gone);
  CHECK(prefetch.take_wanted().empty());
  CHECK(choices(parts, prefetch) == "");
  prefetch.arrived(gone);  // a second answer changes nothing
  CHECK(prefetch.take_wanted().empty());
}

}  // namespace hod::resolver
