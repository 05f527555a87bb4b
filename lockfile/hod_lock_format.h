// SPDX-License-Identifier: MIT
// The words of hod.lock, shared by its writer and its reader. docs/lockfile-format.md is the
// specification.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "core/model/resolution_graph.h"

namespace hod::lockfile {

inline constexpr std::string_view kFormatWord = "hod-lock";
inline constexpr std::string_view kFormatVersion = "1";

inline constexpr std::array<std::pair<std::string_view, PackageSource::Kind>, 6> kSourceWords{{
    {"registry", PackageSource::Kind::registry},
    {"tarball", PackageSource::Kind::tarball_url},
    {"file", PackageSource::Kind::tarball_file},
    {"git", PackageSource::Kind::git},
    {"directory", PackageSource::Kind::directory},
    {"link", PackageSource::Kind::link},
}};

inline constexpr std::array<std::pair<std::string_view, DependencyKind>, 5> kEdgeWords{{
    {"prod", DependencyKind::production},
    {"peer", DependencyKind::peer},
    {"optional", DependencyKind::optional},
    {"peerOptional", DependencyKind::optional_peer},
    {"dev", DependencyKind::development},
}};

inline std::string_view source_word(PackageSource::Kind kind) {
  for (const auto& [word, known] : kSourceWords) {
    if (known == kind) return word;
  }
  return "";
}

inline std::optional<PackageSource::Kind> source_named(std::string_view text) {
  for (const auto& [word, kind] : kSourceWords) {
    if (word == text) return kind;
  }
  return std::nullopt;
}

// The kind whose dependency_kind_name() is `text`.
inline std::optional<DependencyKind> edge_kind_named(std::string_view text) {
  for (const auto& [word, kind] : kEdgeWords) {
    if (word == text) return kind;
  }
  return std::nullopt;
}

// The SHA-256 of a patch, as hod.lock and pnpm's lockfiles have it.
inline bool is_patch_hash(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

// May this byte stand in a word that is not quoted?
constexpr bool is_bare(char c) { return c > 0x20 && c < 0x7F && c != '"' && c != '\\'; }

}  // namespace hod::lockfile
