// SPDX-License-Identifier: MIT
// Reading hod.lock. docs/lockfile-format.md is the specification; hod_lock.cc writes it.
//
// The file comes out of a repository: out of a pull request, a half resolved merge, an editor. It
// is read before anything else happens, so it must be quick: one pass, words are views into the
// text, edges find their targets in one hash table at the end.
//
// What must stay true:
//  (1) Whatever the bytes are, the outcome is a graph in canonical form or an error with a line. No
//  name, version, path or
//      address gets into a graph without its check in lock_checks.h.
//  (2) Time and memory are linear in the text's length (sorting aside).
//  (3) Blocks may stand in any order, and packages that nobody needs are dropped: a merge may leave
//  such.
#include <algorithm>
#include <array>
#include <deque>
#include <unordered_map>

#include "core/base/json.h"
#include "lockfile/hod_lock.h"
#include "lockfile/hod_lock_format.h"
#include "lockfile/lock_checks.h"

namespace hod::lockfile {

namespace {

constexpr std::size_t kLongestText = std::size_t{256} << 20;  // bytes

// What tells one package from another: what stands behind `package`.
struct PackageKey {
  std::string_view name;
  std::string_view version;  // with the peer context behind it
  PackageSource::Kind kind = PackageSource::Kind::registry;
  std::string_view location;
  friend bool operator==(const PackageKey&, const PackageKey&) = default;
};

struct PackageKeyHash {
  std::size_t operator()(const PackageKey& key) const {
    const std::hash<std::string_view> hash;
    return hash(key.name) * 31 + hash(key.version) * 7 + hash(key.location);
  }
};

// An edge whose target is not known yet.
struct OpenEdge {
  OpenEdge(bool is_of_importer, std::size_t owner_index)
      : of_importer(is_of_importer), owner(static_cast<std::uint32_t>(owner_index)) {}
  bool of_importer;
  std::uint32_t owner;
  std::uint32_t edge = 0;
  std::uint32_t line = 0;
  bool to_importer = false;
  std::string_view path;  // to_importer
  PackageKey key;         // else
};

// The fields a block had so far.
enum class Field : std::uint8_t {
  name,
  integrity,
  tarball,
  os,
  cpu,
  libc,
  node,
  bundled,
  scripts,
  deprecated
};

constexpr std::array<std::pair<std::string_view, Field>, 9> kPackageFields{{
    {"integrity", Field::integrity},
    {"tarball", Field::tarball},
    {"os", Field::os},
    {"cpu", Field::cpu},
    {"libc", Field::libc},
    {"node", Field::node},
    {"bundled", Field::bundled},
    {"scripts", Field::scripts},
    {"deprecated", Field::deprecated},
}};

std::optional<Field> package_field_named(std::string_view word) {
  for (const auto& [name, field] : kPackageFields) {
    if (name == word) return field;
  }
  return std::nullopt;
}

bool is_conflict_marker(std::string_view line) {
  if (line.empty() || std::string_view("<|=>").find(line.front()) == std::string_view::npos) {
    return false;
  }
  for (const char* marker : {"<<<<<<<", "|||||||", "=======", ">>>>>>>"}) {
    if (line.starts_with(marker)) return true;
  }
  return false;
}

class Reader {
 public:
  Reader(std::string_view text, std::string_view origin) : text_(text), origin_(origin) {}

  Result<ResolutionGraph> read() {
    if (text_.size() > kLongestText) return invalid("it is larger than 256 MiB");
    const std::size_t likely = std::min(text_.size() / 256, std::size_t{1} << 14);
    graph_.packages.reserve(likely);
    packages_.reserve(likely);
    HOD_CHECK(read_lines());
    HOD_CHECK(close_block());
    if (graph_.importers.empty() ||
        std::none_of(graph_.importers.begin(), graph_.importers.end(),
                     [](const GraphImporter& importer) { return importer.path == "."; })) {
      return invalid("it has no `importer .`: the file is cut");
    }
    HOD_CHECK(connect());
    canonicalize(graph_);
    HOD_CHECK(check_duplicates());
    if (const auto place = unnamed_place(graph_)) {
      line_ = 0;
      return invalid("no manifest names the place of `" + graph_.packages[*place].name + "`, `" +
                     graph_.packages[*place].source.location + "`");
    }
    return std::move(graph_);
  }

