// A project's folders, opened so that no symlink is ever followed below its root (T-LINK-06).
//
// Paths are relative to the project's root. Threads: a value, no sharing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/file.h"
#include "core/base/result.h"

namespace hod::cache {

struct FolderEntry {
  enum class Kind : unsigned char { folder, link, other };
  std::string name;
  Kind kind = Kind::other;
};

class ProjectFolder {
 public:
  static Result<ProjectFolder> open(const std::string& project_root);

  const std::string& path() const { return path_; }
  int descriptor() const { return root_.get(); }

  // No descriptor when it does not exist. Error: tree_refused when it, or a folder above it, is a
  // symlink or no folder.
  Result<Fd> find(std::string_view path) const;
  // The same, made with its parents where absent.
  Result<Fd> make(std::string_view path) const;
  // "" for the root.
  std::string full_path(std::string_view path) const;

 private:
  ProjectFolder(std::string path, Fd root) : path_(std::move(path)), root_(std::move(root)) {}
  std::string path_;
  Fd root_;
};

// In no order, without "." and "..".
Result<std::vector<FolderEntry>> list_folder(int folder, std::string_view path);

}  // namespace hod::cache
