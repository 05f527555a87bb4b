// SPDX-License-Identifier: MIT
#include "core/model/workspace_file.h"

#include "core/model/package_name.h"

namespace hod {

namespace {

tl::unexpected<Error> invalid(std::string what, std::string_view path) {
  return failure(Error(ErrorCode::manifest_invalid, std::move(what)).at(std::string(path)));
}

Result<void> want_object(const Json& value, const std::string& field, std::string_view path) {
  if (value.is_object()) return {};
  return invalid("`" + field + "` must be an object, it is " + std::string(value.kind_name()),
                 path);
}

Result<void> add_catalog(Catalogs& catalogs, const std::string& name, const Json& entries,
                         const std::string& field, std::string_view path) {
  HOD_CHECK(want_object(entries, field, path));
  const auto [catalog, added] = catalogs.try_emplace(name);
  if (!added)
    return invalid("the default catalog is there twice, as `catalog` and as `catalogs.default`",
                   path);
  for (const auto& [alias, specifier] : entries.members()) {
    if (!PackageName::parse(alias))
      return invalid("`" + field + "` has a name that is not valid: `" + alias + "`", path);
    if (!specifier.is_string()) {
      return invalid("`" + field + "." + alias + "` must be a string, it is " +
                         std::string(specifier.kind_name()),
                     path);
    }
    catalog->second[alias] = specifier.as_string();
  }
  return {};
}

// A key without anything behind it is null in YAML, and means the same as no key.
const Json* given(const Json& object, const char* field) {
  const Json* value = object.find(field);
  return value && !value->is_null() ? value : nullptr;
}

}  // namespace

Result<Catalogs> catalogs_of(const Json& object, std::string_view path) {
  Catalogs catalogs;
  if (const Json* catalog = given(object, "catalog")) {
    HOD_CHECK(add_catalog(catalogs, "", *catalog, "catalog", path));
  }
  if (const Json* named = given(object, "catalogs")) {
    HOD_CHECK(want_object(*named, "catalogs", path));
    for (const auto& [name, entries] : named->members()) {
      HOD_CHECK(
          add_catalog(catalogs, name == "default" ? "" : name, entries, "catalogs." + name, path));
    }
  }
  return catalogs;
}

Result<WorkspaceFile> WorkspaceFile::of_json(const Json& document, std::string_view path) {
  WorkspaceFile file;
  file.path = path;
  if (document.is_null()) return file;
  if (!document.is_object()) {
    return invalid("a mapping is expected, it is " + std::string(document.kind_name()), path);
  }
  if (const Json* packages = given(document, "packages")) {
    if (!packages->is_array()) return invalid("`packages` must be a list of strings", path);
    for (const Json& glob : packages->elements()) {
      if (!glob.is_string()) return invalid("`packages` must be a list of strings", path);
      file.packages.push_back(glob.as_string());
    }
  }
  HOD_TRY(file.catalogs, catalogs_of(document, path));
  if (const Json* overrides = given(document, "overrides")) {
    HOD_CHECK(want_object(*overrides, "overrides", path));
    file.overrides = *overrides;
  }
  if (const Json* extensions = given(document, "packageExtensions")) {
    HOD_CHECK(want_object(*extensions, "packageExtensions", path));
    file.package_extensions = *extensions;
  }
  if (const Json* patches = given(document, "patchedDependencies")) {
    HOD_CHECK(want_object(*patches, "patchedDependencies", path));
    file.patched_dependencies = *patches;
  }
  if (const Json* allowed = given(document, "allowUnusedPatches")) {
    file.allow_unused_patches = allowed->as_boolean();
  }
  return file;
}

}  // namespace hod
