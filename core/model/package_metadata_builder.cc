// SPDX-License-Identifier: MIT
// Making a metadata record from plain facts. The layout is described in package_metadata_layout.h.
//
// Versions of a package mostly repeat each other: the same dependency list, the same engines, the
// same bins, addresses that differ in the version alone. So everything is interned: texts, whole
// dependency lists, whole extras; a tarball's address that follows the registry's rule is kept as
// its prefix; a SHA-512 as its 64 bytes.
//
// What must stay true: the same facts in any order of add_version() give the same bytes, padding
// included.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <map>
#include <unordered_map>

#include "core/base/encoding.h"
#include "core/model/package_metadata.h"
#include "core/model/package_metadata_layout.h"

namespace hod {

namespace {

using metadata::DistRow;
using metadata::ExtraHead;
using metadata::Header;
using metadata::TagRow;
using metadata::VersionRow;
using metadata::WideNumbers;

// Texts by number, each once. Keys are views: what is interned must outlive the pool.
class TextPool {
 public:
  std::uint32_t intern(std::string_view text) {
    const auto [place, added] =
        numbers_.try_emplace(text, static_cast<std::uint32_t>(starts_.size()) - 1);
    if (added) {
      bytes_.append(text);
      starts_.push_back(static_cast<std::uint32_t>(bytes_.size()));
    }
    return place->second;
  }
  // Bytes without a number, behind all numbered texts. Call only after the last intern().
  std::uint32_t append(std::string_view text) {
    const auto at = static_cast<std::uint32_t>(bytes_.size());
    bytes_.append(text);
    return at;
  }
  const std::vector<std::uint32_t>& starts() const { return starts_; }
  const std::string& bytes() const { return bytes_; }

 private:
  std::unordered_map<std::string_view, std::uint32_t> numbers_;
  std::vector<std::uint32_t> starts_{0};
  std::string bytes_;
};

// Runs of words, each distinct run once. A run's number is whatever the caller says when it is new.
class RunIndex {
 public:
  // The number of `words`, or nothing when they are new; then they have the number `next` from now
  // on.
  std::optional<std::uint32_t> find_or_add(const std::vector<std::uint32_t>& words,
                                           std::uint32_t next) {
    std::string key(reinterpret_cast<const char*>(words.data()),
                    words.size() * sizeof(std::uint32_t));
    const auto [place, added] = numbers_.try_emplace(std::move(key), next);
    if (added) return std::nullopt;
    return place->second;
  }

