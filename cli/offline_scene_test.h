// SPDX-License-Identifier: MIT
// For tests of stages: a store of its own and a registry that is offline, so that whatever is asked
// of it fails.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "cache/hash.h"
#include "cli/services.h"
#include "cli/test_folder.h"
#include "cli/timing.h"
#include "core/base/file.h"
#include "tests/support/tarball.h"

namespace hod::cli {

inline std::string archive_of(const std::string& manifest) {
  return tests::gzip_of(tests::tar_of({{"package/package.json", manifest, 0644, '0', ""}}));
}

inline std::string sri(std::string_view bytes) {
  return Integrity::of(DigestAlgorithm::sha512, cache::digest_of(DigestAlgorithm::sha512, bytes))
      .text();
}

struct OfflineScene {
  TestFolder folder;
  InstallOptions options;
  std::unique_ptr<Services> services;
  std::unique_ptr<Reporter> reporter =
      make_reporter({}, {[](std::string_view) {}, [](std::string_view) {},
                         [] { return std::chrono::steady_clock::now(); }});
  Timing timing;

  OfflineScene() {
    options.cache_root = folder / "cache";
    options.platform = {"linux", "x64", "glibc"};
    must(make_directories(options.cache_root, 0700));
    options.network.default_registry = "https://registry.example/";
    options.network.offline = true;
    services = std::make_unique<Services>(options);
  }

  // As fetched under a promise of this integrity; "" = of its SHA-512.
  void store(const std::string& bytes, const std::string& promised = "") const {
    Integrity integrity = Integrity::parse(promised.empty() ? sri(bytes) : promised);
    must(must(services->store())->add_tarball(bytes, integrity, "test", "test"));
  }
};

}  // namespace hod::cli
