// SPDX-License-Identifier: MIT
// npm's reading of package arguments.
//
// One text can be read in many ways, so the order of the questions is the rule: a URL? git's
// `user@host:path`? a path with a slash? a name with something behind `@`? Then, for what is behind
// the name: a file? an alias? a known git host? any URL? a path? and what is left belongs to the
// registry: a version, a range, or a tag.
//
// Odd corners are kept where npm writes their outcome into manifests (`file:/../x` is relative,
// backslashes of a saved path become slashes). Nothing here looks at the disk: whether a path is a
// tarball or a folder is told by its name.
#include "core/model/npm_package_arg.h"

#include <algorithm>
#include <array>
#include <vector>

#include "core/base/ascii.h"
#include "core/base/ecma_text.h"
#include "core/base/encoding.h"
#include "core/base/lexical_path.h"
#include "core/model/package_name.h"
#include "core/model/range.h"
#include "core/model/url.h"
#include "core/model/version.h"
#include "core/model/web_url.h"

namespace hod {
namespace {

constexpr std::size_t kNone = std::string_view::npos;

bool starts_with_ignoring_case(std::string_view text, std::string_view lower_case) {
  return ascii_lower(text.substr(0, lower_case.size())) == lower_case;
}

// ---- the questions

// "letters:" or "git+letters:"
bool looks_like_url(std::string_view text) {
  if (starts_with_ignoring_case(text, "git+")) text.remove_prefix(4);
  std::size_t letters = 0;
  while (letters < text.size() && is_ascii_letter(text[letters])) ++letters;
  return letters > 0 && letters < text.size() && text[letters] == ':';
}

bool has_line_end(std::string_view text) {
  return text.find_first_of("\n\r") != kNone || text.find("\xE2\x80\xA8") != kNone ||
         text.find("\xE2\x80\xA9") != kNone;
}

// git's own "user@host.example:path"
bool looks_like_scp(std::string_view text) {
  const std::size_t at = text.find('@');
  if (at == kNone || at == 0) return false;
  const std::string_view host = text.substr(at + 1);
  const std::size_t dot = host.find_first_of(":.");
  if (dot == kNone || dot == 0 || host[dot] != '.') return false;
  const std::size_t colon = host.find(':', dot + 1);
  if (colon == kNone || colon == dot + 1) return false;
  const std::string_view path = host.substr(colon + 1);
  return !path.empty() && !has_line_end(path);
}

bool has_tarball_name(std::string_view text) {
  const std::string folded = ascii_lower(text);
  return folded.ends_with(".tgz") || folded.ends_with(".tar.gz") || folded.ends_with(".tar");
}

bool has_slash(std::string_view text) { return text.find('/') != kNone; }

bool looks_like_file(std::string_view spec) {
  if (spec.empty()) return false;
  if (starts_with_ignoring_case(spec, "file:")) return true;
  const bool is_drive = spec.size() > 1 && is_ascii_letter(spec[0]) && spec[1] == ':';
  return spec[0] == '.' || spec[0] == '/' || spec.substr(0, 2) == "~/" || is_drive;
}

bool looks_like_alias(std::string_view spec) { return starts_with_ignoring_case(spec, "npm:"); }

// ":80/" or ":80" at the end, anywhere: then what stands before was a host, not a user.
bool has_port(std::string_view text) {
  for (std::size_t i = text.find(':'); i != kNone; i = text.find(':', i + 1)) {
    std::size_t end = i + 1;
    while (end < text.size() && is_ascii_digit(text[end])) ++end;
    if (end > i + 1 && (end == text.size() || text[end] == '/')) return true;
  }
  return false;
}

Error spec_error(ErrorCode code, std::string_view spec, std::string_view why) {
  return Error(code, "`" + redacted(spec) + "` cannot be asked for").detail(std::string(why));
}

// ---- git: what stands behind the `#`

bool is_set(const std::optional<std::string>& text) { return text && !text->empty(); }

constexpr std::string_view kTwoSelectors =
    "what stands behind `#` may name one commit or one range, and one path";

// "semver:^1", "path:a/b", or a committish. False when it contradicts what came before.
bool take_git_part(PackageArg& arg, std::string_view part) {
  const std::size_t colon = part.find(':');
  if (colon == kNone) {
    if (is_set(arg.git_range) || is_set(arg.git_committish)) return false;
    arg.git_committish = std::string(part);
    return true;
  }
  const std::string_view key = part.substr(0, colon);
  const std::string_view rest = part.substr(colon + 1);
  const std::string_view value = rest.substr(0, rest.find(':'));
  if (key == "semver") {
    if (is_set(arg.git_range) || is_set(arg.git_committish)) return false;
    arg.git_range = percent_decoded(value);
    return arg.git_range.has_value();
  }
  if (key == "path") {
    if (is_set(arg.git_subdir)) return false;
    arg.git_subdir = "/" + std::string(value);
  }
  return true;  // other keys mean nothing to npm
}

bool take_git_selectors(PackageArg& arg, std::string_view committish) {
  arg.git_committish.reset();
  if (committish.empty()) return true;
  for (;;) {
    const std::size_t end = committish.find("::");
    if (!take_git_part(arg, committish.substr(0, end))) return false;
    if (end == kNone) return true;
    committish.remove_prefix(end + 2);
  }
}

Result<PackageArg> with_git_selectors(PackageArg arg, std::string_view committish) {
  if (!take_git_selectors(arg, committish)) {
    return failure(spec_error(ErrorCode::specifier_invalid, arg.raw_spec, kTwoSelectors));
  }
  return arg;
}

Result<PackageArg> from_hosted(PackageArg arg, HostedGit hosted) {
  arg.type = PackageArg::Type::git;
  arg.save_spec = hosted.text();
  if (hosted.default_representation != "shortcut") {
    arg.fetch_spec = hosted.text({.git_plus = false, .committish = false});
  }
  const std::string committish = hosted.committish.value_or("");
  arg.hosted = std::move(hosted);
  return with_git_selectors(std::move(arg), committish);
}

// ---- any other URL

// "git+ssh://user@host:path#committish" is scp's form behind a scheme, and no URL.
struct ScpAddress {
  std::string address;  // "user@host:path"
  std::string committish;
};
std::optional<ScpAddress> scp_address(std::string_view spec) {
  constexpr std::string_view kScheme = "git+ssh://";
  if (spec.substr(0, kScheme.size()) != kScheme) return std::nullopt;
  spec.remove_prefix(kScheme.size());
  const std::size_t hash = std::min(spec.find('#'), spec.size());
  const std::string_view address = spec.substr(0, hash);
  const std::size_t colon = address.find(':');
  if (colon == kNone || colon == 0 || colon + 1 == address.size()) return std::nullopt;
  const std::string_view committish = spec.substr(std::min(hash + 1, spec.size()));
  if (has_line_end(committish) || has_port(address)) return std::nullopt;
  return ScpAddress{std::string(address), std::string(committish)};
}

bool is_git_protocol(std::string_view protocol) {
  constexpr std::array<std::string_view, 7> kProtocols = {
      "git:", "git+http:", "git+https:", "git+rsync:", "git+ftp:", "git+file:", "git+ssh:"};
  return std::find(kProtocols.begin(), kProtocols.end(), protocol) != kProtocols.end();
}

std::string git_fetch_spec(WebUrl url, std::string_view spec) {
  constexpr std::string_view kFile = "git+file://";
  const std::string_view behind = spec.substr(std::min(kFile.size(), spec.size()));
  const bool has_drive = starts_with_ignoring_case(spec, kFile) && behind.size() > 1 &&
                         is_ascii_letter(behind[0]) && behind[1] == ':';
  std::string address;
  if (has_drive) {
    address = std::string(kFile) + ascii_lower(url.host()) + ":" + url.pathname();
  } else {
    url.clear_hash();
    address = url.href();
  }
  return address.starts_with("git+") ? address.substr(4) : address;
}

Result<PackageArg> from_url(PackageArg arg) {
  arg.save_spec = arg.raw_spec;
  if (std::optional<ScpAddress> scp = scp_address(arg.raw_spec)) {
    arg.type = PackageArg::Type::git;
    arg.fetch_spec = std::move(scp->address);
    return with_git_selectors(std::move(arg), scp->committish);
  }
  std::string spec = arg.raw_spec;
  if (spec.starts_with("git+file://")) std::replace(spec.begin(), spec.end(), '\\', '/');
  const std::optional<WebUrl> url = WebUrl::parse(spec);
  if (!url) {
    return failure(spec_error(ErrorCode::specifier_invalid, arg.raw_spec,
                              "it is no address that can be read"));
  }
  const std::string protocol = url->protocol();
  if (is_git_protocol(protocol)) {
    arg.type = PackageArg::Type::git;
    arg.fetch_spec = git_fetch_spec(*url, spec);
    const std::string hash = url->hash();
    return with_git_selectors(std::move(arg), hash.empty() ? hash : hash.substr(1));
  }
  if (protocol == "http:" || protocol == "https:") {
    arg.type = PackageArg::Type::remote;
    arg.fetch_spec = arg.save_spec;
    return arg;
  }
  return failure(spec_error(ErrorCode::specifier_unsupported, arg.raw_spec,
                            "`" + protocol + "` is not spoken here"));
}

// ---- files and folders

// What must not stand in a file URL as it is, as Node has it for paths.
constexpr std::string_view kEncodedInPaths("\0\t\n\r \"#%?[\\]^|~", 16);

// "/./", "///..": npm takes such for a path that is relative in spite of its slashes.
std::size_t slashes_before_dots(std::string_view path) {
  std::size_t slashes = 0;
  while (slashes < 3 && slashes < path.size() && path[slashes] == '/') ++slashes;
  const std::string_view rest = path.substr(slashes);
  const std::string_view first = rest.substr(0, rest.find('/'));
  return first == "." || first == ".." ? slashes : 0;
}

bool is_home_path(std::string_view path) { return path == "/~" || path.substr(0, 3) == "/~/"; }

Result<PackageArg> from_file(PackageArg arg, const PackageArgPlaces& places) {
  using Type = PackageArg::Type;
  arg.type = has_tarball_name(arg.raw_spec) ? Type::file : Type::directory;
  const std::string path = local_path_of_spec(arg.raw_spec);
  const std::string address = "file:" + percent_encoded(path, kEncodedInPaths);
  const std::optional<WebUrl> base = WebUrl::parse(
      "file:" + percent_encoded(resolved_path(places.where, ""), kEncodedInPaths) + "/");
  const std::optional<WebUrl> alone = WebUrl::parse(address);
  const std::optional<WebUrl> against = base ? WebUrl::parse(address, &*base) : std::nullopt;
  const auto decoded = [](const std::optional<WebUrl>& url) {
    return url ? percent_decoded(url->pathname()) : std::nullopt;
  };
  const std::optional<std::string> written = decoded(alone);
  std::optional<std::string> resolved = decoded(against);
  if (!written || !resolved) {
    return failure(spec_error(ErrorCode::specifier_invalid, arg.raw_spec, "it is no path"));
  }
  std::string saved;
  if (is_home_path(*written)) {
    saved = written->substr(1);
    resolved =
        resolved_path(places.home, written->substr(std::min<std::size_t>(3, written->size())));
  } else if (path.empty() || path.front() != '/') {
    saved = relative_path(places.where, *resolved);
  } else {
    saved = resolved_path("/", *resolved);
  }
  std::replace(saved.begin(), saved.end(), '\\', '/');
  if (saved.starts_with("//")) saved.erase(0, 1);
  arg.save_spec = "file:" + saved;
  arg.fetch_spec = resolved_path(places.where, *resolved);
  return arg;
}

// ---- the registry

Result<PackageArg> from_alias(PackageArg arg, const PackageArgPlaces& places) {
  const auto refused = [&arg](std::string_view why) {
    return failure(spec_error(ErrorCode::specifier_invalid, arg.raw_spec, why));
  };
  HOD_TRY(PackageArg sub, parse_package_arg(arg.raw_spec.substr(4), places));
  if (sub.type == PackageArg::Type::alias) return refused("an alias of an alias is none");
  if (!sub.is_registry()) return refused("an alias stands for a package of a registry");
  if (!sub.name) return refused("an alias needs the name of a package");
  arg.type = PackageArg::Type::alias;
  arg.sub_spec = std::make_shared<const PackageArg>(std::move(sub));
  return arg;
}

Result<PackageArg> from_registry(PackageArg arg) {
  using Type = PackageArg::Type;
  const std::string spec(ecma_trimmed(arg.raw_spec));
  arg.fetch_spec = spec;
  if (Version::parse(spec, Loose::yes)) {
    arg.type = Type::version;
  } else if (Range::parse(spec, {.loose = Loose::yes})) {
    arg.type = Type::range;
  } else if (percent_encoded(spec) == spec) {
    arg.type = Type::tag;
  } else {
    return failure(spec_error(ErrorCode::specifier_invalid, arg.raw_spec,
                              "it is no version, no range, and holds what no tag does"));
  }
  return arg;
}

}  // namespace

std::string_view PackageArg::scope() const {
  const std::string_view text = name ? std::string_view(*name) : std::string_view();
  return text.substr(0, 1) == "@" ? text.substr(0, text.find('/')) : std::string_view();
}

std::string PackageArg::escaped_name() const {
  std::string text = name.value_or("");
  if (const std::size_t slash = text.find('/'); slash != kNone) text.replace(slash, 1, "%2f");
  return text;
}

std::string_view package_arg_type_name(PackageArg::Type type) {
  constexpr std::array<std::string_view, 8> kNames = {"version", "range",  "tag",  "alias",
                                                      "git",     "remote", "file", "directory"};
  return kNames[static_cast<std::size_t>(type)];
}

SplitPackageArg split_package_arg(std::string_view text) {
  const std::size_t at = text.find('@', 1);
  const std::string_view name = text.substr(0, at);
  if (looks_like_url(text)) return {std::nullopt, std::string(text)};
  if (looks_like_scp(text)) return {std::nullopt, "git+ssh://" + std::string(text)};
  if (name.substr(0, 1) != "@" && (has_slash(name) || has_tarball_name(name))) {
    return {std::nullopt, std::string(text)};
  }
  if (at != kNone) {
    const std::string_view spec = text.substr(at + 1);
    if (spec.empty()) return {std::string(name), "*", false};
    return {std::string(name), std::string(spec)};
  }
  if (validate_package_name(text).valid_for_old) return {std::string(text), "*", false};
  return {std::nullopt, std::string(text)};
}

Result<PackageArg> parse_package_arg(std::string_view text, const PackageArgPlaces& places) {
  const SplitPackageArg split = split_package_arg(text);
  return resolve_package_arg(split.name, split.spec, places);
}

Result<PackageArg> resolve_package_arg(std::optional<std::string_view> name, std::string_view spec,
                                       const PackageArgPlaces& places) {
  PackageArg arg;
  arg.raw_spec = std::string(spec);
  if (name && !name->empty()) {
    const NameVerdict verdict = validate_package_name(*name);
    if (!verdict.valid_for_old) {
      return failure(
          Error(ErrorCode::name_invalid, "`" + std::string(*name) + "` is not a package name")
              .detail(verdict.problems.front()));
    }
    arg.name = std::string(*name);
  }
  if (looks_like_file(spec)) return from_file(std::move(arg), places);
  if (looks_like_alias(spec)) return from_alias(std::move(arg), places);
  if (auto hosted = HostedGit::parse(spec)) return from_hosted(std::move(arg), std::move(*hosted));
  if (looks_like_url(spec)) return from_url(std::move(arg));
  if (has_slash(spec) || has_tarball_name(spec)) return from_file(std::move(arg), places);
  return from_registry(std::move(arg));
}

std::string local_path_of_spec(std::string_view spec) {
  constexpr std::string_view kScheme = "file:";
  if (spec.substr(0, kScheme.size()) == kScheme) spec.remove_prefix(kScheme.size());
  std::string path(spec);
  const bool two_slashes = path.starts_with("//") && path.size() > 2 && path[2] != '/';
  if (two_slashes) path.insert(0, 1, '/');
  if (path.starts_with('/')) path.erase(0, slashes_before_dots(path));
  return path;
}

Result<std::string> package_url_of_arg(std::string_view text, std::string_view registry) {
  HOD_TRY(const PackageArg arg, parse_package_arg(text, {"/", "/"}));
  if (arg.type != PackageArg::Type::version || !arg.name) {
    return failure(spec_error(ErrorCode::specifier_invalid, text,
                              "only one version of a package has a package URL"));
  }
  std::string name = *arg.name;
  if (name.front() == '@') name.replace(0, 1, "%40");
  std::string url = "pkg:npm/" + name + "@" + arg.raw_spec;
  if (!registry.empty()) url += "?repository_url=" + std::string(registry);
  return url;
}

}  // namespace hod
