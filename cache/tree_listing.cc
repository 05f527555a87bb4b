// SPDX-License-Identifier: MIT
// A look into the folders of a tree whose every entry is ours to decide about.
#include <algorithm>

#include "cache/tree_changes.h"

namespace hod::cache {

namespace {

constexpr std::string_view kStore = "node_modules/.hod";
constexpr std::size_t kBatch = 64;  // folders of packages; about 1 ms

class Lister {
 public:
  // Without a pool: not deep.
  explicit Lister(const ProjectFolder& project, WorkerPool* pool = nullptr)
      : project_(project), pool_(pool) {}

  Result<TreeListing> run(std::vector<std::string> tops) && {
    for (const std::string& top : tops) {
      HOD_CHECK(list_modules(top));
      if (pool_ != nullptr) HOD_CHECK(list_if_folder(top + "/.bin"));
    }
    if (is_folder(kStore)) HOD_CHECK(list_store());
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
    HOD_TRY(const std::vector<FolderEntry> entries, list(std::string(kStore)));
    if (is_folder("node_modules/.hod/node_modules")) {
      HOD_CHECK(list_modules("node_modules/.hod/node_modules"));
    }
    if (pool_ == nullptr) return {};
    std::vector<std::string> folders;  // node_modules beside the packages
    for (const FolderEntry& entry : entries) {
      if (entry.kind != FolderEntry::Kind::folder) continue;
      if (entry.name.find('@') == std::string::npos) continue;
      folders.push_back(joined(joined(kStore, entry.name), "node_modules"));
    }
    return list_on_all(folders);
  }

  // Each batch on a thread, by a lister of its own.
  Result<void> list_on_all(const std::vector<std::string>& folders) {
    std::vector<Lister> parts((folders.size() + kBatch - 1) / kBatch, Lister(project_));
    std::vector<Result<void>> results(parts.size());
    pool_->for_each(parts.size(), [&](std::size_t n) {
      const std::size_t end = std::min(folders.size(), (n + 1) * kBatch);
      for (std::size_t i = n * kBatch; i < end && results[n]; ++i) {
        results[n] = parts[n].list_modules(folders[i]);
        if (results[n]) results[n] = parts[n].list_if_folder(folders[i] + "/.bin");
      }
    });
    for (std::size_t n = 0; n < parts.size(); ++n) {
      HOD_CHECK(std::move(results[n]));
      out_.entries.merge(parts[n].out_.entries);
      out_.listed.merge(parts[n].out_.listed);
      out_.absent.merge(parts[n].out_.absent);
    }
    return {};
  }

  const ProjectFolder& project_;
  WorkerPool* pool_;
  TreeListing out_;
};

}  // namespace

Result<TreeListing> list_tree(const ProjectFolder& project, std::vector<std::string> tops) {
  return Lister(project).run(std::move(tops));
}

Result<TreeListing> list_tree_deep(const ProjectFolder& project, std::vector<std::string> tops,
                                   WorkerPool& pool) {
  return Lister(project, &pool).run(std::move(tops));
}

}  // namespace hod::cache