 private:
  enum class Block : std::uint8_t { none, overrides, patches, importer, package };

  // --- lines and words

  Result<void> read_lines() {
    std::size_t begin = 0;
    while (begin < text_.size()) {
      ++line_;
      const std::size_t end = text_.find('\n', begin);
      if (end == std::string_view::npos) return invalid("the last line is cut");
      std::string_view line = text_.substr(begin, end - begin);
      begin = end + 1;
      if (line.ends_with('\r')) line.remove_suffix(1);  // git's autocrlf
      HOD_CHECK(read_line(line));
    }
    if (line_ == 0) return invalid("it is empty");
    return {};
  }

  Result<void> read_line(std::string_view line) {
    if (is_conflict_marker(line)) return conflict();
    if (line_ == 1) {
      HOD_CHECK(split(line));
      return read_format();
    }
    if (line.empty()) return close_block();
    const bool indented = line.starts_with("  ");
    if (indented) line.remove_prefix(2);
    HOD_CHECK(split(line));
    if (!indented) return open_block();
    switch (block_) {
      case Block::none:
        return invalid("an indented line outside of any block");
      case Block::overrides:
        return read_override();
      case Block::patches:
        return read_patch();
      case Block::importer:
        return read_importer_line();
      case Block::package:
        return read_package_line();
    }
    return {};
  }

  // The words of a line, quoted ones unescaped.
  Result<void> split(std::string_view line) {
    words_.clear();
    for (std::size_t at = 0;;) {
      std::size_t end = at;
      if (at < line.size() && line[at] == '"') {
        for (++end; end < line.size() && line[end] != '"'; ++end) {
          if (line[end] == '\\') ++end;
        }
        if (end >= line.size()) return invalid("a quoted text does not end");
        ++end;
        HOD_TRY(words_.emplace_back(), unquoted(line.substr(at, end - at)));
      } else {
        while (end < line.size() && is_bare(line[end])) ++end;
        if (end == at) return invalid("a word is missing, or has a character that wants quotes");
        words_.push_back(line.substr(at, end - at));
      }
      if (end == line.size()) return {};
      if (line[end] != ' ') return invalid("words are parted by one blank");
      at = end + 1;
    }
  }

  Result<std::string_view> unquoted(std::string_view literal) {
    const std::string_view inside = literal.substr(1, literal.size() - 2);
    const auto is_plain = [](char c) { return is_bare(c) || c == ' '; };
    if (std::all_of(inside.begin(), inside.end(), is_plain)) return inside;
    auto parsed = Json::parse(literal, origin_);
    if (!parsed) return invalid("a quoted text is not valid");
    unescaped_.push_back(parsed->as_string());
    return unescaped_.back();
  }

  Result<void> want_words(std::size_t count) {
    if (words_.size() == count) return {};
    return invalid("`" + std::string(words_[0]) + "` wants " + std::to_string(count - 1) +
                   " words behind it, there are " + std::to_string(words_.size() - 1));
  }

  // --- blocks

  Result<void> read_format() {
    if (words_[0] != kFormatWord || words_.size() != 2) {
      return invalid("it does not begin with `" + std::string(kFormatWord) + " " +
                     std::string(kFormatVersion) + "`");
    }
    if (words_[1] == kFormatVersion) return {};
    Error error = invalid_error("its format `" + std::string(words_[1]) + "` is not known here");
    return failure(std::move(error).hint("it was written by a later hod: update hod"));
  }

  Result<void> open_block() {
    HOD_CHECK(close_block());
    fields_ = 0;
    block_line_ = line_;
    if (words_[0] == "package") return open_package();
    if (words_[0] == "importer") return open_importer();
    if (words_[0] == "overrides") return open_list(Block::overrides, had_overrides_);
    if (words_[0] == "patches") return open_list(Block::patches, had_patches_);
    return invalid("`" + std::string(words_[0]) + "` begins no block");
  }

  Result<void> open_list(Block block, bool& had) {
    HOD_CHECK(want_words(1));
    if (had) return invalid("`" + std::string(words_[0]) + "` is there twice");
    had = true;
    block_ = block;
    return {};
  }

