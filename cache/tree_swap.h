// Puts staged units in place and takes away what goes: by renames, each of which can be undone.
//
// Where a rename is refused (a folder of a lower overlayfs layer, a node_modules that is a mount
// point) the old thing is deleted first, or entries are moved one by one. That cannot be undone,
// but a rerun completes it.
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
  Result<void> put_over_deleted(int parent, const std::string& name, std::size_t unit);
  Result<void> take(const std::string& path);
  Result<void> swap_root();
  Result<void> move_entries_of_root(const std::string& staged);
  Result<void> move_entries(int from, int to, std::string_view shown);
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
