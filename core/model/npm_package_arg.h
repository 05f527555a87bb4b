// What a package argument means, with every detail that npm's own reading gives (the npm package
// `npm-package-arg`).
//
// Pure: the folder and the home that relative paths belong to come in as parameters. hod's own
// vocabulary is Specifier (specifier.h), made from this.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/model/hosted_git.h"

namespace hod {

// Absolute paths. `home`: what "~/" stands for.
struct PackageArgPlaces {
  std::string where;
  std::string home;
};

struct PackageArg {
  enum class Type : std::uint8_t { version, range, tag, alias, git, remote, file, directory };
  Type type = Type::range;
  std::optional<std::string> name;
  std::string raw_spec;
  std::optional<std::string> save_spec;  // what goes into a manifest; none for registry packages
  std::optional<std::string>
      fetch_spec;  // version, range or tag; git's or the tarball's URL; an absolute path
  std::optional<std::string> git_range;  // #semver:^1
  std::optional<std::string> git_committish;
  std::optional<std::string> git_subdir;  // #path:a/b → "/a/b"
  std::optional<HostedGit> hosted;
  std::shared_ptr<const PackageArg> sub_spec;  // of an alias; shared by copies, never changed

  bool is_registry() const {
    return type == Type::version || type == Type::range || type == Type::tag || type == Type::alias;
  }
  bool is_local() const { return type == Type::file || type == Type::directory; }
  std::string_view scope() const;    // "@babel" or ""
  std::string escaped_name() const;  // "@babel%2fcore"
};
std::string_view package_arg_type_name(PackageArg::Type type);  // "version", "range" …

// `text` cut into name and specifier: "foo@^1" → foo, ^1; "@s/x" → @s/x, *; "./x" → nothing, ./x.
// The name is not checked.
struct SplitPackageArg {
  std::optional<std::string> name;
  std::string spec;
  bool has_spec = true;  // false: `spec` is the default "*"
};
SplitPackageArg split_package_arg(std::string_view text);

// What people type, "foo@^1"; and what stands behind a name in a manifest. Errors: name_invalid,
// specifier_invalid (a tag that is none, a URL that is none, contradictions behind a `#`, an alias
// of something else than a registry's package), specifier_unsupported (another protocol).
Result<PackageArg> parse_package_arg(std::string_view text, const PackageArgPlaces& places);
Result<PackageArg> resolve_package_arg(std::optional<std::string_view> name, std::string_view spec,
                                       const PackageArgPlaces& places);

// A local path as a specifier names it, before any folder comes into play: without "file:", and
// with npm's reading of the slashes behind it ("file://x" is absolute, "file:/../x" is relative).
std::string local_path_of_spec(std::string_view spec);

// "pkg:npm/%40scope/name@1.2.3" of a package with a version; `registry` where it is not the default
// one. Error: specifier_invalid for anything but a version.
Result<std::string> package_url_of_arg(std::string_view text, std::string_view registry = {});

}  // namespace hod