  Result<void> open_importer() {
    HOD_CHECK(want_words(2));
    const std::string_view path = words_[1];
    if (!importer_path_is_safe(path)) {
      return invalid("an importer must be a folder below the project's root");
    }
    const auto index = static_cast<std::uint32_t>(graph_.importers.size());
    if (!importers_.try_emplace(path, index).second) {
      return invalid("importer `" + std::string(path) + "` is there twice");
    }
    graph_.importers.emplace_back().path = path;
    block_ = Block::importer;
    return {};
  }

  Result<void> open_package() {
    if (words_.size() != 2 && words_.size() != 4) return want_words(2);
    HOD_TRY(const PackageKey key, package_key({}, 1));
    const auto index = static_cast<PackageIndex>(graph_.packages.size());
    if (!packages_.try_emplace(key, index).second) {
      return invalid("package `" + std::string(words_[1]) + "` is there twice");
    }
    GraphPackage& package = graph_.packages.emplace_back();
    const std::size_t context = std::min(key.version.find('('), key.version.size());
    package.name = key.name;
    package.version = key.version.substr(0, context);
    package.peer_context = key.version.substr(context);
    package.source = {key.kind, std::string(key.location)};
    HOD_CHECK(check_package(package));
    block_ = Block::package;
    return {};
  }

  Result<void> check_package(const GraphPackage& package) {
    if (!names_.valid(packages_name())) return invalid("`" + package.name + "` is no package name");
    const bool may_lack_version = package.source.kind != PackageSource::Kind::registry;
    if (!version_is_plain(package.version) && !(package.version.empty() && may_lack_version)) {
      return invalid("`" + package.version + "` is no version");
    }
    if (!peer_context_is_safe(package.peer_context))
      return invalid("its peers are no peer context");
    if (!source_location_is_safe(package.source.kind, package.source.location)) {
      return invalid("`" + package.source.location + "` is no place for a package");
    }
    return {};
  }

  // The name of the package line at hand, as a view into the text.
  std::string_view packages_name() const { return words_[1].substr(0, words_[1].find('@', 1)); }

  // `name@version(peers) [source location]` at words_[at]; without `name@` it is `alias`.
  Result<PackageKey> package_key(std::string_view alias, std::size_t at) {
    const std::string_view id = words_[at];
    PackageKey key{alias, id, PackageSource::Kind::registry, {}};
    if (alias.empty() || !version_is_plain(id.substr(0, id.find('(')))) {
      const std::size_t sign = id.find('@', 1);
      if (sign == std::string_view::npos) {
        return invalid("`" + std::string(id) + "` is no version and no `name@version`");
      }
      key.name = id.substr(0, sign);
      key.version = id.substr(sign + 1);
    }
    if (words_.size() == at + 1) return key;
    const auto kind = source_named(words_[at + 1]);
    if (!kind) return invalid("`" + std::string(words_[at + 1]) + "` is no kind of source");
    key.kind = *kind;
    key.location = words_[at + 2];
    return key;
  }

  Result<void> close_block() {
    const Block block = block_;
    block_ = Block::none;
    if (block != Block::package) return {};
    const GraphPackage& package = graph_.packages.back();
    if (!package.integrity.empty() || !needs_integrity(package.source.kind)) return {};
    return failure(
        Error(ErrorCode::integrity_missing,
              "`" + package.id() + "` has no integrity in the lockfile")
            .at(std::string(origin_) + ":" + std::to_string(block_line_))
            .hint("without it nobody can tell whether its bytes are the right ones; take the "
                  "line from an earlier version of the lockfile"));
  }

  // --- lines of blocks

  Result<void> read_override() {
    if (words_.size() != 2) return invalid("an override is two words");
    graph_.overrides.emplace_back(words_[0], words_[1]);
    return {};
  }

  Result<void> read_patch() {
    if (words_.size() != 2) return invalid("a patch is two words");
    if (!is_patch_hash(words_[1])) return invalid("a patch's hash is 64 small hex digits");
    graph_.patches.emplace_back(words_[0], words_[1]);
    return {};
  }

