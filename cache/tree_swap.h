// Puts staged units in place and takes away what goes: only renames, each of which can be undone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cache/project_folder.h"
#include "cache/tree_changes.h"

namespace hod::cache {

// What a stopped run left of a swap of the whole node_modules; to be thrown away.
inline constexpr const char* kSwapFolder = ".hod-node_modules";

class TreeSwap {
 public:
  // `stage`: the folder with the staged units; what is replaced or removed ends up there.
  TreeSwap(const ProjectFolder& project, const TreeChanges& changes, int stage)
      : project_(project), changes_(changes), stage_(stage) {}

  // All of it. On an error everything done so far is undone, as far as the disk allows.
  Result<void> run();

 private:
  enum class Action : unsigned char { made, put, exchanged, taken };
  struct Step {
    Action action;
    std::string path;
    std::string staged;
  };

  Result<void> put(std::size_t unit);
  Result<void> put_plainly(int parent, const std::string& name, std::size_t unit);
  Result<void> take(const std::string& path);
  Result<void> swap_root();
  void remove_emptied() const;
  void undo();
  Result<int> parent_of(std::string_view path, bool make);
  Result<void> make_folders(std::string_view path);

  const ProjectFolder& project_;
  const TreeChanges& changes_;
  const int stage_;
  std::vector<Step> done_;
  std::size_t taken_ = 0;
  std::string parent_path_;  // of parent_
  Fd parent_;
};

}  // namespace hod::cache
