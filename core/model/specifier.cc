// SPDX-License-Identifier: MIT
// Specifiers made from npm's reading of them (npm_package_arg.cc), plus the protocols that pnpm and
// yarn added.
//
// npm's reading says what a text means; this file says what hod does with it: parses ranges,
// validates names, turns scp's `user@host:path` into a URL, and refuses what must not reach git,
// the disk or the network.
//
// What must stay true:
//  (1) Nothing of a GitSpecifier begins with `-`, holds blanks or control characters, or climbs out
//  of the repository
//      (T-GIT-01).
//  (2) A tag never reads as a range (T-RES-06): npm's reading tries versions and ranges first.
#include "core/model/specifier.h"

#include <algorithm>
#include <array>

#include "core/base/ascii.h"
#include "core/base/lexical_path.h"
#include "core/model/npm_package_arg.h"
#include "core/model/url.h"
#include "core/model/web_url.h"

namespace hod {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

Error invalid(std::string_view text, std::string_view why) {
  return Error(ErrorCode::specifier_invalid, "`" + redacted(text) + "` cannot be asked for")
      .detail(std::string(why));
}

Error unsupported(std::string_view text, std::string_view why) {
  return Error(ErrorCode::specifier_unsupported, "`" + redacted(text) + "` cannot be asked for")
      .detail(std::string(why));
}

// The text behind a protocol, "workspace:^" → "^"; nothing when it is another one.
std::optional<std::string_view> behind(std::string_view text, std::string_view protocol) {
  if (text.substr(0, protocol.size()) != protocol) return std::nullopt;
  return text.substr(protocol.size());
}

Result<Range> loose_range(std::string_view text) {
  return Range::parse(text, {.loose = Loose::yes});
}

// ---- pnpm's and yarn's protocols

bool is_workspace_path(std::string_view text) {
  return text.find('/') != kNone && text.front() != '@';
}

Result<Specifier::Kind> workspace_kind(std::string_view text, std::string_view body) {
  WorkspaceSpecifier workspace;
  if (body.empty()) body = "*";
  if (is_workspace_path(body)) {
    workspace.range = std::string(body);
    return workspace;
  }
  const std::size_t at = body.rfind('@');
  if (at != kNone && at != 0) {
    HOD_TRY(const PackageName name, PackageName::parse(body.substr(0, at)));
    workspace.name = name.str();
    body.remove_prefix(at + 1);
  }
  workspace.range = std::string(body);
  const bool is_sign = body == "*" || body == "^" || body == "~";
  if (!is_sign && !loose_range(body)) {
    return failure(invalid(text, "behind `workspace:` stands a range, `*`, `^`, `~` or a path"));
  }
  return workspace;
}

// ---- local paths

struct LocalPaths {
  std::string_view home;  // may be empty

