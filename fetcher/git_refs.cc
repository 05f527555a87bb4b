// SPDX-License-Identifier: MIT
// An annotated tag is listed twice: as the tag object, and, with `^{}` behind its name, as the
// commit it stands for. The second one counts.
#include "fetcher/git_refs.h"

#include <utility>

#include "core/model/version.h"

namespace hod::fetcher {

namespace {
constexpr std::string_view kPeeled = "^{}";
constexpr std::string_view kTags = "refs/tags/";
}  // namespace

bool is_full_commit(std::string_view text) {
  if (text.size() != 40 && text.size() != 64) return false;
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

GitRefs GitRefs::parse(std::string_view listing) {
  GitRefs refs;
  while (!listing.empty()) {
    std::string_view line = listing.substr(0, listing.find('\n'));
    listing.remove_prefix(std::min(listing.size(), line.size() + 1));
    std::size_t tab = line.find('\t');
    if (tab == std::string_view::npos || !is_full_commit(line.substr(0, tab))) continue;
    std::string commit(line.substr(0, tab));
    std::string_view ref = line.substr(tab + 1);
    if (ref.ends_with(kPeeled)) {
      ref.remove_suffix(kPeeled.size());
      refs.commits_.insert_or_assign(std::string(ref), std::move(commit));
    } else {
      refs.commits_.try_emplace(std::string(ref), std::move(commit));
    }
  }
  return refs;
}

std::optional<std::string> GitRefs::named(std::string_view name) const {
  for (std::string_view prefix : {"", "refs/", "refs/tags/", "refs/heads/"}) {
    auto found = commits_.find(std::string(prefix) + std::string(name));
    if (found != commits_.end()) return found->second;
  }
  return std::nullopt;
}

std::optional<std::string> GitRefs::in_range(const Range& range) const {
  std::optional<Version> newest;
  std::optional<std::string> commit;
  for (auto at = commits_.lower_bound(kTags); at != commits_.end(); ++at) {
    if (!at->first.starts_with(kTags)) break;
    auto version = Version::parse(std::string_view(at->first).substr(kTags.size()));
    if (!version || !range.contains(*version)) continue;
    if (newest && *version <= *newest) continue;
    newest = std::move(*version);
    commit = at->second;
  }
  return commit;
}

std::optional<std::string> GitRefs::head() const { return named("HEAD"); }

}  // namespace hod::fetcher
