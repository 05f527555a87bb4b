#include "core/model/npm_config_keys.h"

#include <algorithm>

#include <doctest/doctest.h>

using namespace hod;

TEST_CASE("npm's keys are sorted, each is found, and excluded ones exist") {
  const auto keys = npm_config_keys();
  CHECK(std::is_sorted(keys.begin(), keys.end(), [](const NpmConfigKey& a, const NpmConfigKey& b) {
    return a.name < b.name;
  }));
  for (const NpmConfigKey& key : keys) {
    CAPTURE(key.name);
    CHECK(find_npm_config_key(key.name) == &key);
    CHECK_FALSE(key.types.empty());
  }
  CHECK(find_npm_config_key("registry")->types == "Url");
  CHECK(find_npm_config_key("no-such-key") == nullptr);
  CHECK(find_npm_config_key("") == nullptr);
}
