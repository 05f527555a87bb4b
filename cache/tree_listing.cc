// SPDX-License-Identifier: MIT
// A look into the folders of a tree whose every entry is ours to decide about.
#include "cache/tree_changes.h"

namespace hod::cache {

namespace {

class Lister {
 public:
  Lister(const ProjectFolder& project, bool deep) : project_(project), deep_(deep) {}

  Result<TreeListing> run(std::vector<std::string> tops) && {
    for (const std::string& top : tops) {
      HOD_CHECK(list_modules(top));
      if (deep_) HOD_CHECK(list_if_folder(top + "/.bin"));
    }
    if (is_folder("node_modules/.hod")) HOD_CHECK(list_store());
    out_.tops = std::move(tops);
    return std::move(out_);
  }

 private:
  bool is_folder(std::string_view path) const {
    const auto entry = out_.entries.find(path);
    return entry != out_.entries.end() && entry->second == FolderEntry::Kind::folder;
  }

  Result<std::vector<FolderEntry>> list(const std::string& path) {
    HOD_TRY(const Fd folder, project_.find(path));
    if (!folder) {
      out_.absent.insert(path);
      return std::vector<FolderEntry>{};
    }
    HOD_TRY(std::vector<FolderEntry> entries, list_folder(folder.get(), path));
    out_.listed.insert(path);
    for (const FolderEntry& entry : entries) {
      out_.entries.insert_or_assign(joined(path, entry.name), entry.kind);
    }
    return entries;
  }

  Result<void> list_if_folder(const std::string& path) {
    if (!is_folder(path)) return {};
    HOD_TRY(const auto entries, list(path));
    static_cast<void>(entries);
    return {};
  }

  // A node_modules and its scopes.
  Result<void> list_modules(const std::string& path) {
    HOD_TRY(const std::vector<FolderEntry> entries, list(path));
    for (const FolderEntry& entry : entries) {
      if (entry.name[0] == '@') HOD_CHECK(list_if_folder(joined(path, entry.name)));
    }
    return {};
  }

  Result<void> list_store() {
    const std::string store = "node_modules/.hod";
    HOD_TRY(const std::vector<FolderEntry> entries, list(store));
    if (is_folder("node_modules/.hod/node_modules")) {
      HOD_CHECK(list_modules("node_modules/.hod/node_modules"));
    }
    for (const FolderEntry& entry : entries) {
      if (!deep_ || entry.kind != FolderEntry::Kind::folder) continue;
      if (entry.name.find('@') == std::string::npos) continue;
      const std::string modules = joined(joined(store, entry.name), "node_modules");
      HOD_CHECK(list_modules(modules));
      HOD_CHECK(list_if_folder(modules + "/.bin"));
    }
    return {};
  }

  const ProjectFolder& project_;
  const bool deep_;
  TreeListing out_;
};

}  // namespace

Result<TreeListing> list_tree(const ProjectFolder& project, std::vector<std::string> tops,
                              bool deep) {
  return Lister(project, deep).run(std::move(tops));
}

}  // namespace hod::cache
