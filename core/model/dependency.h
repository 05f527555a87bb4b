// The kinds of dependency, shared by manifests, metadata, graph and lockfile.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hod {

enum class DependencyKind : std::uint8_t { production, development, optional, peer, optional_peer };

// "prod", "dev", "optional", "peer", "peerOptional"
std::string_view dependency_kind_name(DependencyKind kind);

// One declared dependency: slot name, what is asked for, how.
struct Dependency {
  std::string alias;  // the slot's name: folder under node_modules, what `require` says; validated
                      // as a PackageName by the parser
  std::string specifier;  // as written
  DependencyKind kind = DependencyKind::production;
  friend auto operator<=>(const Dependency&, const Dependency&) = default;
};

}  // namespace hod
