// SPDX-License-Identifier: MIT
#include "cli/local_sources.h"

#include <filesystem>

#include "core/base/file.h"
#include "core/model/manifest.h"

namespace hod::cli {

namespace {

std::string engine_of(const Manifest& manifest) {
  for (const auto& [name, range] : manifest.engines) {
    if (name == "node") return range;
  }
  return "";
}

bool has_install_script(const Manifest& manifest) {
  return manifest.script("preinstall") != nullptr || manifest.script("install") != nullptr ||
         manifest.script("postinstall") != nullptr;
}

Result<Manifest> manifest_in(const std::string& folder, Strict strict) {
  std::string path = folder + "/package.json";
  HOD_TRY(std::optional<std::string> text, read_file_if_present(path));
  if (!text) {
    return failure(
        Error(ErrorCode::manifest_missing, "the folder of a dependency has no package.json")
            .at(path));
  }
  return Manifest::parse(*text, path, strict);
}

}  // namespace

std::string absolute_location(const std::string& project_root, const std::string& location) {
  std::string path = (std::filesystem::path(project_root) / location).lexically_normal().string();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

PackageMetadata metadata_of_manifest(const Manifest& manifest, std::string_view fallback_name,
                                     std::string_view integrity) {
  VersionFacts facts;
  facts.version = manifest.version.empty() ? "0.0.0" : manifest.version;
  for (const Dependency& dependency : manifest.dependencies) {
    if (dependency.kind != DependencyKind::development) facts.dependencies.push_back(dependency);
  }
  facts.bundled = manifest.bundled;
  facts.bins = manifest.bins;
  facts.platform = manifest.platform;
  facts.node_engine = engine_of(manifest);
  facts.has_install_script = has_install_script(manifest);
  facts.integrity = std::string(integrity);
  PackageMetadataBuilder builder(manifest.name.empty() ? fallback_name
                                                       : std::string_view(manifest.name));
  builder.add_tag("latest", facts.version);
  builder.add_version(std::move(facts));
  return make_package_metadata(std::move(builder));
}

Result<resolver::ProvidedSource> provided_by_store(const cache::StoredPackage& package,
                                                   PackageSource source,
                                                   std::string_view fallback_name) {
  HOD_TRY(Manifest manifest, manifest_in(package.folder, Strict::no));
  // What git names, the commit proves; another git may pack the same commit into other bytes.
  bool by_commit = source.kind == PackageSource::Kind::git;
  std::string integrity =
      by_commit ? "" : Integrity::of(DigestAlgorithm::sha512, package.digest.bytes).text();
  return resolver::ProvidedSource{metadata_of_manifest(manifest, fallback_name, integrity),
                                  std::move(source)};
}

Result<resolver::ProvidedSource> provided_by_folder(const std::string& project_root,
                                                    const PackageSource& source,
                                                    std::string_view fallback_name) {
  HOD_TRY(Manifest manifest,
          manifest_in(absolute_location(project_root, source.location), Strict::yes));
  if (source.kind == PackageSource::Kind::link)
    manifest.dependencies.clear();  // link: its dependencies are not ours
  return resolver::ProvidedSource{metadata_of_manifest(manifest, fallback_name, ""), source};
}

Result<resolver::ProvidedSource> provided_by_archive(const std::string& project_root,
                                                     const PackageSource& source,
                                                     std::string_view fallback_name,
                                                     cache::Store& store) {
  std::string path = absolute_location(project_root, source.location);
  HOD_TRY(std::string bytes, read_file(path));
  HOD_TRY(cache::StoredPackagePtr package,
          store.add_tarball(bytes, Integrity(), fallback_name, path));
  return provided_by_store(*package, source, fallback_name);
}

}  // namespace hod::cli
