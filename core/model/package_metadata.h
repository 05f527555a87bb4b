// All versions of one package, flat: what a packument says as far as installs need it, in about 7 %
// of its bytes.
//
// A record is one block of bytes (layout in package_metadata.cc), used in place from memory or an
// mmapped file. It is untrusted after a crash: open() checks magic, format version, checksum-free
// structure and every offset once; afterwards accessors are plain loads. Versions that are no
// semver are dropped by the builder. Sorted ascending by semver precedence.
//
// Also used, with one version, for what git, tarball and folder sources hold.
// Threads: immutable; copies share the bytes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/result.h"
#include "core/model/bins.h"
#include "core/model/dependency.h"
#include "core/model/platform.h"
#include "core/model/version.h"

namespace hod {

// `dist.signatures`: what the registry signed of this version, with which of its keys.
struct DistSignature {
  std::string key_id;
  std::string signature;  // base64 of DER
  friend bool operator==(const DistSignature&, const DistSignature&) = default;
};

// Everything about one version, as plain data: what the builder takes and what tests write down.
struct VersionFacts {
  std::string version;
  std::vector<Dependency> dependencies;  // production, optional, peer, optional_peer
  std::vector<std::string> bundled;
  std::vector<Bin> bins;
  PlatformNeeds platform;
  std::string node_engine;  // engines.node
  std::string deprecated;   // the message; empty: not deprecated
  bool has_install_script = false;
  bool has_shrinkwrap = false;
  std::string integrity;            // SRI text; of dist.integrity, else made from dist.shasum
  std::string tarball;              // dist.tarball
  std::uint64_t unpacked_size = 0;  // bytes, 0: unknown
  std::uint64_t file_count = 0;     // 0: unknown
  std::int64_t published = 0;       // seconds since the epoch, 0: unknown
  std::vector<DistSignature> signatures;
  friend bool operator==(const VersionFacts&, const VersionFacts&) = default;
};

// same_bytes: the caller knows that these are the very bytes which a builder made (their sum is
// right, or nothing can have happened to them since they were written); then only the head is
// looked at.
enum class RecordTrust : std::uint8_t { none, same_bytes };

class PackageMetadata {
 public:
  // `owner` keeps `bytes` alive. Error: metadata_invalid.
  static Result<PackageMetadata> open(std::span<const std::byte> bytes,
                                      std::shared_ptr<const void> owner,
                                      RecordTrust trust = RecordTrust::none);

  std::string_view name() const;
  std::int64_t modified()
      const;  // seconds since the epoch of the packument's `modified`; 0: unknown
  bool has_publish_times() const;  // full documents have them, abbreviated ones not
  std::uint32_t version_count() const;

  // --- facts the solver reads in its loop: integers and views, no allocation. `i` <
  // version_count().
  struct Edge {
    std::uint32_t alias;  // index for text()
    std::uint32_t
        specifier;  // index for text(): equal specifiers have equal indices within one record
    DependencyKind kind;
  };
  VersionView version(std::uint32_t i) const;
  std::string_view version_text(std::uint32_t i) const;
  std::span<const Edge> edges(std::uint32_t i) const;  // sorted by alias text
  std::string_view text(std::uint32_t index) const;
  std::uint32_t text_count() const;
  bool is_deprecated(std::uint32_t i) const;
  bool has_platform_needs(std::uint32_t i) const;
  bool has_bundled(std::uint32_t i) const;
  bool is_signed(std::uint32_t i) const;
  std::string_view node_engine(std::uint32_t i) const;
  std::int64_t published(std::uint32_t i) const;

  // --- facts for the chosen version only.
  VersionFacts facts(std::uint32_t i) const;
  VersionFacts release_facts(std::uint32_t i) const;  // all but the dependencies

  std::optional<std::uint32_t> find(
      std::string_view version_text) const;  // by exact text, then by equal precedence
  std::optional<std::uint32_t> tag(std::string_view tag) const;  // dist-tag → version index
  std::vector<std::pair<std::string, std::string>> tags() const;

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  std::span<const std::byte> bytes_;
  std::shared_ptr<const void> owner_;
};

class PackageMetadataBuilder {
 public:
  explicit PackageMetadataBuilder(std::string_view name);
  void set_modified(std::int64_t seconds);
  void set_has_publish_times(bool has);
  void add_version(VersionFacts facts);  // in any order; no semver: dropped; the same version
                                         // twice: the last one counts
  void add_tag(std::string_view tag, std::string_view version);
  std::vector<std::byte> build() &&;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// build() and open() in one, owning the bytes.
PackageMetadata make_package_metadata(PackageMetadataBuilder&& builder);

}  // namespace hod
