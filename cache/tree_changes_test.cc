#include "cache/tree_changes.h"

#include <doctest/doctest.h>

#include "cache/tree_scene_test.h"

namespace hod::cache {

namespace {

using Paths = std::vector<std::string>;

constexpr const char* kOld = R"(. -> a@1, b@1
                                a@1 [bin a=a.js] -> c@1
                                b@1 -> c@2
                                c@1
                                c@2)";

TreeShape shape_of(std::string_view text, Layout layout) {
  const ResolutionGraph graph = scene::graph(text);
  return make_shape(graph, scene::all_of(graph, layout));
}

// A listing of the very tree that `shape` describes.
TreeListing listing_of(const TreeShape& shape) {
  TreeListing out;
  out.tops = top_modules(shape, nullptr);
  const auto add = [&out](std::string_view path, FolderEntry::Kind kind) {
    for (; !path.empty(); path = parent_path(path), kind = FolderEntry::Kind::folder) {
      const std::string_view parent = parent_path(path);
      const bool ours = base_name(parent) == "node_modules" || base_name(parent) == ".hod" ||
                        base_name(parent).starts_with("@");
      const bool inside = parent.find("node_modules/") != std::string_view::npos &&
                          parent != "node_modules/.hod" &&
                          parent != "node_modules/.hod/node_modules";
      if (!ours || inside) continue;
      out.listed.emplace(parent);
      out.entries.insert_or_assign(std::string(path), kind);
    }
  };
  for (const PlacedPackage& p : shape.packages) add(p.path, FolderEntry::Kind::folder);
  for (const PlacedLink& l : shape.links) add(l.path, FolderEntry::Kind::link);
  for (const PlacedBin& b : shape.bins) add(b.path, FolderEntry::Kind::link);
  return out;
}

Paths package_units(const TreeShape& shape, const TreeChanges& changes) {
  Paths out;
  for (const TreeItem& item : changes.items) {
    if (item.kind != TreeEntry::package) continue;
    out.push_back(shape.packages[item.index].path + " in " + changes.units[item.unit]);
  }
  return out;
}

}  // namespace

TEST_CASE("where nothing is, the whole node_modules is one unit") {
  const TreeShape shape = shape_of(kOld, Layout::isolated);
  TreeListing listing;
  listing.tops = {"node_modules"};
  SUBCASE("no folder") { listing.absent.insert("node_modules"); }
  SUBCASE("only our own files") {
    listing.listed = {"node_modules", "node_modules/.hod"};
    listing.entries = {{"node_modules/.hod", FolderEntry::Kind::folder},
                       {"node_modules/.hod/lock", FolderEntry::Kind::other},
                       {"node_modules/.hod/trash", FolderEntry::Kind::folder}};
  }
  const TreeChanges changes = tree_changes(shape, {}, listing, {});
  CHECK(changes.whole_root);
  CHECK(changes.units == Paths{"node_modules"});
  CHECK(changes.removals.empty());
  CHECK(changes.items.size() == shape.packages.size() + shape.links.size() + shape.bins.size());
}

TEST_CASE("nothing changes where everything is there") {
  for (const Layout layout : {Layout::hoisted, Layout::isolated}) {
    const TreeShape shape = shape_of(kOld, layout);
    CHECK(tree_changes(shape, {&shape, {}}, listing_of(shape), {}).empty());
  }
}

TEST_CASE("a new package of the isolated layout is one unit with its links, its users' links too") {
  const TreeShape old = shape_of(kOld, Layout::isolated);
  const TreeShape shape = shape_of(R"(. -> a@1, b@1
                                      a@1 [bin a=a.js] -> c@1
                                      b@1 -> c@3
                                      c@1
                                      c@3 -> d@1
                                      d@1)",
                                   Layout::isolated);
  const TreeChanges changes = tree_changes(shape, {&old, {}}, listing_of(old), {});
  CHECK(changes.units == Paths{"node_modules/.hod/b@1/node_modules/c", "node_modules/.hod/c@3",
                               "node_modules/.hod/d@1", "node_modules/.hod/node_modules/d"});
  CHECK(changes.removals == Paths{"node_modules/.hod/c@2"});
}