  Result<void> read_importer_line() {
    GraphImporter& importer = graph_.importers.back();
    if (words_[0] == "name") {
      HOD_CHECK(want_words(2));
      HOD_CHECK(once(Field::name));
      importer.name = words_[1];
      return {};
    }
    const auto kind = edge_kind_named(words_[0]);
    if (!kind) return invalid("`" + std::string(words_[0]) + "` is no field of an importer");
    return read_edge(importer.edges, *kind, {true, graph_.importers.size() - 1});
  }

  Result<void> read_package_line() {
    GraphPackage& package = graph_.packages.back();
    if (const auto kind = edge_kind_named(words_[0])) {  // first: most lines are edges
      if (*kind == DependencyKind::development) {
        return invalid("a package has no development dependencies");
      }
      return read_edge(package.edges, *kind, {false, graph_.packages.size() - 1});
    }
    if (words_[0] == "bin") return read_bin(package);
    const std::optional<Field> field = package_field_named(words_[0]);
    if (!field) return invalid("`" + std::string(words_[0]) + "` is no field of a package");
    HOD_CHECK(once(*field));
    return read_field(package, *field);
  }

  Result<void> read_field(GraphPackage& package, Field field) {
    switch (field) {
      case Field::integrity:
        return read_integrity(package);
      case Field::tarball:
        HOD_CHECK(want_words(2));
        if (!url_is_plain(words_[1])) return invalid("a tarball wants an http(s) address");
        package.tarball = words_[1];
        return {};
      case Field::os:
        return read_list(package.platform.os);
      case Field::cpu:
        return read_list(package.platform.cpu);
      case Field::libc:
        return read_list(package.platform.libc);
      case Field::node:
        HOD_CHECK(want_words(2));
        package.node_engine = words_[1];
        return {};
      case Field::bundled:
        HOD_CHECK(read_list(package.bundled));
        for (std::size_t i = 1; i < words_.size(); ++i) {
          if (!names_.valid(words_[i])) return no_name(words_[i]);
        }
        return {};
      case Field::scripts:
        HOD_CHECK(want_words(1));
        package.has_install_script = true;
        return {};
      case Field::deprecated:
        HOD_CHECK(want_words(2));
        package.deprecated = words_[1];
        return {};
      case Field::name:
        break;
    }
    return {};
  }

  Result<void> read_integrity(GraphPackage& package) {
    if (words_.size() < 2) return want_words(2);
    for (std::size_t i = 1; i < words_.size(); ++i) {
      if (!integrity_is_known(words_[i])) {
        return invalid("`" + std::string(words_[i]) + "` is no digest of a known algorithm");
      }
      if (i > 1) package.integrity += ' ';
      package.integrity += words_[i];
    }
    return {};
  }

  Result<void> read_list(std::vector<std::string>& list) {
    if (words_.size() < 2) return want_words(2);
    list.assign(words_.begin() + 1, words_.end());
    return {};
  }

  Result<void> read_bin(GraphPackage& package) {
    HOD_CHECK(want_words(3));
    if (!bin_name_is_safe(words_[1])) return invalid("a command's name must be a file name");
    if (!path_is_inside(words_[2])) return invalid("a command must lie inside its package");
    package.bins.push_back({std::string(words_[1]), std::string(words_[2])});
    return {};
  }

  // kind alias specifier (- | importer path | package)
  Result<void> read_edge(std::vector<GraphEdge>& edges, DependencyKind kind, OpenEdge open) {
    if (words_.size() < 4) return invalid("a dependency wants a name, a range and a target");
    const std::string_view alias = words_[1];
    if (!names_.valid(alias)) return no_name(alias);
    edges.push_back({std::string(alias), std::string(words_[2]), kind, {}});
    if (words_[3] == "-") return want_words(4);
    open.edge = static_cast<std::uint32_t>(edges.size() - 1);
    open.line = line_;
    if (words_[3] == "importer") {
      HOD_CHECK(want_words(5));
      open.to_importer = true;
      open.path = words_[4];
    } else {
      if (words_.size() != 4 && words_.size() != 6) return want_words(4);
      HOD_TRY(open.key, package_key(alias, 3));
    }
    open_edges_.push_back(open);
    return {};
  }

  Result<void> once(Field field) {
    const auto bit = 1U << static_cast<unsigned>(field);
    if (fields_ & bit) return invalid("`" + std::string(words_[0]) + "` is there twice");
    fields_ |= bit;
    return {};
  }

