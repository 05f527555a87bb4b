// SPDX-License-Identifier: MIT
// What every lockfile's texts must pass before they may become names, folders or addresses, whoever
// wrote them. Shared by all readers, ours and foreign. Pure; threads: any, but a NameCheck belongs
// to one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "core/model/resolution_graph.h"

namespace hod::lockfile {

// PackageName::parse, remembering what passed: names repeat in a lockfile a dozen times. The views
// must outlive it.
class NameCheck {
 public:
  bool valid(std::string_view name);

 private:
  std::unordered_set<std::string_view> seen_;
};

// Is `version` semver as Version::text() writes it (build metadata may follow)?
bool version_is_plain(std::string_view version);

// "a/b.js": below its root whatever happens: no empty, "." or ".." part, no backslash, no control
// character.
bool path_is_inside(std::string_view path);

// An importer's path: "." or a path inside without a node_modules part (T-LINK-09).
bool importer_path_is_safe(std::string_view path);

// The place of a folder or tarball: relative to the project's root, perhaps beside it ("../lib"),
// or absolute; ".." only at the front, otherwise as path_is_inside.
bool local_path_is_safe(std::string_view path);

// A folder, link or tarball of the graph that no manifest of the project names; nothing when there
// is none. A lockfile alone cannot point at a place on the disk (T-LINK-08): importers' edges do
// (overrides: as seen from the root), and those of folders that are named so. Others may lead
// there, too, once it is named: in a flat tree everybody sees it.
std::optional<PackageIndex> unnamed_place(const ResolutionGraph& graph);

// Only known algorithms (sha1 … sha512, no md5), each digest of the right length; at least one
// (T-LOCK-02, T-LOCK-06).
bool integrity_is_known(std::string_view integrity);

// An http(s) address without userinfo (T-NET-06, T-NET-07).
bool url_is_plain(std::string_view url);

// "git+ssh://…#<commit>", perhaps with "&path:<folder>", with a whole commit id and nothing that
// git could take for an option.
bool git_location_is_safe(std::string_view location);

// "(react@18.2.0)(@s/ui@link:packages/ui)", or empty. What becomes of it in a folder's name is the
// linker's business; ".." and control characters it never has.
bool peer_context_is_safe(std::string_view context);

// The name of a configured registry, never an address.
bool registry_alias_is_safe(std::string_view alias);

// May sources of this kind go without integrity?
bool needs_integrity(PackageSource::Kind kind);

// Is the source a folder or file of this machine?
bool is_place(PackageSource::Kind kind);

// Is `location` one for this kind?
bool source_location_is_safe(PackageSource::Kind kind, std::string_view location);

}  // namespace hod::lockfile