TEST_CASE("what stands in a rebuilt package is rebuilt with it, its container never is a unit") {
  const TreeShape shape = shape_of(kOld, Layout::hoisted);
  const auto inner =
      std::find_if(shape.packages.begin(), shape.packages.end(),
                   [](const PlacedPackage& p) { return p.path.ends_with("/node_modules/c"); });
  REQUIRE(inner != shape.packages.end());
  const std::string nested = inner->path;
  const std::string outer(parent_path(parent_path(nested)));
  CHECK(package_units(shape, tree_changes(shape, {&shape, {}}, listing_of(shape), {outer})) ==
        Paths{outer + " in " + outer, nested + " in " + outer});
  CHECK(package_units(shape, tree_changes(shape, {&shape, {}}, listing_of(shape), {nested})) ==
        Paths{nested + " in " + nested});
}

TEST_CASE("what a stopped run may have touched is placed again") {
  const TreeShape shape = shape_of(kOld, Layout::hoisted);
  const TreeChanges changes = tree_changes(
      shape, {&shape, {"node_modules/a", "node_modules/.bin/a"}}, listing_of(shape), {});
  CHECK(changes.units.front() == "node_modules/.bin");
  CHECK(std::find(changes.units.begin(), changes.units.end(), "node_modules/a") !=
        changes.units.end());
  CHECK(changes.removals.empty());
}

TEST_CASE("only what was placed or stands in node_modules goes; tools' dot entries stay") {
  const TreeShape shape = shape_of(". -> a@1\na@1", Layout::hoisted);
  TreeListing listing = listing_of(shape);
  listing.listed.insert("node_modules/.hod");
  for (const char* path :
       {"node_modules/.cache", "node_modules/.vite", "node_modules/.hod", "node_modules/.hod/lock",
        "node_modules/.hod/x@1", "node_modules/.hod/state.new", "node_modules/.package-lock.json",
        "node_modules/.pnpm", "node_modules/.bin", "node_modules/foreign"}) {
    listing.entries.insert_or_assign(path, FolderEntry::Kind::folder);
  }
  const TreeChanges changes = tree_changes(shape, {&shape, {}}, listing, {});
  CHECK(changes.removals == Paths{"node_modules/.bin", "node_modules/.hod/state.new",
                                  "node_modules/.hod/x@1", "node_modules/.package-lock.json",
                                  "node_modules/.pnpm", "node_modules/foreign"});
  CHECK(changes.units.empty());
}

TEST_CASE("something that is no folder where one must be goes first") {
  const TreeShape shape = shape_of(". -> @s/a@1\n@s/a@1", Layout::hoisted);
  TreeListing listing = listing_of(shape);
  listing.listed.erase("node_modules/@s");
  listing.entries.erase("node_modules/@s/a");
  listing.entries.insert_or_assign("node_modules/@s", FolderEntry::Kind::link);
  const TreeChanges changes = tree_changes(shape, {&shape, {}}, listing, {});
  CHECK(changes.blockers == Paths{"node_modules/@s"});
  CHECK(changes.units == Paths{"node_modules/@s/a"});
}

TEST_CASE("folders that lose their last entry are told") {
  const TreeShape old = shape_of(R"(. -> a@1, c@1
                                    /w w@1 -> c@2
                                    a@1 -> c@2
                                    c@1
                                    c@2)",
                                 Layout::hoisted);
  const TreeShape shape = shape_of(R"(. -> a@1, c@2
                                      /w w@1
                                      a@1 -> c@2
                                      c@2)",
                                   Layout::hoisted);
  const TreeChanges changes = tree_changes(shape, {&old, {}}, listing_of(old), {});
  CHECK(changes.emptied == Paths{"node_modules/a/node_modules", "w/node_modules"});
}

}  // namespace hod::cache
