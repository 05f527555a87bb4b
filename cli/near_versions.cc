// SPDX-License-Identifier: MIT
#include "cli/near_versions.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "core/base/edit_distance.h"
#include "core/model/range.h"

namespace hod::cli {

namespace {

constexpr std::size_t kEachSide = 2;
constexpr std::size_t kMostTags = 5;

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

// Indices of releases, ascending; of prereleases when there is nothing else.
std::vector<std::uint32_t> releases(const PackageMetadata& metadata) {
  std::vector<std::uint32_t> out, all;
  for (std::uint32_t i = 0; i < metadata.version_count(); ++i) {
    all.push_back(i);
    if (!metadata.version(i).is_prerelease()) out.push_back(i);
  }
  return out.empty() ? all : out;
}

std::string near_tags(const PackageMetadata& metadata, std::string_view asked_for) {
  std::vector<std::string> tags;
  for (const auto& [tag, version] : metadata.tags()) tags.push_back(tag);
  std::vector<std::string> near = nearest(tags, asked_for, kMostTags);
  if (near.empty()) near = std::move(tags);
  if (near.size() > kMostTags) near.resize(kMostTags);
  return near.empty() ? "" : "; tags: " + joined(near);
}

}  // namespace

std::string near_versions(const PackageMetadata& metadata, std::string_view asked_for) {
  std::vector<std::uint32_t> candidates = releases(metadata);
  if (candidates.empty()) return "";
  auto range = Range::parse(asked_for);
  std::optional<Version> lowest;
  if (range) {
    if (auto found = range_min_version(*range)) lowest = std::move(*found);
  }
  std::size_t split = candidates.size();
  if (lowest) {
    auto above = std::find_if(candidates.begin(), candidates.end(), [&](std::uint32_t i) {
      return compare_versions(metadata.version(i), lowest->view()) >= 0;
    });
    split = static_cast<std::size_t>(above - candidates.begin());
  }
  std::size_t from = split > kEachSide ? split - kEachSide : 0;
  std::size_t to = std::min(candidates.size(), split + kEachSide);
  std::vector<std::string> shown;
  for (std::size_t i = from; i < to; ++i) shown.emplace_back(metadata.version_text(candidates[i]));
  return joined(shown) + (range ? "" : near_tags(metadata, asked_for));
}

}  // namespace hod::cli
