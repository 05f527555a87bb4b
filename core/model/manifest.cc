// SPDX-License-Identifier: MIT
// Reading a package.json.
//
// What must stay true:
//  (1) Every alias in `dependencies` and `bundled` passed PackageName::parse (T-LINK-04), so that
//  it may become a folder
//      below node_modules; keys like `__proto__` are names like any other and fail or pass by the
//      same rule (T-RES-02).
//  (2) With Strict::yes a field of the wrong type is an error that names the field and its line;
//  with Strict::no it is
//      as if it were absent. Nothing in between: no field is half read.
#include "core/model/manifest.h"

#include <algorithm>
#include <set>

#include "core/model/package_name.h"

namespace hod {

namespace {

class Reader {
 public:
  Reader(Manifest& manifest, std::string_view origin, Strict strict)
      : manifest_(manifest), origin_(origin), strict_(strict == Strict::yes) {}

  Result<void> read() {
    if (!manifest_.json.is_object()) {
      // Lenient or not: what is no object is no manifest.
      return invalid(manifest_.json, "a manifest must be an object, it is " +
                                         std::string(manifest_.json.kind_name()));
    }
    HOD_TRY(manifest_.name, text_field("name"));
    HOD_TRY(manifest_.version, text_field("version"));
    HOD_TRY(manifest_.package_manager, text_field("packageManager"));
    HOD_CHECK(read_private());
    HOD_CHECK(read_dependencies());
    HOD_CHECK(read_bundled());
    HOD_CHECK(read_bins());
    HOD_TRY(manifest_.scripts, text_members("scripts"));
    HOD_TRY(manifest_.engines, text_members("engines"));
    HOD_TRY(manifest_.platform.os, one_or_more("os"));
    HOD_TRY(manifest_.platform.cpu, one_or_more("cpu"));
    HOD_TRY(manifest_.platform.libc, one_or_more("libc"));
    return read_workspaces();
  }

 private:
  using TextMembers = std::vector<std::pair<std::string, std::string>>;

  // --- single fields. Each returns the empty value when the field is absent, or wrong and
  // tolerated.

  Result<std::string> text_field(const char* field) {
    const Json* value = manifest_.json.find(field);
    if (!value) return std::string();
    if (!value->is_string()) return dropped_or<std::string>(*value, field, "a string");
    return value->as_string();
  }

  Result<TextMembers> text_members(const std::string& field) {
    const Json* value = manifest_.json.find(field);
    if (!value) return TextMembers{};
    if (!value->is_object()) return dropped_or<TextMembers>(*value, field, "an object");
    TextMembers members;
    for (const auto& [key, text] : value->members()) {
      if (!text.is_string()) {
        HOD_CHECK(dropped_or<void>(text, field + "." + key, "a string"));
        continue;
      }
      members.emplace_back(key, text.as_string());
    }
    return members;
  }

  Result<std::vector<std::string>> texts_of(const Json& list, const std::string& field) {
    std::vector<std::string> texts;
    for (const Json& element : list.elements()) {
      if (!element.is_string()) {
        HOD_CHECK(dropped_or<void>(element, field, "a list of strings"));
        continue;
      }
      texts.push_back(element.as_string());
    }
    return texts;
  }

  // npm reads a single string as a list of one.
  Result<std::vector<std::string>> one_or_more(const char* field) {
    const Json* value = manifest_.json.find(field);
    if (!value) return std::vector<std::string>{};
    if (value->is_string()) return std::vector<std::string>{value->as_string()};
    if (!value->is_array()) {
      return dropped_or<std::vector<std::string>>(*value, field, "a list of strings");
    }
    return texts_of(*value, field);
  }

  Result<void> read_private() {
    const Json* value = manifest_.json.find("private");
    if (!value) return {};
    if (!value->is_boolean()) return dropped_or<void>(*value, "private", "true or false");
    manifest_.is_private = value->as_boolean();
    return {};
  }

  // --- dependencies

  Result<void> read_dependencies() {
    HOD_TRY(const std::set<std::string> optional_peers, read_optional_peers());
    std::set<std::string> taken;
    // In the order of precedence: a name that an earlier field has is not taken from a later one.
    HOD_CHECK(read_kind("optionalDependencies", DependencyKind::optional, taken));
    HOD_CHECK(read_kind("dependencies", DependencyKind::production, taken));
    HOD_CHECK(read_kind("devDependencies", DependencyKind::development, taken));
    std::set<std::string> peers;  // beside others, not instead of them
    HOD_CHECK(read_kind("peerDependencies", DependencyKind::peer, peers));
    for (Dependency& dependency : manifest_.dependencies) {
      if (dependency.kind == DependencyKind::peer && optional_peers.contains(dependency.alias)) {
        dependency.kind = DependencyKind::optional_peer;
      }
    }
    std::sort(manifest_.dependencies.begin(), manifest_.dependencies.end(),
              [](const Dependency& a, const Dependency& b) {
                return a.alias != b.alias ? a.alias < b.alias : a.kind < b.kind;
              });
    return {};
  }