 private:
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

// An Edge as three words whose unused bytes are zero.
constexpr std::size_t kEdgeWords = 3;
static_assert(sizeof(PackageMetadata::Edge) == kEdgeWords * sizeof(std::uint32_t));
static_assert(offsetof(PackageMetadata::Edge, kind) == 2 * sizeof(std::uint32_t));

std::uint32_t kind_word(DependencyKind kind) {
  std::uint32_t word = 0;
  std::memcpy(&word, &kind, sizeof kind);
  return word;
}

struct ParsedVersion {
  const VersionFacts* facts = nullptr;
  VersionView view;
};

bool earlier(const ParsedVersion& a, const ParsedVersion& b) {
  const auto order = compare_versions_and_build(a.view, b.view);
  return order != 0 ? order < 0 : a.facts->version < b.facts->version;
}

// The versions that are semver, ascending, each text once (the last one added).
std::vector<ParsedVersion> parsed_versions(const std::vector<VersionFacts>& versions) {
  std::vector<ParsedVersion> parsed;
  parsed.reserve(versions.size());
  for (const VersionFacts& facts : versions) {
    if (const auto view = parse_version_view(facts.version)) parsed.push_back({&facts, *view});
  }
  std::stable_sort(parsed.begin(), parsed.end(), earlier);
  std::vector<ParsedVersion> unique;
  unique.reserve(parsed.size());
  for (const ParsedVersion& version : parsed) {
    if (!unique.empty() && unique.back().facts->version == version.facts->version) {
      unique.back() = version;
    } else {
      unique.push_back(version);
    }
  }
  return unique;
}

// `url` less "<name>/-/<base>-<version>.tgz", if it ends so.
std::optional<std::string_view> rule_prefix(std::string_view url, std::string_view name,
                                            std::string_view version) {
  const auto drop = [&url](std::string_view end) {
    if (!url.ends_with(end)) return false;
    url.remove_suffix(end.size());
    return true;
  };
  const std::string_view base = name.substr(name.rfind('/') + 1);
  if (drop(".tgz") && drop(version) && drop("-") && drop(base) && drop("/-/") && drop(name)) {
    return url;
  }
  return std::nullopt;
}

// The digest of an integrity that is one SHA-512 and nothing else, so that its text can be made
// again exactly.
std::optional<std::string> plain_sha512(std::string_view integrity) {
  constexpr std::string_view kPrefix = "sha512-";
  if (!integrity.starts_with(kPrefix)) return std::nullopt;
  const std::string_view encoded = integrity.substr(kPrefix.size());
  std::optional<std::string> digest = from_base64(encoded);
  if (!digest || digest->size() != metadata::kDigestSize || to_base64(*digest) != encoded) {
    return std::nullopt;
  }
  return digest;
}

class RecordWriter {
 public:
  RecordWriter(std::string_view name, const std::vector<ParsedVersion>& versions) : name_(name) {
    texts_.intern(name);
    cold_.intern("");
    for (const ParsedVersion& version : versions) add(version);
    // Behind the numbered texts, so that numbers stay few: solvers keep tables by them.
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      rows_[i].text_at = texts_.append(versions[i].facts->version);
    }
  }

  void add_tag(std::string_view tag, std::uint32_t version) {
    tags_.push_back({cold_.intern(tag), version});
  }

  std::vector<std::byte> write(std::int64_t modified, bool has_publish_times) const {
    Header header = counted();
    header.modified = modified;
    header.has_publish_times = has_publish_times ? 1 : 0;
    HOD_ASSERT(metadata::place_sections(header));  // documents are limited far below 4 GiB
    std::vector<std::byte> record(header.length);
    const auto put = [&record](std::size_t at, const auto& rows) {
      if (!rows.empty())
        std::memcpy(record.data() + at, rows.data(), rows.size() * sizeof(rows[0]));
    };
    std::memcpy(record.data(), &header, sizeof header);
    put(sizeof header, rows_);
    put(header.wide_at, wide_);
    put(header.edges_at, edge_words_);
    if (header.times != 0) put(header.times_at, times_);
    put(header.texts_at, texts_.starts());
    put(header.text_bytes_at, texts_.bytes());
    put(header.tags_at, tags_);
    put(header.dists_at, dists_);
    put(header.extras_at, extra_starts_);
    put(header.extra_words_at, extra_words_);
    put(header.cold_texts_at, cold_.starts());
    put(header.cold_bytes_at, cold_.bytes());
    put(header.digests_at, digests_);
    return record;
  }

 private:
  Header counted() const {
    const auto count = [](std::size_t size) { return static_cast<std::uint32_t>(size); };
    const bool any_time =
        std::any_of(times_.begin(), times_.end(), [](std::int64_t time) { return time != 0; });
    Header header;
    header.versions = count(rows_.size());
    header.wide = count(wide_.size());
    header.edges = count(edge_words_.size() / kEdgeWords);
    header.times = any_time ? count(times_.size()) : 0;
    header.texts = count(texts_.starts().size() - 1);
    header.text_bytes = count(texts_.bytes().size());
    header.tags = count(tags_.size());
    header.extras = count(extra_starts_.size() - 1);
    header.extra_words = count(extra_words_.size());
    header.cold_texts = count(cold_.starts().size() - 1);
    header.cold_bytes = count(cold_.bytes().size());
    header.digests = count(digests_.size() / metadata::kDigestSize);
    return header;
  }

