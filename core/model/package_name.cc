// SPDX-License-Identifier: MIT
// Names of packages: npm's verdict, and our own stricter gate.
//
// The verdict (validate_package_name) is what the npm package validate-npm-package-name says: may
// this name be published today, could it exist from older days. The gate (PackageName::parse) adds
// what a path join needs.
//
// What must stay true:
//  (1) A PackageName is one file name, or `@` file name `/` file name; none of them `.`, `..` or
//  `node_modules` (T-LINK-04). (2) It holds only characters that encodeURIComponent leaves alone,
//  and the scope's `@` and `/`: so it can neither
//      change a URL's path nor carry line breaks into a request (T-NET-08).
#include "core/model/package_name.h"

#include <algorithm>
#include <array>
#include <optional>

#include "core/base/ascii.h"

namespace hod {
namespace {

constexpr std::size_t kLongestNewName = 214;  // characters; npm's limit for names published today

// Node's core modules whose names could be package names at all (no `_` in front, no `/`).
constexpr std::array<std::string_view, 42> kCoreModules = {"assert",
                                                           "async_hooks",
                                                           "buffer",
                                                           "child_process",
                                                           "cluster",
                                                           "console",
                                                           "constants",
                                                           "crypto",
                                                           "dgram",
                                                           "diagnostics_channel",
                                                           "dns",
                                                           "domain",
                                                           "events",
                                                           "fs",
                                                           "http",
                                                           "http2",
                                                           "https",
                                                           "inspector",
                                                           "module",
                                                           "net",
                                                           "os",
                                                           "path",
                                                           "perf_hooks",
                                                           "process",
                                                           "punycode",
                                                           "querystring",
                                                           "readline",
                                                           "repl",
                                                           "stream",
                                                           "string_decoder",
                                                           "sys",
                                                           "timers",
                                                           "tls",
                                                           "trace_events",
                                                           "tty",
                                                           "url",
                                                           "util",
                                                           "v8",
                                                           "vm",
                                                           "wasi",
                                                           "worker_threads",
                                                           "zlib"};

bool is_url_friendly(char c) {
  return is_ascii_alphanumeric(c) ||
         std::string_view("-_.!~*'()").find(c) != std::string_view::npos;
}

bool is_url_friendly(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_url_friendly(c); });
}

bool is_core_module(std::string_view name) {
  return std::find(kCoreModules.begin(), kCoreModules.end(), name) != kCoreModules.end();
}

// The two halves of a name; `scope` without its `@`. Nothing when there is a `/` that is not the
// scope's.
struct Parts {
  std::optional<std::string_view> scope;
  std::string_view base;
};
std::optional<Parts> split(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return Parts{std::nullopt, text};
  const std::string_view base = text.substr(slash + 1);
  if (text.front() != '@' || slash == 1 || base.empty()) return std::nullopt;
  if (base.find('/') != std::string_view::npos) return std::nullopt;
  return Parts{text.substr(1, slash - 1), base};
}

// What rules a name out for good.
std::vector<std::string> errors_of(std::string_view text) {
  std::vector<std::string> errors;
  if (text.empty()) return {"a name cannot be empty"};
  if (text.front() == '.') errors.emplace_back("a name cannot start with a dot");
  if (text.front() == '-') errors.emplace_back("a name cannot start with a hyphen");
  if (text.front() == '_') errors.emplace_back("a name cannot start with an underscore");
  const std::string folded = ascii_lower(text);
  if (folded == "node_modules" || folded == "favicon.ico") {
    errors.emplace_back("this name is reserved");
  }
  const std::optional<Parts> parts = split(text);
  if (!parts || !is_url_friendly(parts->base) || !is_url_friendly(parts->scope.value_or(""))) {
    errors.emplace_back(
        "a name is made of letters, digits, `-`, `_` and `.`, with at most a scope in front "
        "(`@scope/name`)");
  } else if (parts->scope && parts->base.front() == '.') {
    errors.emplace_back("the part behind the scope cannot start with a dot");
  }
  return errors;
}

// What is tolerated in names from older days only.
std::vector<std::string> warnings_of(std::string_view text) {
  std::vector<std::string> warnings;
  const std::string folded = ascii_lower(text);
  if (is_core_module(folded)) warnings.emplace_back("this is the name of a Node.js core module");
  if (text.size() > kLongestNewName) {
    warnings.emplace_back("new names have at most 214 characters");
  }
  if (folded != text) warnings.emplace_back("new names have no capital letters");
  const std::string_view last_part = text.substr(text.rfind('/') + 1);
  if (last_part.find_first_of("~'!()*") != std::string_view::npos) {
    warnings.emplace_back("new names have none of the characters ~'!()*");
  }
  return warnings;
}

// A part of the name becomes a folder's name.
bool is_safe_part(std::string_view part) {
  return part != "." && part != ".." && ascii_lower(part) != "node_modules";
}

Error name_error(std::string_view text, std::string_view why) {
  return Error(ErrorCode::name_invalid, "`" + std::string(text) + "` is not a package name")
      .detail(std::string(why));
}

}  // namespace

NameVerdict validate_package_name(std::string_view text) {
  NameVerdict verdict;
  verdict.problems = errors_of(text);
  verdict.valid_for_old = verdict.problems.empty();
  for (std::string& warning : warnings_of(text)) verdict.problems.push_back(std::move(warning));
  verdict.valid_for_new = verdict.problems.empty();
  return verdict;
}

Result<PackageName> PackageName::parse(std::string_view text) {
  const std::vector<std::string> errors = errors_of(text);
  if (!errors.empty()) return failure(name_error(text, errors.front()));
  const std::optional<Parts> parts = split(text);
  if (!is_safe_part(parts->base) || !is_safe_part(parts->scope.value_or(""))) {
    return failure(name_error(text, "it would act as a path below node_modules"));
  }
  return PackageName(std::string(text));
}

std::string_view PackageName::scope() const {
  const std::string_view text = text_;
  return text.front() == '@' ? text.substr(0, text.find('/')) : std::string_view();
}

std::string_view PackageName::base() const {
  const std::string_view text = text_;
  return text.substr(text.find('/') + 1);  // no slash: npos + 1 is 0
}

std::string PackageName::url_path() const {
  std::string result = text_;
  const std::size_t slash = result.find('/');
  if (slash != std::string::npos) result.replace(slash, 1, "%2f");
  return result;
}

}  // namespace hod