  // --- the whole

  Result<void> connect() {
    for (const OpenEdge& open : open_edges_) {
      line_ = open.line;
      GraphEdge& edge = open.of_importer ? graph_.importers[open.owner].edges[open.edge]
                                         : graph_.packages[open.owner].edges[open.edge];
      if (open.to_importer) {
        const auto found = importers_.find(open.path);
        if (found == importers_.end()) return dangling(edge.alias, open.path);
        edge.target = {EdgeTarget::Kind::importer, found->second};
      } else {
        const auto found = packages_.find(open.key);
        if (found == packages_.end()) return dangling(open.key.name, open.key.version);
        edge.target = {EdgeTarget::Kind::package, found->second};
      }
    }
    return {};
  }

  // After canonicalize(): equal names stand together.
  Result<void> check_duplicates() {
    const auto same_alias = [](const GraphEdge& a, const GraphEdge& b) {
      return a.alias == b.alias;
    };
    const auto same_name = [](const Bin& a, const Bin& b) { return a.name == b.name; };
    const auto same_origin = [](const auto& a, const auto& b) { return a.first == b.first; };
    const auto twice = [this](const std::string& what, const std::string& where) {
      line_ = 0;
      return invalid("`" + what + "` is there twice in `" + where + "`");
    };
    const auto check = [&](const std::vector<GraphEdge>& edges,
                           const std::string& where) -> Result<void> {
      const auto found = std::adjacent_find(edges.begin(), edges.end(), same_alias);
      if (found == edges.end()) return {};
      return twice(found->alias, where);
    };
    for (const GraphImporter& importer : graph_.importers) {
      HOD_CHECK(check(importer.edges, importer.path));
    }
    for (const GraphPackage& package : graph_.packages) {
      HOD_CHECK(check(package.edges, package.id()));
      const auto bin = std::adjacent_find(package.bins.begin(), package.bins.end(), same_name);
      if (bin != package.bins.end()) return twice(bin->name, package.id());
    }
    for (const auto& [list, name] :
         {std::pair{&graph_.overrides, "overrides"}, std::pair{&graph_.patches, "patches"}}) {
      const auto found = std::adjacent_find(list->begin(), list->end(), same_origin);
      if (found != list->end()) return twice(found->first, name);
    }
    return {};
  }

  // --- errors

  Error invalid_error(std::string what) const {
    std::string place(origin_);
    if (line_ > 0) place += ":" + std::to_string(line_);
    return Error(ErrorCode::lockfile_invalid, "the lockfile cannot be read: " + std::move(what))
        .at(std::move(place));
  }
  tl::unexpected<Error> invalid(std::string what) const {
    return failure(invalid_error(std::move(what)));
  }
  tl::unexpected<Error> no_name(std::string_view name) const {
    return invalid("`" + std::string(name) + "` is no package name");
  }
  tl::unexpected<Error> dangling(std::string_view name, std::string_view version) const {
    return failure(invalid_error("`" + std::string(name) + "` at `" + std::string(version) +
                                 "` is needed, but not in it")
                       .hint("a merge may leave this: run `hod install` to resolve again"));
  }
  tl::unexpected<Error> conflict() const {
    return failure(
        invalid_error("it has the conflict markers of a merge")
            .hint("resolve the merge in package.json, take either side of the lockfile and "
                  "run `hod install`"));
  }

  std::string_view text_;
  std::string_view origin_;
  std::uint32_t line_ = 0;
  std::uint32_t block_line_ = 0;
  Block block_ = Block::none;
  bool had_overrides_ = false;
  bool had_patches_ = false;
  std::uint32_t fields_ = 0;
  std::vector<std::string_view> words_;
  std::deque<std::string> unescaped_;  // what words_ and keys view into, beside text_
  NameCheck names_;
  std::unordered_map<PackageKey, PackageIndex, PackageKeyHash> packages_;
  std::unordered_map<std::string_view, std::uint32_t> importers_;
  std::vector<OpenEdge> open_edges_;
  ResolutionGraph graph_;
};

}  // namespace

Result<ResolutionGraph> read_hod_lock(std::string_view text, std::string_view origin) {
  return Reader(text, origin).read();
}

}  // namespace hod::lockfile