  std::string shortest(std::string_view path) const {
    if (path == "/~" || path.substr(0, 3) == "/~/") path.remove_prefix(1);
    const bool is_home = path == "~" || path.substr(0, 2) == "~/";
    if (is_home && !home.empty())
      return resolved_path(home, path.substr(std::min<std::size_t>(2, path.size())));
    const std::string result = shortest_path(path);
    return result.empty() ? "." : result;
  }
};

// ---- git

// A branch, tag or commit by git's rules for references, as far as they keep options and revision
// operators out.
bool is_safe_committish(std::string_view text) {
  if (text.empty() || text.front() == '-' || text.front() == '/') return false;
  if (text.find("..") != kNone || text.find("@{") != kNone) return false;
  return std::none_of(text.begin(), text.end(), [](char c) {
    return c == ' ' || is_ascii_control(c) || std::string_view("~^:?*[\\").find(c) != kNone;
  });
}

// "/a/b" → "a/b"; nothing when it leaves the repository.
std::optional<std::string> safe_subfolder(std::string_view subdir) {
  const std::size_t start = std::min(subdir.find_first_not_of('/'), subdir.size());
  const std::string path = shortest_path(subdir.substr(start));
  const bool climbs = path == ".." || path.starts_with("../");
  if (path.empty() || climbs || path.front() == '-') return std::nullopt;
  const bool is_odd = std::any_of(path.begin(), path.end(),
                                  [](char c) { return is_ascii_control(c) || c == '\\'; });
  if (is_odd) return std::nullopt;
  return path;
}

// git understands `user@host:path`, but everybody else wants a URL.
std::string scp_as_url(std::string_view address) {
  const std::size_t at = address.find('@');
  std::size_t colon = address.find(':', at == kNone ? 0 : at);
  if (colon == kNone) colon = address.find(':');
  std::string_view path = address.substr(colon + 1);
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  return "ssh://" + std::string(address.substr(0, colon)) + "/" + std::string(path);
}

// https wherever a known host speaks it; ssh where it was asked for.
std::string hosted_url(const HostedGit& hosted) {
  constexpr HostedGit::Form kPlain{.git_plus = false, .committish = false};
  return hosted.default_representation == "sshurl" ? hosted.ssh_url(kPlain) : hosted.https(kPlain);
}

Result<std::string> fetch_url(const PackageArg& arg) {
  if (arg.hosted) return hosted_url(*arg.hosted);
  std::string url = arg.fetch_spec.value_or("");
  if (url.find("://") == kNone) url = scp_as_url(url);
  const std::optional<WebUrl> parsed = WebUrl::parse(url);
  if (!parsed) return failure(invalid(arg.raw_spec, "it is no address that can be read"));
  const std::string protocol = parsed->protocol();
  if (protocol == "file:") return parsed->href();
  if (protocol != "https:" && protocol != "ssh:") {
    return failure(unsupported(arg.raw_spec, "git repositories are fetched over https or ssh")
                       .hint("write `git+https://…` or `git+ssh://…`"));
  }
  const std::string host = parsed->hostname();
  const std::string& user = parsed->username();
  if (host.empty() || host.front() == '-' || (!user.empty() && user.front() == '-')) {
    return failure(invalid(arg.raw_spec, "its host or user would be taken for an option"));
  }
  return parsed->href();
}

Result<Specifier::Kind> git_kind(const PackageArg& arg) {
  if (arg.hosted) {
    const bool needs_user = arg.hosted->host != HostedGit::Host::gist;
    const bool has_user = arg.hosted->user && !arg.hosted->user->empty();
    if (arg.hosted->project.empty() || (needs_user && !has_user)) {
      return failure(invalid(arg.raw_spec, "it does not name a repository (`user/project`)"));
    }
  }
  GitSpecifier git;
  HOD_TRY(git.url, fetch_url(arg));
  git.hosted = arg.hosted;
  if (arg.git_range && !arg.git_range->empty()) {
    HOD_TRY(Range range, loose_range(*arg.git_range));
    git.range = std::move(range);
  }
  if (arg.git_committish && !arg.git_committish->empty()) {
    if (!is_safe_committish(*arg.git_committish)) {
      return failure(invalid(arg.raw_spec, "what stands behind `#` is no branch, tag or commit"));
    }
    git.committish = arg.git_committish;
  }
  if (arg.git_subdir) {
    git.subfolder = safe_subfolder(*arg.git_subdir);
    if (!git.subfolder) {
      return failure(invalid(arg.raw_spec, "its `path:` is no folder inside the repository"));
    }
  }
  return git;
}

// ---- the registry

Result<std::variant<RangeSpecifier, TagSpecifier>> registry_target(const PackageArg& arg) {
  using Target = std::variant<RangeSpecifier, TagSpecifier>;
  const std::string text = arg.fetch_spec.value_or("");
  if (arg.type == PackageArg::Type::tag) return Target(TagSpecifier{text});
  HOD_TRY(Range range, loose_range(text));
  return Target(RangeSpecifier{std::move(range)});
}

Result<Specifier::Kind> registry_kind(const PackageArg& arg) {
  HOD_TRY(auto target, registry_target(arg));
  return std::visit([](auto&& kind) { return Specifier::Kind(std::move(kind)); },
                    std::move(target));
}

Result<Specifier::Kind> alias_kind(const PackageArg& arg) {
  HOD_TRY(PackageName name, PackageName::parse(arg.sub_spec->name.value_or("")));
  HOD_TRY(auto target, registry_target(*arg.sub_spec));
  return AliasSpecifier{std::move(name), std::move(target)};
}

// yarn writes `npm:^1` for a plain range.
std::optional<Range> range_behind_npm(std::string_view text) {
  const std::optional<std::string_view> body = behind(text, "npm:");
  if (!body || body->empty() || split_package_arg(*body).name) return std::nullopt;
  Result<Range> range = loose_range(*body);
  if (!range) return std::nullopt;
  return std::move(*range);
}

// ---- all together

Result<Specifier::Kind> kind_of(const PackageArg& arg, LocalPaths paths) {
  using Type = PackageArg::Type;
  switch (arg.type) {
    case Type::version:
    case Type::range:
    case Type::tag:
      return registry_kind(arg);
    case Type::alias:
      return alias_kind(arg);
    case Type::git:
      return git_kind(arg);
    case Type::remote:
      if (Result<Url> url = Url::parse(*arg.fetch_spec); !url)
        return failure(std::move(url).error());
      return TarballUrlSpecifier{*arg.fetch_spec};
    case Type::file:
      return FileSpecifier{paths.shortest(local_path_of_spec(arg.raw_spec))};
    case Type::directory:
      return DirectorySpecifier{paths.shortest(local_path_of_spec(arg.raw_spec))};
  }
  return failure(invalid(arg.raw_spec, "it has no meaning"));
}

// Protocols that other managers know and hod does not, each with what to write instead.
Result<void> check_foreign_protocol(std::string_view text) {
  struct Row {
    std::string_view protocol;
    std::string_view hint;
  };
  constexpr std::array<Row, 4> kForeign = {
      {{"jsr:", "write `npm:@jsr/scope__name@^1` and set the registry of the scope `@jsr`"},
       {"patch:", "write the plain version, and keep the patch with `hod patch`"},
       {"exec:", "publish the package, or make it a workspace member"},
       {"git+exec:", "write `git+https://…` or `git+ssh://…`"}}};
  for (const Row& row : kForeign) {
    if (!behind(text, row.protocol)) continue;
    return failure(unsupported(text, "`" + std::string(row.protocol) + "` is not spoken here")
                       .hint(std::string(row.hint)));
  }
  return {};
}

Result<Specifier::Kind> parse_kind(std::string_view text, LocalPaths paths) {
  if (auto body = behind(text, "workspace:")) return workspace_kind(text, *body);
  if (auto body = behind(text, "catalog:")) {
    return CatalogSpecifier{*body == "default" ? std::string() : std::string(*body)};
  }
  for (const std::string_view protocol : {"link:", "portal:"}) {
    if (auto body = behind(text, protocol)) {
      return DirectorySpecifier{paths.shortest(*body), protocol == "link:"};
    }
  }
  if (std::optional<Range> range = range_behind_npm(text)) return RangeSpecifier{std::move(*range)};
  HOD_CHECK(check_foreign_protocol(text));
  HOD_TRY(const PackageArg arg, resolve_package_arg(std::nullopt, text, {"/", "/"}));
  return kind_of(arg, paths);
}

}  // namespace

Result<Specifier> Specifier::parse(std::string_view text, std::string_view home) {
  HOD_TRY(Kind kind, parse_kind(text, {home}));
  return Specifier(std::string(text), std::move(kind));
}

Result<NamedSpecifier> parse_named_specifier(std::string_view text, std::string_view home) {
  const SplitPackageArg split = split_package_arg(text);
  std::optional<PackageName> name;
  if (split.name) {
    HOD_TRY(PackageName parsed, PackageName::parse(*split.name));
    name = std::move(parsed);
  }
  HOD_TRY(Specifier specifier, Specifier::parse(split.spec, home));
  if (const auto* alias = specifier.as<AliasSpecifier>(); alias && !name) name = alias->name;
  if (!name && specifier.from_registry()) {
    return failure(Error(ErrorCode::name_invalid, "`" + redacted(text) + "` names no package"));
  }
  return NamedSpecifier{std::move(name), std::move(specifier), split.has_spec};
}

}  // namespace hod
