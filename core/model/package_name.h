// A package's name. The only way in is the validator, so every path join under node_modules can
// trust it (T-LINK-04). Source of the rules: npm's validate-npm-package-name.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.h"

namespace hod {

struct NameVerdict {
  bool valid_for_new = false;         // may be published today
  bool valid_for_old = false;         // may exist in a registry (upper case, long, …)
  std::vector<std::string> problems;  // for people
};
NameVerdict validate_package_name(std::string_view text);

class PackageName {
 public:
  // Accepts what is valid for old packages, minus everything that could act as a path: `.`/`..`
  // parts, a leading dot or underscore, separators beyond the scope's one, control characters; and
  // `node_modules`. Error: name_invalid.
  static Result<PackageName> parse(std::string_view text);

  std::string_view text() const { return text_; }
  const std::string& str() const { return text_; }
  std::string_view scope() const;  // "@babel" or ""
  std::string_view base() const;   // "core" of "@babel/core"
  // As a registry's URL path wants it: "@babel%2fcore".
  std::string url_path() const;

  friend auto operator<=>(const PackageName&, const PackageName&) = default;

 private:
  explicit PackageName(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace hod

template <>
struct std::hash<hod::PackageName> {
  std::size_t operator()(const hod::PackageName& name) const noexcept {
    return std::hash<std::string_view>{}(name.text());
  }
};