  void add(const ParsedVersion& version) {
    const VersionFacts& facts = *version.facts;
    VersionRow row;
    set_numbers(row, version.view);
    const auto place = [&facts](std::string_view part) {
      return static_cast<std::uint16_t>(part.empty() ? 0 : part.data() - facts.version.data());
    };
    row.text_size = static_cast<std::uint16_t>(facts.version.size());
    row.prerelease_at = place(version.view.prerelease);
    row.prerelease_size = static_cast<std::uint16_t>(version.view.prerelease.size());
    row.build_at = place(version.view.build);
    row.build_size = static_cast<std::uint16_t>(version.view.build.size());
    row.node_engine = texts_.intern(facts.node_engine);
    const auto flag = [&row](bool set, std::uint16_t bit) {
      if (set) row.flags = static_cast<std::uint16_t>(row.flags | bit);
    };
    flag(!facts.deprecated.empty(), metadata::kDeprecated);
    flag(!facts.platform.empty(), metadata::kPlatformNeeds);
    flag(facts.has_install_script, metadata::kInstallScript);
    flag(facts.has_shrinkwrap, metadata::kShrinkwrap);
    flag(!facts.bundled.empty(), metadata::kBundled);
    flag(!facts.signatures.empty(), metadata::kSigned);
    add_edges(row, facts.dependencies);
    rows_.push_back(row);
    times_.push_back(facts.published);
    add_dist(facts);
  }

  void set_numbers(VersionRow& row, const VersionView& view) {
    constexpr std::uint64_t kMax = 0xFFFF'FFFF;
    if (view.major <= kMax && view.minor <= kMax && view.patch <= kMax) {
      row.major = static_cast<std::uint32_t>(view.major);
      row.minor = static_cast<std::uint32_t>(view.minor);
      row.patch = static_cast<std::uint32_t>(view.patch);
      return;
    }
    row.flags = metadata::kWide;
    row.major = static_cast<std::uint32_t>(wide_.size());
    wide_.push_back({view.major, view.minor, view.patch});
  }

  void add_edges(VersionRow& row, const std::vector<Dependency>& dependencies) {
    std::vector<const Dependency*> sorted;
    sorted.reserve(dependencies.size());
    for (const Dependency& dependency : dependencies) {
      if (dependency.kind != DependencyKind::development) sorted.push_back(&dependency);
    }
    std::stable_sort(sorted.begin(), sorted.end(), [](const Dependency* a, const Dependency* b) {
      const int order = a->alias.compare(b->alias);
      return order != 0 ? order < 0 : a->kind < b->kind;
    });
    std::vector<std::uint32_t> words;
    words.reserve(sorted.size() * kEdgeWords);
    for (const Dependency* dependency : sorted) {
      words.push_back(texts_.intern(dependency->alias));
      words.push_back(texts_.intern(dependency->specifier));
      words.push_back(kind_word(dependency->kind));
    }
    row.edge_count = static_cast<std::uint32_t>(sorted.size());
    if (sorted.empty()) return;
    const auto next = static_cast<std::uint32_t>(edge_words_.size() / kEdgeWords);
    const auto known = edge_lists_.find_or_add(words, next);
    if (!known) edge_words_.insert(edge_words_.end(), words.begin(), words.end());
    row.first_edge = known.value_or(next);
  }

  void add_dist(const VersionFacts& facts) {
    DistRow row;
    row.unpacked_size = facts.unpacked_size;
    row.file_count = facts.file_count;
    if (const auto digest = plain_sha512(facts.integrity)) {
      row.flags |= metadata::kDigestIntegrity;
      row.integrity = static_cast<std::uint32_t>(digests_.size() / metadata::kDigestSize);
      digests_.append(*digest);
    } else {
      row.integrity = cold_.intern(facts.integrity);
    }
    if (const auto prefix = rule_prefix(facts.tarball, name_, facts.version)) {
      row.flags |= metadata::kTarballByRule;
      row.tarball = cold_.intern(*prefix);
    } else {
      row.tarball = cold_.intern(facts.tarball);
    }
    row.extra = add_extra(facts);
    dists_.push_back(row);
  }

