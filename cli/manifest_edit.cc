// SPDX-License-Identifier: MIT
#include "cli/manifest_edit.h"

#include <array>

#include "core/base/json_edit.h"
#include "core/model/range.h"

namespace hod::cli {

namespace {

constexpr std::array<DependencyField, 4> kFields = {DependencyField::optional,
                                                    DependencyField::dependencies,
                                                    DependencyField::dev, DependencyField::peer};

}  // namespace

std::string_view field_name(DependencyField field) {
  switch (field) {
    case DependencyField::dependencies:
      return "dependencies";
    case DependencyField::dev:
      return "devDependencies";
    case DependencyField::optional:
      return "optionalDependencies";
    case DependencyField::peer:
      return "peerDependencies";
  }
  return "";
}

std::optional<DependencyField> field_of(const Json& manifest, std::string_view alias) {
  for (DependencyField field : kFields) {
    const Json* object = manifest.find(field_name(field));
    if (object != nullptr && object->find(alias) != nullptr) return field;
  }
  return std::nullopt;
}

Result<std::string> manifest_with(std::string_view text, DependencyField field,
                                  const std::string& alias, std::string_view specifier,
                                  std::string_view origin) {
  std::string out(text);
  for (DependencyField other : kFields) {
    // A package may be a peer and, for its own development, something else as well.
    bool beside =
        other == field || other == DependencyField::peer || field == DependencyField::peer;
    if (beside) continue;
    HOD_TRY(out, json_without(out, {std::string(field_name(other)), alias}, origin));
  }
  return json_with(out, {std::string(field_name(field)), alias}, Json::string(specifier),
                   JsonPlace::sorted, origin);
}

Result<std::string> manifest_without(std::string_view text, const std::string& alias,
                                     std::string_view origin) {
  std::string out(text);
  for (DependencyField field : kFields) {
    HOD_TRY(out, json_without(out, {std::string(field_name(field)), alias}, origin));
  }
  for (const char* meta : {"peerDependenciesMeta", "dependenciesMeta"}) {
    HOD_TRY(out, json_without(out, {meta, alias}, origin));
  }
  return out;
}

std::string saved_range(std::string_view written, const Version& version, const SaveRule& rule) {
  if (rule.exact) return version.text();
  std::string prefixed = rule.prefix + version.text();
  if (written.empty()) return prefixed;
  auto range = Range::parse(written);
  auto saved = Range::parse(prefixed);
  bool is_range = range && range->exact() == nullptr;
  if (!is_range || !saved || range_is_subset(*saved, *range)) return prefixed;
  return std::string(written);
}

std::string moved_range(std::string_view written, const Version& version, std::string_view prefix) {
  constexpr std::string_view kAlias = "npm:";
  std::string before;
  if (written.substr(0, kAlias.size()) == kAlias) {
    std::size_t at = written.find('@', kAlias.size() + 1);
    if (at == std::string_view::npos) return std::string(written);
    before = written.substr(0, at + 1);
    written.remove_prefix(at + 1);
  }
  auto range = Range::parse(written);
  if (!range) return before + std::string(written);
  if (range->exact() != nullptr) return before + version.text();
  bool simple = written.find_first_of(" |") == std::string_view::npos;
  if (simple && (written[0] == '^' || written[0] == '~')) {
    return before + written[0] + version.text();
  }
  if (range->contains(version)) return before + std::string(written);
  return before + std::string(prefix) + version.text();
}

}  // namespace hod::cli
