// What stands behind a dependency's name: `^1.2.0`, `latest`, `npm:other@1`, `github:a/b#semver:^1`, `file:../x`,
// `workspace:^`, `catalog:` … Parsed by the rules of npm-package-arg, with pnpm's and yarn's protocols added.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/base/result.h"
#include "core/model/hosted_git.h"
#include "core/model/package_name.h"
#include "core/model/range.h"

namespace hod {

struct RangeSpecifier {
  Range range;  // exact versions too: range.exact()
};
struct TagSpecifier {
  std::string tag;
};
struct AliasSpecifier;  // npm:name@(range|tag)
struct GitSpecifier {
  std::string url;                       // what git fetches: "ssh://git@host/a/b.git"
  std::optional<HostedGit> hosted;       // known host: a tarball address exists
  std::optional<std::string> committish;
  std::optional<Range> range;            // #semver:^1
  std::optional<std::string> subfolder;  // #path:packages/x
};
struct TarballUrlSpecifier {
  std::string url;
};
struct FileSpecifier {    // file:x.tgz
  std::string path;       // absolute, or relative to the importer as written
};
struct DirectorySpecifier {  // file:../x, link:../x
  std::string path;
  bool link = false;         // link: its dependencies are not ours
};
struct WorkspaceSpecifier {
  std::string name;   // workspace:other@^ → "other"; empty = the dependency's own name
  std::string range;  // "*", "^", "~", or a semver range, or a path "./x"
};
struct CatalogSpecifier {
  std::string catalog;  // "" = the default one
};
struct AliasSpecifier {
  PackageName name;
  std::variant<RangeSpecifier, TagSpecifier> target;
};

class Specifier {
 public:
  using Kind = std::variant<RangeSpecifier, TagSpecifier, AliasSpecifier, GitSpecifier, TarballUrlSpecifier, FileSpecifier,
                            DirectorySpecifier, WorkspaceSpecifier, CatalogSpecifier>;

  // `text` as it stands behind a dependency's name in a manifest. Errors: specifier_invalid, specifier_unsupported.
  static Result<Specifier> parse(std::string_view text);

  const Kind& kind() const { return kind_; }
  template <class T>
  const T* as() const { return std::get_if<T>(&kind_); }
  const std::string& text() const { return text_; }  // as written

  // Is it answered by a registry (range, tag, alias)?
  bool from_registry() const { return as<RangeSpecifier>() || as<TagSpecifier>() || as<AliasSpecifier>(); }

 private:
  std::string text_;
  Kind kind_;
};

// What people type: `hod add express@^4`, `@scope/x`, `alias@npm:y@2`, `github:a/b`, `./folder`, `https://…/x.tgz`.
struct NamedSpecifier {
  std::optional<PackageName> name;  // nothing: known only after fetching (git, tarball, folder)
  Specifier specifier;              // TagSpecifier "latest"-like default: `*` range with `has_range == false`
  bool has_range = false;           // was anything written behind the name?
};
Result<NamedSpecifier> parse_named_specifier(std::string_view text);

}  // namespace hod
