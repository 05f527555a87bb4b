// For tests: a project and a little store on disk, and what a tree looks like.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include <sys/stat.h>

#include "cache/graph_scene_test.h"
#include "cache/hash.h"
#include "cache/linker.h"
#include "cache/test_folder.h"

namespace hod::cache::scene {

inline void write(const std::string& path, const std::string& text) {
  std::filesystem::create_directories(std::filesystem::path(path).parent_path());
  std::ofstream(path) << text;
}
inline std::string read(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}
inline mode_t mode_of(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_mode & 0777 : 0;
}
inline ino_t inode_of(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 ? info.st_ino : 0;
}

using Files = std::map<std::string, std::string>;

class LittleStore {
 public:
  explicit LittleStore(std::string root) : root_(std::move(root)) {}

  // A path that ends with `*` is executable.
  StoredPackagePtr add(const std::string& name, const Files& files) {
    auto stored = std::make_shared<StoredPackage>();
    stored->folder = root_ + "/" + std::to_string(++count_);
    stored->boot_id = boot_id();
    std::filesystem::create_directories(stored->folder);
    Files all = files;
    all.emplace("package.json", "{\"name\":\"" + name + "\"}");
    for (const auto& [key, text] : all) {
      StoredFile file;
      file.executable = key.back() == '*';
      file.path = key.substr(0, key.size() - (file.executable ? 1 : 0));
      write(stored->folder + "/" + file.path, text);
      ::chmod((stored->folder + "/" + file.path).c_str(), file.executable ? 0755 : 0644);
      file.size = text.size();
      file.xxh3 = xxh3(std::as_bytes(std::span(text)));
      struct stat info {};
      ::stat((stored->folder + "/" + file.path).c_str(), &info);
      file.inode = info.st_ino;
      file.mtime_ns = std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
      stored->files.push_back(file);
    }
    std::sort(stored->files.begin(), stored->files.end(),
              [](const StoredFile& a, const StoredFile& b) { return a.path < b.path; });
    return stored;
  }

 private:
  std::string root_;
  int count_ = 0;
};

// Everything below `folder`: path → "folder", "-> target", "644 text".
inline std::map<std::string, std::string> tree_of(const std::string& folder) {
  std::map<std::string, std::string> out;
  namespace fs = std::filesystem;
  if (!fs::exists(folder)) return out;
  for (auto it = fs::recursive_directory_iterator(folder); it != fs::recursive_directory_iterator();
       ++it) {
    const std::string path =
        fs::relative(fs::path(it->path()).parent_path(), folder) / it->path().filename();
    const std::string shown = path.rfind("./", 0) == 0 ? path.substr(2) : path;
    if (it->is_symlink()) {
      out[shown] = "-> " + fs::read_symlink(it->path()).string();
    } else if (it->is_directory()) {
      out[shown] = "folder";
    } else {
      char mode[8];
      std::snprintf(mode, sizeof mode, "%o ", static_cast<unsigned>(mode_of(it->path())));
      out[shown] = mode + read(it->path());
    }
  }
  return out;
}

// A project with its store. Contents are made from the graph: `lib/<name>.js` in each package, and
// the bins' targets.
class Project {
 public:
  Project() : store_(folder_.path("store")) {
    std::filesystem::create_directories(root());
    request.project_root = root();
  }

  std::string root() const { return folder_.path("project"); }
  std::string path(const std::string& below) const { return root() + "/" + below; }
  const TestFolder& folder() const { return folder_; }
  LittleStore& store() { return store_; }

  // The wanted tree from now on.
  void want(std::string_view text, Layout layout, std::vector<bool> copied = {}) {
    graph = scene::graph(text);
    ShapeOptions options = all_of(graph, layout);
    options.copied = std::move(copied);
    want(make_shape(graph, options));
  }
  void want(TreeShape made) {
    shape = std::move(made);
    request.contents.clear();
    for (const GraphPackage& package : graph.packages) {
      const std::string id = package.id() + package.peer_context;
      if (known_.count(id) == 0) known_[id] = store_.add(id, files_of(package));
      request.contents.push_back(known_[id]);
    }
  }
  void set_files(const std::string& id, const Files& files) { known_[id] = store_.add(id, files); }
  const StoredPackage& stored(const std::string& id) { return *known_.at(id); }

  Result<LinkReport> try_link(unsigned threads = 2) {
    request.shape = &shape;
    WorkerPool pool(threads);
    return link_tree(request, pool);
  }
  LinkReport link() {
    Result<LinkReport> report = try_link();
    if (!report) FAIL(report.error().text());
    return std::move(*report);
  }

  // What is wrong with the tree on disk, seen as Node sees it.
  std::vector<std::string> wrong() const {
    std::vector<std::string> out;
    for (const PlacedPackage& placed : shape.packages) {
      for (const StoredFile& file : request.contents[placed.package]->files) {
        const std::string there = path(placed.path + "/" + file.path);
        const std::string stored = request.contents[placed.package]->folder + "/" + file.path;
        if (!std::filesystem::is_regular_file(there))
          out.push_back("missing " + there);
        else if (read(there) != read(stored) && !is_command(placed, file.path))
          out.push_back("differs " + there);
      }
      if (std::filesystem::is_symlink(path(placed.path))) out.push_back("link " + placed.path);
    }
    const auto check_link = [&](const std::string& at, const std::string& target) {
      std::error_code error;
      const std::string is = std::filesystem::read_symlink(path(at), error);
      if (is != target) out.push_back("link " + at + " is " + is);
    };
    for (const PlacedLink& link : shape.links) check_link(link.path, link.target);
    for (const PlacedBin& bin : shape.bins) check_link(bin.path, bin.target);
    return out;
  }

  // The tree without what differs from run to run.
  std::map<std::string, std::string> tree() const {
    std::map<std::string, std::string> out = tree_of(root());
    out.erase("node_modules/.hod/lock");
    return out;
  }

  ResolutionGraph graph;
  TreeShape shape;
  LinkRequest request;

 private:
  static bool is_command(const PlacedPackage& placed, const std::string& file) {
    return std::binary_search(placed.executables.begin(), placed.executables.end(), file);
  }
  static Files files_of(const GraphPackage& package) {
    Files files{{"lib/" + std::string(base_name(package.name)) + ".js", "// " + package.id()},
                {"README.md", "# " + package.name}};
    for (const Bin& bin : package.bins) files[bin.path] = "#!/usr/bin/env node\n";
    return files;
  }

  TestFolder folder_;
  LittleStore store_;
  std::map<std::string, StoredPackagePtr> known_;
};

}  // namespace hod::cache::scene
