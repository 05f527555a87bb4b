// What linking costs, against the least it can cost: mkdir and link() of the same files from a
// ready list, over the same number of threads, in the same run.
//
//   link_bench FOLDER [GRAPH]
//
// FOLDER: on the file system to be measured; kept (the store in it is made once). GRAPH: lines of
//   P <name> <version> <folder of its files>    packages, in order
//   b <name> <path>                             a bin of the last package
//   I <path> <name>                             importers
//   e <alias> <package number>                  an edge of the last package or importer
// Without it: a generated project of 1,340 packages, 42,700 files and 5,000 edges.
// Old trees are moved aside, not deleted: mass deletions make later creates slow
// (docs/performance).
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <span>
#include <sstream>
#include <thread>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cache/hash.h"
#include "cache/linker.h"

namespace {

namespace fs = std::filesystem;
using namespace hod;
using namespace hod::cache;

constexpr int kRounds = 5;

struct Scene {
  ResolutionGraph graph;
  std::vector<std::string> sources;  // by package: where its files are; "": made up
  std::vector<std::size_t> sizes;    // by package: number of made-up files
  std::vector<StoredPackagePtr> contents;
};

Scene read_scene(const std::string& path) {
  Scene scene;
  std::ifstream file(path);
  std::vector<GraphEdge>* edges = nullptr;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string kind, first, second, third;
    words >> kind >> first >> second >> third;
    if (kind == "P") {
      GraphPackage& made = scene.graph.packages.emplace_back();
      made.name = first;
      made.version = second;
      made.integrity = "sha512-" + made.id();
      scene.sources.push_back(third);
      edges = &made.edges;
    } else if (kind == "b") {
      scene.graph.packages.back().bins.push_back({first, second});
    } else if (kind == "I") {
      edges = &scene.graph.importers.emplace_back(GraphImporter{first, second, "", {}}).edges;
    } else if (kind == "e") {
      const PackageIndex target = static_cast<PackageIndex>(std::stoul(second));
      const auto dependency = third == "peer" ? DependencyKind::peer : DependencyKind::production;
      edges->push_back({first, "", dependency, {EdgeTarget::Kind::package, target}});
    }
  }
  scene.sizes.resize(scene.sources.size());
  return scene;
}

// Sizes as in real projects: most packages have few files, a twelfth has most of them.
Scene made_up_scene() {
  Scene scene;
  std::mt19937 random(1);
  constexpr std::size_t kPackages = 1340;
  for (std::size_t i = 0; i < kPackages; ++i) {
    GraphPackage made;
    made.name = (i % 7 == 0 ? "@scope/" : "") + ("package-" + std::to_string(i * 9 / 10));
    made.version = std::to_string(1 + i % 3) + ".0.0";
    made.integrity = "sha512-" + made.id();
    if (i % 12 == 0) made.bins.push_back({"tool-" + std::to_string(i), "f0/file-0.js"});
    std::map<std::string, PackageIndex> needs;
    for (std::size_t k = random() % 8; k-- > 0 && i > 0;) {
      const PackageIndex target = static_cast<PackageIndex>(random() % i);
      needs.emplace(scene.graph.packages[target].name, target);
    }
    for (const auto& [alias, target] : needs) {
      made.edges.push_back(
          {alias, "", DependencyKind::production, {EdgeTarget::Kind::package, target}});
    }
    scene.graph.packages.push_back(made);
    scene.sources.emplace_back();
    scene.sizes.push_back(i % 12 == 0 ? 300 + random() % 100 : 2 + random() % 9);
  }
  GraphImporter root{".", "root", "1.0.0", {}};
  std::map<std::string, PackageIndex> needs;
  for (PackageIndex i = kPackages - 300; i < kPackages; ++i) {
    needs.emplace(scene.graph.packages[i].name, i);
  }
  for (const auto& [alias, target] : needs) {
    root.edges.push_back(
        {alias, "", DependencyKind::production, {EdgeTarget::Kind::package, target}});
  }
  scene.graph.importers.push_back(root);
  return scene;
}

