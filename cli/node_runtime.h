// SPDX-License-Identifier: MIT
// The Node.js that scripts will run under: where it is and what version.
//
// Starting `node --version` costs some 40 ms, so the answer is kept in the cache, by the program's
// path, size, time and inode: another Node.js at the same place is another key.
#pragma once

#include <string>

#include "core/base/environment.h"

namespace hod::cli {

struct NodeRuntime {
  std::string path;     // absolute; "" = there is none in PATH
  std::string version;  // "20.1.0"; "" = unknown
};

// `cache_root`: hod's cache folder, made if absent; what cannot be kept there is asked anew.
NodeRuntime find_node(const Environment& environment, const std::string& cache_root);

}  // namespace hod::cli
