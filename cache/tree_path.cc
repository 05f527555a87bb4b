// SPDX-License-Identifier: MIT
// Path texts of a tree: grammar, relative links, names of the isolated layout's folders.
#include "cache/tree_path.h"

#include <algorithm>

#include "cache/hash.h"
#include "core/base/encoding.h"
#include "core/model/bins.h"

namespace hod::cache {

namespace {

constexpr std::size_t kLongestFolder = 120;  // pnpm's virtualStoreDirMaxLength
constexpr std::size_t kHashCharacters = 32;  // 128 bits

// Cuts the first component off `rest`.
std::string_view next_component(std::string_view& rest) {
  const std::size_t slash = rest.find('/');
  const std::string_view first = rest.substr(0, slash);
  rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
  return first;
}

bool component_is_plain(std::string_view component) {
  return !component.empty() && component != "." && component != ".." &&
         component.find('\0') == std::string_view::npos;
}

// A package's name, or one half of a scoped one.
bool name_part_is_safe(std::string_view part) {
  return component_is_plain(part) && part.front() != '.' && part != "node_modules" &&
         part.find('\\') == std::string_view::npos;
}

// Takes one name, scoped or not, off `rest`.
bool take_name(std::string_view& rest) {
  const std::string_view first = next_component(rest);
  if (!name_part_is_safe(first)) return false;
  if (first.front() != '@') return true;
  return first.size() > 1 && name_part_is_safe(next_component(rest));
}

bool take(std::string_view& rest, std::string_view expected) {
  std::string_view copy = rest;
  if (next_component(copy) != expected) return false;
  rest = copy;
  return true;
}

bool take_bin(std::string_view rest) { return take(rest, ".bin") && bin_name_is_safe(rest); }

// <name>[/node_modules/<name>]… , a bin at the end of any node_modules.
bool chain_is_safe(std::string_view rest, TreeEntry kind) {
  for (;;) {
    if (kind == TreeEntry::bin && take_bin(rest)) return true;
    if (!take_name(rest)) return false;
    if (rest.empty()) return kind != TreeEntry::bin;
    if (!take(rest, "node_modules")) return false;
  }
}

bool isolated_is_safe(std::string_view rest, TreeEntry kind) {
  std::string_view id = next_component(rest);
  if (id == "node_modules") return kind == TreeEntry::link && take_name(rest) && rest.empty();
  if (!component_is_plain(id) || id.front() == '.' || id.find('@') == std::string_view::npos) {
    return false;
  }
  return take(rest, "node_modules") && chain_is_safe(rest, kind);
}

}  // namespace

bool tree_path_is_safe(std::string_view path, TreeEntry kind) {
  if (path.empty() || path.back() == '/') return false;
  while (!take(path, "node_modules")) {
    if (!component_is_plain(next_component(path)) || path.empty()) return false;
  }
  if (take(path, ".hod")) return isolated_is_safe(path, kind);
  return chain_is_safe(path, kind);
}

std::string relative_link(std::string_view from, std::string_view to) {
  if (!to.empty() && to.front() == '/') return std::string(to);
  while (!from.empty() && !to.empty()) {
    std::string_view from_rest = from;
    std::string_view to_rest = to;
    const std::string_view first = next_component(from_rest);
    if (first == ".." || first != next_component(to_rest)) break;
    from = from_rest;
    to = to_rest;
  }
  std::string out;
  while (!from.empty()) {
    next_component(from);
    out += out.empty() ? ".." : "/..";
  }
  if (!to.empty()) {
    if (!out.empty()) out += '/';
    out += to;
  }
  return out.empty() ? "." : out;
}

std::string_view parent_path(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool path_is_below(std::string_view path, std::string_view folder) {
  if (folder.empty()) return !path.empty() && path.front() != '/' && !path.starts_with("..");
  return path.size() > folder.size() && path[folder.size()] == '/' && path.starts_with(folder);
}

std::string joined(std::string_view folder, std::string_view name) {
  std::string out;
  out.reserve(folder.size() + name.size() + 1);
  out += folder;
  if (!out.empty()) out += '/';
  out += name;
  return out;
}

std::string isolated_folder(const GraphPackage& package, std::string_view patch) {
  const std::string patched = patch.empty() ? "" : "(patch_hash=" + std::string(patch) + ")";
  const std::string exact = package.id() + patched + package.peer_context;
  std::string name;
  bool lossy = false;
  for (const char c : exact) {
    const bool plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
        (c != '\0' && std::string_view("@._-~+!=").find(c) != std::string_view::npos);
    if (plain) {
      name += c;
    } else if (c == '/') {
      name += '+';
    } else if (c == '(') {
      name += '_';
    } else if (c != ')') {
      name += '+';
      lossy = true;
    }
  }
  // Parentheses within parentheses are told from those beside each other by the hash alone.
  lossy = lossy || package.peer_context.find("))") != std::string::npos;
  const bool special =
      package.source.kind != PackageSource::Kind::registry || !package.source.location.empty();
  if (!lossy && !special && name.size() <= kLongestFolder) return name;
  const std::string described = exact + '\n' +
                                std::to_string(static_cast<int>(package.source.kind)) + '\n' +
                                package.source.location;
  const std::string hash =
      to_hex(digest_of(DigestAlgorithm::sha256, described)).substr(0, kHashCharacters);
  return name.substr(0, kLongestFolder - 1 - kHashCharacters) + "_" + hash;
}

}  // namespace hod::cache
