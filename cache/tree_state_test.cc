#include "cache/tree_state.h"

#include <doctest/doctest.h>

#include "cache/graph_scene_test.h"

namespace hod::cache {

namespace {

TreeState sample_state() {
  TreeState state;
  state.lock_digest = "ab";
  state.boot_id = "boot";
  state.inputs = {{"package.json", true, 7, 99}, {"hod.lock", false, 0, 0}};
  state.shape.packages = {{"node_modules/a", 3, "sha512-x+copy", true, {"bin.js"}},
                          {"node_modules/a/node_modules/b", 4, "sha512-y", false, {}}};
  state.shape.links = {{"node_modules/w", "../packages/w"}};
  state.shape.bins = {{"node_modules/.bin/t", "../a/bin.js"}};
  return state;
}

}  // namespace

TEST_CASE("a state is read as it was written") {
  const TreeState state = sample_state();
  const std::optional<TreeState> read = decode_state(encode_state(state, state.shape));
  REQUIRE(read);
  CHECK(read->lock_digest == "ab");
  CHECK(read->boot_id == "boot");
  CHECK(read->inputs == state.inputs);
  REQUIRE(read->shape.packages.size() == 2);
  CHECK(read->shape.packages[1].path == "node_modules/a/node_modules/b");
  CHECK(read->shape.packages[0].identity == "sha512-x+copy");
  CHECK(read->shape.packages[0].copied);
  CHECK(read->shape.links == state.shape.links);
  CHECK(read->shape.bins == state.shape.bins);
}

TEST_CASE("a state that lost, gained or changed a byte is no state") {
  const TreeState state = sample_state();
  const std::string whole = encode_state(state, state.shape);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(decode_state(whole.substr(0, size)));
  }
  CHECK_FALSE(decode_state(whole + "x"));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] ^ 0x21);
    CHECK_FALSE(decode_state(changed));
  }
}

TEST_CASE("a journal is read as it was written, or not at all") {
  const std::vector<std::string> paths = {"node_modules/a", "node_modules/ab", "packages/w"};
  const std::string whole = encode_journal(paths);
  CHECK(decode_journal(whole) == paths);
  CHECK(decode_journal(encode_journal({})) == std::vector<std::string>{});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    CHECK_FALSE(decode_journal(whole.substr(0, size)));
  }
}

}  // namespace hod::cache
