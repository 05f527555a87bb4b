// SPDX-License-Identifier: MIT
// The Node.js that scripts will run under: where it is and what version.
//
// Its headers tell the version, where they lie beside it. Else the program is asked, which costs
// some 3 to 40 ms and goes on beside the work; the answer is kept in the cache, by the program's
// path, size, time and inode: another Node.js at the same place is another key.
#pragma once

#include <memory>
#include <string>

#include "core/base/environment.h"

namespace hod::cli {

struct NodeRuntime {
  std::string path;     // absolute; "" = there is none in PATH
  std::string version;  // "20.1.0"; "" = unknown
};

// At once.
NodeRuntime find_node(const Environment& environment, const std::string& cache_root);

// Asks for it, from begin() on, while something else goes on. Main thread only.
class NodeSearch {
 public:
  // `cache_root`: hod's cache folder, made if absent; what cannot be kept there is asked anew.
  NodeSearch(Environment environment, std::string cache_root);
  ~NodeSearch();

  void begin();                 // again: nothing
  const NodeRuntime& result();  // begins if need be, waits

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hod::cli