void fill(const std::string& folder, const std::string& source, std::size_t size) {
  fs::create_directories(folder);
  if (source.empty()) {
    for (std::size_t i = 0; i < size; ++i) {
      const std::string sub = folder + "/f" + std::to_string(i / 12);
      if (i % 12 == 0) fs::create_directories(sub);
      std::ofstream(sub + "/file-" + std::to_string(i) + ".js") << std::string(i * 37 % 3000, 'x');
    }
    return;
  }
  for (auto it = fs::recursive_directory_iterator(source); it != fs::recursive_directory_iterator();
       ++it) {
    const fs::path target = folder / fs::relative(it->path(), source);
    if (it->path().filename() == "node_modules")
      it.disable_recursion_pending();
    else if (it->is_directory())
      fs::create_directories(target);
    else if (it->is_regular_file())
      fs::copy_file(it->path(), target);
  }
}

StoredPackagePtr describe(const std::string& folder) {
  auto stored = std::make_shared<StoredPackage>();
  stored->folder = folder;
  stored->boot_id = boot_id();
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    StoredFile file;
    file.path = fs::path(entry.path()).lexically_relative(folder);
    struct stat info {};
    ::stat(entry.path().c_str(), &info);
    file.executable = (info.st_mode & 0100) != 0;
    file.size = static_cast<std::uint64_t>(info.st_size);
    file.inode = info.st_ino;
    file.mtime_ns = std::int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
    const std::string text = must(read_file(entry.path()));
    file.xxh3 = xxh3(std::as_bytes(std::span(text)));
    stored->files.push_back(std::move(file));
  }
  std::sort(stored->files.begin(), stored->files.end(),
            [](const StoredFile& a, const StoredFile& b) { return a.path < b.path; });
  return stored;
}

double cpu_ms() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) * 1e3 + static_cast<double>(t.tv_usec) / 1e3;
  };
  return ms(usage.ru_utime) + ms(usage.ru_stime);
}

struct Cost {
  std::vector<double> wall, cpu;
  static double median(std::vector<double> all) {
    std::sort(all.begin(), all.end());
    return all.empty() ? 0 : all[all.size() / 2];
  }
};

std::map<std::string, Cost> costs;
std::vector<std::string> order;

void measure(const std::string& name, const std::function<void()>& work) {
  const double cpu = cpu_ms();
  const auto start = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double, std::milli> wall = std::chrono::steady_clock::now() - start;
  if (costs.count(name) == 0) order.push_back(name);
  costs[name].wall.push_back(wall.count());
  costs[name].cpu.push_back(cpu_ms() - cpu);
}

// The least: full paths, all mkdirs in order, then link() split over the threads.
void floor_of(const TreeShape& shape, const Scene& scene, const std::string& root,
              unsigned threads) {
  std::vector<std::string> folders;
  std::vector<std::pair<std::string, std::string>> links;
  std::set<std::string> seen;
  const auto add_folder = [&](std::string path) {
    std::vector<std::string> missing;
    for (; path.size() > root.size() && seen.insert(path).second;
         path = fs::path(path).parent_path()) {
      missing.push_back(path);
    }
    folders.insert(folders.end(), missing.rbegin(), missing.rend());
  };
  for (const PlacedPackage& placed : shape.packages) {
    const StoredPackage& stored = *scene.contents[placed.package];
    for (const StoredFile& file : stored.files) {
      const std::string target = root + "/" + placed.path + "/" + file.path;
      add_folder(fs::path(target).parent_path());
      links.emplace_back(stored.folder + "/" + file.path, target);
    }
  }
  for (const PlacedLink& link : shape.links)
    add_folder(fs::path(root + "/" + link.path).parent_path());
  measure("floor: mkdir, link" + std::string(shape.links.empty() ? "" : ", symlink"), [&] {
    for (const std::string& folder : folders) ::mkdir(folder.c_str(), 0755);
    std::vector<std::thread> running;
    for (unsigned t = 0; t < threads; ++t) {
      running.emplace_back([&, t] {
        for (std::size_t i = links.size() * t / threads; i < links.size() * (t + 1) / threads;
             ++i) {
          if (::link(links[i].first.c_str(), links[i].second.c_str()) != 0) std::abort();
        }
        for (std::size_t i = shape.links.size() * t / threads;
             i < shape.links.size() * (t + 1) / threads; ++i) {
          const PlacedLink& link = shape.links[i];
          if (::symlink(link.target.c_str(), (root + "/" + link.path).c_str()) != 0) std::abort();
        }
      });
    }
    for (std::thread& thread : running) thread.join();
  });
}

