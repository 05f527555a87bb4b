// SPDX-License-Identifier: MIT
#include "cli/shared_downloads.h"

#include <utility>

namespace hod::cli {

namespace {

constexpr std::chrono::milliseconds kBetweenLooks{50};
constexpr std::chrono::seconds kPatience{2};

}  // namespace

SharedDownloads::~SharedDownloads() {
  if (timed_) loop_.cancel(timer_);
}

void SharedDownloads::ask(const TarballDigest& digest, Ways ways) {
  if (store_.claim(digest)) return ways.fetch();
  if (waiting_.empty()) last_arrival_ = loop_.now();
  waiting_.emplace(digest.bytes, std::move(ways));
  look_again_soon();
}

void SharedDownloads::look_again_soon() {
  if (timed_) return;
  timed_ = true;
  timer_ = loop_.after(kBetweenLooks, [this] {
    timed_ = false;
    look();
    if (!waiting_.empty()) look_again_soon();
  });
}

void SharedDownloads::look() {
  std::multimap<std::string, Ways> still;
  for (auto& [digest, ways] : std::exchange(waiting_, {})) {
    const TarballDigest wanted{digest};
    const cache::StoredPackagePtr package = store_.find_published(wanted);
    const bool ours = !package && store_.claim(wanted);
    if (package) {
      last_arrival_ = loop_.now();
      ways.found(package);
    } else if (ours || loop_.now() - last_arrival_ > kPatience) {
      ways.fetch();
    } else {
      still.emplace(digest, std::move(ways));
    }
  }
  waiting_.merge(still);
}

}  // namespace hod::cli
