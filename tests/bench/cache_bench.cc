// SPDX-License-Identifier: MIT
// What the cache costs, in CPU time of one thread:
//
//   cache_bench tarballs FOLDER ROOT   stores every FOLDER/*.tgz in a new store at ROOT, checks,
//   finds cache_bench packuments FOLDER      reads every FOLDER/<name>.json ("/" in a name as "_")
//
// ROOT: on the file system to be measured. Use a new one each time: on a file system without a
// journal, creating files after a mass deletion is slow (docs/performance.md).
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/resource.h>

#include "cache/hash.h"
#include "cache/metadata_cache.h"
#include "cache/store.h"
#include "core/base/file.h"

namespace {

namespace fs = std::filesystem;
using namespace hod;
using namespace hod::cache;

double cpu_milliseconds() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  auto of = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

double spent(const std::function<void()>& work) {
  double before = cpu_milliseconds();
  work();
  return cpu_milliseconds() - before;
}

std::vector<fs::path> files_of(const std::string& folder, std::string_view ending) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ending) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

int bench_tarballs(const std::string& folder, const std::string& root) {
  std::vector<std::string> archives;
  for (const fs::path& path : files_of(folder, ".tgz")) {
    archives.push_back(must(read_file(path.string())));
  }
  if (archives.empty()) return 2;
  std::vector<StoredPackagePtr> stored;
  std::vector<TarballDigest> digests;
  std::size_t packed = 0, files = 0;
  double store_cost = spent([&] {
    auto store = must(Store::open(root));
    for (const std::string& bytes : archives) {
      stored.push_back(must(store->add_tarball(bytes, Integrity(), "x", folder)));
    }
    must(store->flush());
  });
  for (std::size_t i = 0; i < stored.size(); ++i) {
    packed += archives[i].size();
    files += stored[i]->files.size();
    digests.push_back(stored[i]->digest);
  }
  auto count = static_cast<double>(stored.size());
  std::printf("%zu packages, %.1f KB packed and %.1f files each: stored in %.3f ms a package\n",
              stored.size(), static_cast<double>(packed) / count / 1e3,
              static_cast<double>(files) / count, store_cost / count);
  auto store = must(Store::open(root));
  double find = spent([&] { must(store->find(digests)); });
  double fence = spent([&] {
    for (const StoredPackagePtr& package : stored) store->damaged_files(*package, Verify::fence);
  });
  double sums = spent([&] {
    for (const StoredPackagePtr& package : stored) store->damaged_files(*package, Verify::sums);
  });
  std::printf("%zu files: found in %.2f ms, fence %.2f ms, sums %.2f ms\n", files, find, fence,
              sums);
  return 0;
}

int bench_packuments(const std::string& folder) {
  constexpr int kRounds = 9;
  double all_megabytes = 0, all_milliseconds = 0;
  for (const fs::path& path : files_of(folder, ".json")) {
    std::string text = must(read_file(path.string()));
    std::string name = path.stem().string();
    if (name.starts_with('@')) std::replace(name.begin(), name.end(), '_', '/');
    double best = 1e9;
    std::size_t record = 0;
    for (int round = 0; round < kRounds; ++round) {
      best =
          std::min(best, spent([&] { record = must(parse_packument(text, name)).bytes().size(); }));
    }
    double megabytes = static_cast<double>(text.size()) / 1e6;
    std::printf("%-24s %6.2f MB %8.2f ms %6.0f MB/s, record %.1f %%\n", name.c_str(), megabytes,
                best, megabytes / best * 1e3,
                100.0 * static_cast<double>(record) / static_cast<double>(text.size()));
    all_megabytes += megabytes;
    all_milliseconds += best;
  }
  if (all_milliseconds <= 0) return 2;
  std::printf("all: %.1f MB, %.0f MB/s\n", all_megabytes, all_megabytes / all_milliseconds * 1e3);
  return 0;
}

}  // namespace

int main(int count, char** words) {
  std::vector<std::string> arguments(words + 1, words + count);
  if (arguments.size() == 3 && arguments[0] == "tarballs") {
    return bench_tarballs(arguments[1], arguments[2]);
  }
  if (arguments.size() == 2 && arguments[0] == "packuments") return bench_packuments(arguments[1]);
  std::fputs("usage: cache_bench tarballs FOLDER ROOT | packuments FOLDER\n", stderr);
  return 2;
}
