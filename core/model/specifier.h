// What stands behind a dependency's name: `^1.2.0`, `latest`, `npm:other@1`,
// `github:a/b#semver:^1`, `file:../x`, `workspace:^`, `catalog:` … Parsed by the rules of
// npm-package-arg (npm_package_arg.h), with pnpm's and yarn's protocols added. Threads: values.
#pragma once

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
struct AliasSpecifier {  // npm:name@(range|tag)
  PackageName name;
  std::variant<RangeSpecifier, TagSpecifier> target;
};
// Safe to hand to git (T-GIT-01): the protocol is https, ssh or file, and neither URL, committish
// nor folder can be taken for an option or leave the repository. file only counts for root
// manifests; whoever reads others' refuses it.
struct GitSpecifier {
  std::string url;                        // what git fetches: "ssh://git@host/a/b.git"
  std::optional<HostedGit> hosted;        // known host: a tarball address exists
  std::optional<std::string> committish;  // branch, tag or commit
  std::optional<Range> range;             // #semver:^1
  std::optional<std::string> subfolder;   // #path:packages/x
};
struct TarballUrlSpecifier {
  std::string url;  // Url::parse takes it
};
struct FileSpecifier {  // file:x.tgz
  std::string path;  // absolute, or relative to the importer, in its shortest spelling; "~/x" when
                     // no home was given
};
struct DirectorySpecifier {  // file:../x, link:../x, portal:../x
  std::string path;          // as FileSpecifier::path; "." for the importer itself
  bool link = false;         // link: its dependencies are not ours
};
struct WorkspaceSpecifier {
  std::string name;   // workspace:other@^ → "other"; empty = the dependency's own name
  std::string range;  // "*", "^", "~", or a semver range, or a path "./x" (it has a slash)
};
struct CatalogSpecifier {
  std::string catalog;  // "" = the default one
};

class Specifier {
 public:
  using Kind =
      std::variant<RangeSpecifier, TagSpecifier, AliasSpecifier, GitSpecifier, TarballUrlSpecifier,
                   FileSpecifier, DirectorySpecifier, WorkspaceSpecifier, CatalogSpecifier>;

  // `text` as it stands behind a dependency's name in a manifest. `home`: what "~/" stands for.
  // Errors: specifier_invalid, specifier_unsupported, name_invalid (of an alias).
  static Result<Specifier> parse(std::string_view text, std::string_view home = {});

  const Kind& kind() const { return kind_; }
  template <class T>
  const T* as() const {
    return std::get_if<T>(&kind_);
  }
  const std::string& text() const { return text_; }  // as written

  // Is it answered by a registry (range, tag, alias)?
  bool from_registry() const {
    return as<RangeSpecifier>() || as<TagSpecifier>() || as<AliasSpecifier>();
  }

 private:
  Specifier(std::string text, Kind kind) : text_(std::move(text)), kind_(std::move(kind)) {}
  std::string text_;
  Kind kind_;
};

// What people type: `hod add express@^4`, `@scope/x`, `alias@npm:y@2`, `github:a/b`, `./folder`,
// `https://…/x.tgz`.
struct NamedSpecifier {
  // Of an alias without one (`npm:y@2`), the alias's. Nothing: known only after fetching (git,
  // tarball, folder).
  std::optional<PackageName> name;
  Specifier specifier;     // without anything behind the name: the range `*`
  bool has_range = false;  // was anything written behind the name?
};
// Errors: those of Specifier::parse, and name_invalid.
Result<NamedSpecifier> parse_named_specifier(std::string_view text, std::string_view home = {});

}  // namespace hod
