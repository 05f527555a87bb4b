// For tests: graphs whose packages have proper digests, and a project that uses the global virtual
// store.
#pragma once

#include <string>
#include <vector>

#include "cache/global_store.h"
#include "cache/tree_scene_test.h"

namespace hod::cache::scene {

inline ResolutionGraph proved_graph(std::string_view text) {
  ResolutionGraph made = graph(text);
  for (GraphPackage& package : made.packages) {
    const std::string digest = digest_of(DigestAlgorithm::sha512, package.id());
    package.integrity = Integrity::of(DigestAlgorithm::sha512, digest).text();
  }
  return made;
}

// One project of several that share a cache.
class GlobalProject {
 public:
  GlobalProject(std::string cache, std::string root, LittleStore& store)
      : cache_(std::move(cache)), root_(std::move(root)), store_(store) {
    std::filesystem::create_directories(root_);
  }

  const std::string& root() const { return root_; }

  void want(std::string_view text, std::vector<bool> copied = {}) {
    graph = proved_graph(text);
    options = all_of(graph, Layout::isolated);
    options.copied = std::move(copied);
    contents.clear();
    for (const GraphPackage& package : graph.packages) {
      StoredPackagePtr& known = shared_contents()[package.id()];
      if (!known) known = store_.add(package.id(), files_of(package));
      contents.push_back(known);
    }
  }

  // What `hod install` does (ci: everything is proved by its sum).
  Result<LinkReport> try_install(Verify verify = Verify::fence) {
    WorkerPool pool(2);
    HOD_TRY(GlobalStore store, GlobalStore::open(cache_, CacheOwner::check, root_));
    store.assign(graph, options);
    unproved = store.unproved(verify == Verify::sums);
    fresh = store.fresh().size();
    shape = make_shape(graph, options);
    LinkRequest request;
    request.project_root = root_;
    request.shape = &shape;
    request.contents = contents;
    request.verify = verify;
    HOD_TRY(LinkReport made, store.complete(request, pool));
    if (!made.damaged.empty()) return made;
    HOD_TRY(const LinkReport tree, link_tree(request, pool));
    static_cast<void>(tree);
    return made;
  }
  LinkReport install(Verify verify = Verify::fence) {
    Result<LinkReport> made = try_install(verify);
    if (!made) FAIL(made.error().text());
    return std::move(*made);
  }

  // The entry's folder that the project's link `name` leads to.
  std::string entry_of(const std::string& name) const {
    const std::string link = std::filesystem::read_symlink(root_ + "/node_modules/" + name);
    return link.substr(0, link.rfind("/node_modules/"));
  }
  // "a@1.0.0" of all entries, sorted.
  std::vector<std::string> entries() const {
    std::vector<std::string> out;
    const std::string folder = global_store_folder(cache_);
    for (const auto& name : std::filesystem::directory_iterator(folder)) {
      if (name.path().filename() == "projects") continue;
      for (const auto& key : std::filesystem::directory_iterator(name.path())) {
        static_cast<void>(key);
        out.push_back(name.path().filename());
      }
    }
    std::sort(out.begin(), out.end());
    return out;
  }

  std::map<std::string, StoredPackagePtr>& shared_contents() { return *known_; }
  void share_contents_of(const GlobalProject& other) { known_ = other.known_; }

  ResolutionGraph graph;
  ShapeOptions options;
  TreeShape shape;
  std::vector<StoredPackagePtr> contents;
  std::vector<PackageIndex> unproved;  // of the last install
  std::size_t fresh = 0;

 private:
  static Files files_of(const GraphPackage& package) {
    Files files{{"index.js", "// " + package.id()}, {"lib/deep/x.js", "x of " + package.id()}};
    for (const Bin& bin : package.bins) files[bin.path] = "#!/usr/bin/env node\r\nlong\r\n";
    return files;
  }

  std::string cache_, root_;
  LittleStore& store_;
  std::shared_ptr<std::map<std::string, StoredPackagePtr>> known_ =
      std::make_shared<std::map<std::string, StoredPackagePtr>>();
};

}  // namespace hod::cache::scene
