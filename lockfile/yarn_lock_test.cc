// SPDX-License-Identifier: MIT
#include "lockfile/yarn_lock.h"

#include "lockfile/foreign_scene_test.h"

using namespace hod;
using namespace hod::lockfile;
using namespace hod::lockfile::scene;

TEST_CASE("yarn's two kinds are told apart by the metadata") {
  const Project app = project_of({{".", "{}"}});
  CHECK(refusal(ForeignFormat::yarn, "__metadata:\n  version: 99\n", app).find("`99`") !=
        std::string::npos);
  CHECK(refusal(ForeignFormat::yarn, "# x\n__metadata:\n  version: 99\n", app).find("`99`") !=
        std::string::npos);
  CHECK(refusal(ForeignFormat::yarn, "", app) == "fine");
}