  std::uint32_t add_extra(const VersionFacts& facts) {
    const auto count = [](const auto& list) { return static_cast<std::uint32_t>(list.size()); };
    const ExtraHead head{count(facts.bundled),          count(facts.bins),
                         count(facts.platform.os),      count(facts.platform.cpu),
                         count(facts.platform.libc),    count(facts.signatures),
                         cold_.intern(facts.deprecated)};
    std::vector<std::uint32_t> words(metadata::kExtraHeadWords);
    std::memcpy(words.data(), &head, sizeof head);
    const auto add_list = [&](const std::vector<std::string>& list) {
      for (const std::string& text : list) words.push_back(cold_.intern(text));
    };
    add_list(facts.bundled);
    for (const Bin& bin : facts.bins) {
      words.push_back(cold_.intern(bin.name));
      words.push_back(cold_.intern(bin.path));
    }
    add_list(facts.platform.os);
    add_list(facts.platform.cpu);
    add_list(facts.platform.libc);
    for (const DistSignature& signature : facts.signatures) {
      words.push_back(cold_.intern(signature.key_id));
      words.push_back(cold_.intern(signature.signature));
    }
    const auto next = static_cast<std::uint32_t>(extra_starts_.size() - 1);
    const auto known = extra_runs_.find_or_add(words, next);
    if (known) return *known;
    extra_words_.insert(extra_words_.end(), words.begin(), words.end());
    extra_starts_.push_back(static_cast<std::uint32_t>(extra_words_.size()));
    return next;
  }

  std::string_view name_;
  TextPool texts_;
  TextPool cold_;
  RunIndex edge_lists_;
  RunIndex extra_runs_;
  std::vector<VersionRow> rows_;
  std::vector<WideNumbers> wide_;
  std::vector<std::uint32_t> edge_words_;
  std::vector<std::int64_t> times_;
  std::vector<TagRow> tags_;
  std::vector<DistRow> dists_;
  std::vector<std::uint32_t> extra_starts_{0};
  std::vector<std::uint32_t> extra_words_;
  std::string digests_;
};

}  // namespace

struct PackageMetadataBuilder::State {
  std::string name;
  std::int64_t modified = 0;
  bool has_publish_times = false;
  std::vector<VersionFacts> versions;
  std::map<std::string, std::string, std::less<>> tags;  // sorted: the record is searched by halves
};

PackageMetadataBuilder::PackageMetadataBuilder(std::string_view name)
    : state_(std::make_shared<State>()) {
  state_->name = name;
}

void PackageMetadataBuilder::set_modified(std::int64_t seconds) { state_->modified = seconds; }

void PackageMetadataBuilder::set_has_publish_times(bool has) { state_->has_publish_times = has; }

void PackageMetadataBuilder::add_version(VersionFacts facts) {
  state_->versions.push_back(std::move(facts));
}

void PackageMetadataBuilder::add_tag(std::string_view tag, std::string_view version) {
  state_->tags.insert_or_assign(std::string(tag), std::string(version));
}

std::vector<std::byte> PackageMetadataBuilder::build() && {
  const std::vector<ParsedVersion> versions = parsed_versions(state_->versions);
  RecordWriter writer(state_->name, versions);
  std::unordered_map<std::string_view, std::uint32_t> numbers;
  for (std::uint32_t i = 0; i < versions.size(); ++i) numbers[versions[i].facts->version] = i;
  for (const auto& [tag, version] : state_->tags) {
    const auto found = numbers.find(version);
    if (found != numbers.end()) writer.add_tag(tag, found->second);
  }
  return writer.write(state_->modified, state_->has_publish_times);
}

PackageMetadata make_package_metadata(PackageMetadataBuilder&& builder) {
  auto bytes = std::make_shared<const std::vector<std::byte>>(std::move(builder).build());
  const std::span<const std::byte> view = *bytes;
  return must(PackageMetadata::open(view, std::move(bytes)));
}

}  // namespace hod