  Result<void> read_kind(const std::string& field, DependencyKind kind,
                         std::set<std::string>& taken) {
    const Json* object = manifest_.json.find(field);
    if (!object) return {};
    if (!object->is_object()) return dropped_or<void>(*object, field, "an object");
    for (const auto& [alias, specifier] : object->members()) {
      if (!specifier.is_string()) {
        HOD_CHECK(dropped_or<void>(specifier, field + "." + alias, "a string"));
        continue;
      }
      HOD_TRY(const bool valid, check_name(alias, specifier, field));
      if (valid && taken.insert(alias).second) {
        manifest_.dependencies.push_back({alias, specifier.as_string(), kind});
      }
    }
    return {};
  }

  Result<std::set<std::string>> read_optional_peers() {
    using Names = std::set<std::string>;
    const std::string field = "peerDependenciesMeta";
    const Json* object = manifest_.json.find(field);
    if (!object) return Names{};
    if (!object->is_object()) return dropped_or<Names>(*object, field, "an object");
    Names names;
    for (const auto& [alias, meta] : object->members()) {
      if (!meta.is_object()) {
        HOD_CHECK(dropped_or<void>(meta, field + "." + alias, "an object"));
        continue;
      }
      const Json* optional = meta.find("optional");
      if (!optional) continue;
      if (!optional->is_boolean()) {
        HOD_CHECK(dropped_or<void>(*optional, field + "." + alias + ".optional", "true or false"));
        continue;
      }
      if (optional->as_boolean()) names.insert(alias);
    }
    return names;
  }

  // Both spellings are npm's; the first one wins.
  Result<void> read_bundled() {
    for (const char* field : {"bundleDependencies", "bundledDependencies"}) {
      const Json* value = manifest_.json.find(field);
      if (!value) continue;
      if (value->is_boolean()) {
        if (value->as_boolean()) bundle_all();
        return {};
      }
      if (!value->is_array()) return dropped_or<void>(*value, field, "a list of names");
      HOD_TRY(const std::vector<std::string> names, texts_of(*value, field));
      for (const std::string& name : names) {
        HOD_TRY(const bool valid, check_name(name, *value, field));
        if (valid) manifest_.bundled.push_back(name);
      }
      return {};
    }
    return {};
  }

  void bundle_all() {
    for (const Dependency& dependency : manifest_.dependencies) {
      if (dependency.kind == DependencyKind::production ||
          dependency.kind == DependencyKind::optional) {
        manifest_.bundled.push_back(dependency.alias);
      }
    }
  }

  // --- bins and workspaces

  Result<void> read_bins() {
    if (const Json* bin = manifest_.json.find("bin"); bin && strict_) {
      if (bin->is_object()) {
        HOD_CHECK(text_members("bin"));
      } else if (!bin->is_string()) {
        return dropped_or<void>(*bin, "bin", "a string or an object");
      }
    }
    if (const Json* directories = manifest_.json.find("directories");
        directories && !directories->is_object()) {
      HOD_CHECK(dropped_or<void>(*directories, "directories", "an object"));
    }
    manifest_.bins = normalized_bins(manifest_.json);
    return {};
  }

  // A list of globs, or yarn's object that holds the list in `packages`.
  Result<void> read_workspaces() {
    std::string field = "workspaces";
    const Json* value = manifest_.json.find(field);
    if (value && value->is_object()) {
      field = "workspaces.packages";
      value = value->find("packages");
    }
    if (!value) return {};
    if (!value->is_array()) return dropped_or<void>(*value, field, "a list of strings");
    HOD_TRY(manifest_.workspaces, texts_of(*value, field));
    return {};
  }

  // --- errors

  // May `name` become a folder? Refused in project files, passed over in others.
  Result<bool> check_name(const std::string& name, const Json& value, const std::string& field) {
    auto parsed = PackageName::parse(name);
    if (parsed) return true;
    if (!strict_) return false;
    Error error = invalid_error(
        value, "`" + field + "` has a name that is not valid: " + parsed.error().what());
    for (const std::string& why : parsed.error().details()) error = std::move(error).detail(why);
    return failure(std::move(error));
  }

  template <class T>
  Result<T> dropped_or(const Json& value, const std::string& field, const char* wanted) {
    if (!strict_) return Result<T>();
    return invalid(
        value, "`" + field + "` must be " + wanted + ", it is " + std::string(value.kind_name()));
  }

  Error invalid_error(const Json& value, std::string what) {
    return Error(ErrorCode::manifest_invalid, std::move(what))
        .at(std::string(origin_) + ":" + json_position(manifest_.text, value.offset()));
  }
  tl::unexpected<Error> invalid(const Json& value, std::string what) {
    return failure(invalid_error(value, std::move(what)));
  }

  Manifest& manifest_;
  std::string_view origin_;
  bool strict_;
};

}  // namespace

Result<Manifest> Manifest::parse(std::string_view text, std::string_view origin, Strict strict) {
  Manifest manifest;
  manifest.text = text;
  manifest.path = origin;
  HOD_TRY(manifest.json, Json::parse(text, origin));
  HOD_CHECK(Reader(manifest, origin, strict).read());
  return manifest;
}

const std::string* Manifest::script(std::string_view wanted) const {
  for (const auto& [key, command] : scripts) {
    if (key == wanted) return &command;
  }
  return nullptr;
}

}  // namespace hod