class Bench {
 public:
  Bench(std::string folder, Scene scene) : folder_(std::move(folder)), scene_(std::move(scene)) {
    fs::create_directories(folder_ + "/old");
    for (std::size_t i = 0; i < scene_.graph.packages.size(); ++i) {
      const std::string stored = folder_ + "/store/" + std::to_string(i);
      if (!fs::exists(stored)) fill(stored, scene_.sources[i], scene_.sizes[i]);
      scene_.contents.push_back(describe(stored));
    }
    options_.wanted.assign(scene_.graph.packages.size(), true);
  }

  void run(Layout layout, const std::string& name) {
    options_.layout = layout;
    for (int i = 0; i < kRounds; ++i) {
      TreeShape shape;
      measure("shape, " + name, [&] { shape = make_shape(scene_.graph, options_); });
      if (i == 0) tell(shape, name);
      fresh_root();
      fs::create_directories(root());
      floor_of(shape, scene_, root(), WorkerPool().threads());
      install(shape, name);
    }
  }

 private:
  std::string root() const { return folder_ + "/project"; }
  void fresh_root() {
    const std::string away =
        folder_ + "/old/" + std::to_string(::getpid()) + "." + std::to_string(moved_++);
    if (fs::exists(root())) fs::rename(root(), away);
  }

  void tell(const TreeShape& shape, const std::string& name) const {
    std::size_t files = 0;
    for (const PlacedPackage& placed : shape.packages)
      files += scene_.contents[placed.package]->files.size();
    std::printf("%s: %zu packages in %zu folders, %zu files, %zu links, %zu bins\n", name.c_str(),
                scene_.contents.size(), shape.packages.size(), files, shape.links.size(),
                shape.bins.size());
  }

  void link(const std::string& name, LinkRequest& request) {
    LinkReport report;
    measure(name, [&] {
      WorkerPool pool;
      report = must(link_tree(request, pool));
    });
    if (!report.damaged.empty()) std::abort();
  }

  void install(const TreeShape& shape, const std::string& name) {
    LinkRequest request;
    request.project_root = root();
    request.shape = &shape;
    request.contents = scene_.contents;
    fresh_root();
    fs::create_directories(root());
    link("first, fence, " + name, request);
    measure("no-op: head of the state, " + name, [&] {
      if (!read_state_head(root())) std::abort();
    });
    link("nothing changed, " + name, request);
    request.repair = true;
    link("check of every file, " + name, request);
    request.repair = false;
    TreeShape changed = shape;
    changed.packages[changed.packages.size() / 2].identity = "other";
    request.shape = &changed;
    link("one package changed, " + name, request);
    request.shape = &shape;
    fresh_root();
    fs::create_directories(root());
    request.verify = Verify::sums;
    link("first, sums, " + name, request);
  }

  std::string folder_;
  Scene scene_;
  ShapeOptions options_;
  int moved_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: link_bench FOLDER [GRAPH]\n");
    return 2;
  }
  Bench bench(argv[1], argc > 2 ? read_scene(argv[2]) : made_up_scene());
  bench.run(Layout::hoisted, "hoisted");
  bench.run(Layout::isolated, "isolated");
  std::printf("%-42s %10s %10s   (ms, median of %d)\n", "", "wall", "cpu", kRounds);
  for (const std::string& name : order) {
    std::printf("%-42s %10.2f %10.2f\n", name.c_str(), Cost::median(costs[name].wall),
                Cost::median(costs[name].cpu));
  }
  return 0;
}
