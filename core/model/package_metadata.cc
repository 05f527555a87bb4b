// SPDX-License-Identifier: MIT
// Reading a metadata record in place. The layout is described in package_metadata_layout.h.
//
// A record may come from a file that a power cut left half written, so nothing in it is believed
// before open() has looked at it; and since a resolution opens hundreds of records and most of
// their versions are never asked for, that look has to cost nanoseconds a version. Hence the
// layout: sections follow from counts alone (one comparison proves them all), every variable part
// is an index into a table that is checked once, and no text is parsed.
//
// What must stay true:
//  (1) After open() succeeded no accessor can read outside the record, whatever the bytes are, as
//  long as its index is
//      below the count that belongs to it.
//  (2) Versions ascend by precedence; open() refuses records in another order, since the solver's
//  bitsets rely on it. (3) Copies share the bytes; nothing is ever written to them.
#include "core/model/package_metadata.h"

#include <algorithm>
#include <cstring>

#include "core/base/encoding.h"
#include "core/model/package_metadata_layout.h"

namespace hod {

namespace {

using metadata::DistRow;
using metadata::ExtraHead;
using metadata::Header;
using metadata::TagRow;
using metadata::VersionRow;
using metadata::WideNumbers;

template <class T>
const T* section(std::span<const std::byte> bytes, std::size_t at) {
  return reinterpret_cast<const T*>(bytes.data() + at);
}

const Header& header_of(std::span<const std::byte> bytes) { return *section<Header>(bytes, 0); }

std::span<const VersionRow> rows_of(std::span<const std::byte> bytes) {
  return {section<VersionRow>(bytes, sizeof(Header)), header_of(bytes).versions};
}

const VersionRow& row_of(std::span<const std::byte> bytes, std::uint32_t i) {
  HOD_ASSERT(i < header_of(bytes).versions);
  return section<VersionRow>(bytes, sizeof(Header))[i];
}

std::string_view chars(std::span<const std::byte> bytes, std::size_t at, std::size_t size) {
  return {section<char>(bytes, at), size};
}

std::string_view hot_text(std::span<const std::byte> bytes, std::uint32_t index) {
  const Header& header = header_of(bytes);
  const auto* starts = section<std::uint32_t>(bytes, header.texts_at);
  return chars(bytes, header.text_bytes_at + std::size_t{starts[index]},
               starts[index + 1] - starts[index]);
}

std::string_view cold_text(std::span<const std::byte> bytes, std::uint32_t index) {
  const Header& header = header_of(bytes);
  const auto* starts = section<std::uint32_t>(bytes, header.cold_texts_at);
  return chars(bytes, header.cold_bytes_at + std::size_t{starts[index]},
               starts[index + 1] - starts[index]);
}

std::string_view text_of(std::span<const std::byte> bytes, const VersionRow& row) {
  return chars(bytes, header_of(bytes).text_bytes_at + std::size_t{row.text_at}, row.text_size);
}

VersionView view_of(std::span<const std::byte> bytes, const VersionRow& row) {
  const std::string_view text = text_of(bytes, row);
  VersionView view{row.major, row.minor, row.patch,
                   text.substr(row.prerelease_at, row.prerelease_size),
                   text.substr(row.build_at, row.build_size)};
  if (row.flags & metadata::kWide) {
    const auto& wide = section<WideNumbers>(bytes, header_of(bytes).wide_at)[row.major];
    view.major = wide.major;
    view.minor = wide.minor;
    view.patch = wide.patch;
  }
  return view;
}

tl::unexpected<Error> invalid(std::string_view why) {
  return failure(ErrorCode::metadata_invalid, "a metadata record is damaged: " + std::string(why));
}

// The offsets and the length that the header claims are those that follow from its counts.
bool sections_fit(const Header& header, std::size_t size) {
  Header expected = header;
  if (!metadata::place_sections(expected)) return false;
  return expected.length == size && std::memcmp(&expected, &header, sizeof header) == 0;
}

// starts[0] = 0, ascending, the last one within `limit`. Written without an early exit, so that it
// is vectorised.
bool starts_ascend(const std::uint32_t* starts, std::uint32_t count, std::uint32_t limit) {
  std::uint32_t wrong = starts[0];
  for (std::uint32_t i = 0; i < count; ++i) {
    wrong |= static_cast<std::uint32_t>(starts[i] > starts[i + 1]);
  }
  return wrong == 0 && starts[count] <= limit;
}

bool row_fits(const Header& header, const VersionRow& row) {
  const auto within = [](std::uint64_t at, std::uint64_t size, std::uint64_t limit) {
    return at + size <= limit;
  };
  return within(row.text_at, row.text_size, header.text_bytes) &&
         within(row.prerelease_at, row.prerelease_size, row.text_size) &&
         within(row.build_at, row.build_size, row.text_size) && row.node_engine < header.texts &&
         within(row.first_edge, row.edge_count, header.edges) &&
         (!(row.flags & metadata::kWide) || row.major < header.wide);
}

bool versions_ascend(std::span<const std::byte> bytes, const VersionRow& a, const VersionRow& b) {
  constexpr auto kPlain = [](const VersionRow& row) {
    return row.prerelease_size == 0 && !(row.flags & metadata::kWide);
  };
  if (kPlain(a) && kPlain(b)) {
    if (a.major != b.major) return a.major < b.major;
    if (a.minor != b.minor) return a.minor < b.minor;
    return a.patch <= b.patch;
  }
  return compare_versions(view_of(bytes, a), view_of(bytes, b)) <= 0;
}

bool versions_hold(std::span<const std::byte> bytes) {
  const Header& header = header_of(bytes);
  const std::span<const VersionRow> rows = rows_of(bytes);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (!row_fits(header, rows[i])) return false;
    if (i > 0 && !versions_ascend(bytes, rows[i - 1], rows[i])) return false;
  }
  return true;
}

bool edges_hold(std::span<const std::byte> bytes) {
  const Header& header = header_of(bytes);
  const auto* edges = section<PackageMetadata::Edge>(bytes, header.edges_at);
  bool holds = true;
  for (std::uint32_t i = 0; i < header.edges; ++i) {
    holds &= edges[i].alias < header.texts && edges[i].specifier < header.texts &&
             edges[i].kind <= DependencyKind::optional_peer;
  }
  return holds;
}

bool tags_hold(std::span<const std::byte> bytes) {
  const Header& header = header_of(bytes);
  const auto* tags = section<TagRow>(bytes, header.tags_at);
  return std::all_of(tags, tags + header.tags, [&header](const TagRow& row) {
    return row.tag < header.cold_texts && row.version < header.versions;
  });
}

bool dists_hold(std::span<const std::byte> bytes) {
  const Header& header = header_of(bytes);
  const auto* rows = section<DistRow>(bytes, header.dists_at);
  bool holds = true;
  for (std::uint32_t i = 0; i < header.versions; ++i) {
    const DistRow& row = rows[i];
    const std::uint32_t integrities =
        row.flags & metadata::kDigestIntegrity ? header.digests : header.cold_texts;
    holds &=
        row.integrity < integrities && row.tarball < header.cold_texts && row.extra < header.extras;
  }
  return holds;
}

ExtraHead extra_head(const std::uint32_t* words) {
  return {words[0], words[1], words[2], words[3], words[4], words[5], words[6]};
}
static_assert(metadata::kExtraHeadWords == 7);

bool extra_holds(const Header& header, const std::uint32_t* words, std::size_t size) {
  if (size < metadata::kExtraHeadWords) return false;
  const ExtraHead head = extra_head(words);
  const std::uint64_t lists = std::uint64_t{head.bundled} + std::uint64_t{head.bins} * 2 + head.os +
                              head.cpu + std::uint64_t{head.libc} +
                              std::uint64_t{head.signatures} * 2;
  if (lists != size - metadata::kExtraHeadWords || head.deprecated >= header.cold_texts) {
    return false;
  }
  return std::all_of(words + metadata::kExtraHeadWords, words + size,
                     [&header](std::uint32_t index) { return index < header.cold_texts; });
}

bool extras_hold(std::span<const std::byte> bytes) {
  const Header& header = header_of(bytes);
  const auto* starts = section<std::uint32_t>(bytes, header.extras_at);
  const auto* words = section<std::uint32_t>(bytes, header.extra_words_at);
  if (!starts_ascend(starts, header.extras, header.extra_words)) return false;
  for (std::uint32_t i = 0; i < header.extras; ++i) {
    if (!extra_holds(header, words + starts[i], starts[i + 1] - starts[i])) return false;
  }
  return true;
}

Result<void> check_head(std::span<const std::byte> bytes) {
  if (bytes.size() < sizeof(Header)) return invalid("it is shorter than its header");
  const Header& header = header_of(bytes);
  if (header.magic != metadata::kMagic) return invalid("it does not begin as one");
  if (header.format != metadata::kFormat) return invalid("it has another format version");
  if (!sections_fit(header, bytes.size())) return invalid("its length is not what its parts need");
  return {};
}

Result<void> check(std::span<const std::byte> bytes) {
  HOD_CHECK(check_head(bytes));
  const Header& header = header_of(bytes);
  // The first text is the name, the first cold one is empty: both always exist.
  if (header.texts == 0 || header.cold_texts == 0) return invalid("it has no name");
  if (header.times != 0 && header.times != header.versions) return invalid("its times are cut");
  if (!starts_ascend(section<std::uint32_t>(bytes, header.texts_at), header.texts,
                     header.text_bytes) ||
      !starts_ascend(section<std::uint32_t>(bytes, header.cold_texts_at), header.cold_texts,
                     header.cold_bytes)) {
    return invalid("its texts overlap");
  }
  if (!versions_hold(bytes)) return invalid("its versions do not hold together");
  if (!edges_hold(bytes)) return invalid("its dependency lists do not hold together");
  if (!tags_hold(bytes) || !dists_hold(bytes) || !extras_hold(bytes)) {
    return invalid("its distribution facts do not hold together");
  }
  return {};
}

// The tarball's address by the registry's rule, see kTarballByRule.
std::string tarball_by_rule(std::string_view prefix, std::string_view name,
                            std::string_view version) {
  const std::string_view base = name.substr(name.rfind('/') + 1);  // npos + 1 = 0: the whole name
  std::string url(prefix);
  url.append(name).append("/-/").append(base).append("-").append(version).append(".tgz");
  return url;
}

void read_extra(std::span<const std::byte> bytes, std::uint32_t index, VersionFacts& facts) {
  const Header& header = header_of(bytes);
  const std::uint32_t* next = section<std::uint32_t>(bytes, header.extra_words_at) +
                              section<std::uint32_t>(bytes, header.extras_at)[index];
  const ExtraHead head = extra_head(next);
  next += metadata::kExtraHeadWords;
  const auto take = [&] { return std::string(cold_text(bytes, *next++)); };
  const auto take_list = [&](std::uint32_t count) {
    std::vector<std::string> list;
    list.reserve(count);
    for (std::uint32_t i = 0; i < count; ++i) list.push_back(take());
    return list;
  };
  facts.deprecated = cold_text(bytes, head.deprecated);
  facts.bundled = take_list(head.bundled);
  for (std::uint32_t i = 0; i < head.bins; ++i) {
    std::string name = take();
    facts.bins.push_back({std::move(name), take()});
  }
  facts.platform.os = take_list(head.os);
  facts.platform.cpu = take_list(head.cpu);
  facts.platform.libc = take_list(head.libc);
  for (std::uint32_t i = 0; i < head.signatures; ++i) {
    std::string key_id = take();
    facts.signatures.push_back({std::move(key_id), take()});
  }
}

}  // namespace

Result<PackageMetadata> PackageMetadata::open(std::span<const std::byte> bytes,
                                              std::shared_ptr<const void> owner,
                                              RecordTrust trust) {
  PackageMetadata record;
  if (reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(Header) != 0) {
    // Rows are read in place, so they must be aligned; a record out of the middle of a buffer need
    // not be.
    auto copy = std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
    bytes = *copy;
    owner = std::move(copy);
  }
  HOD_CHECK(trust == RecordTrust::none ? check(bytes) : check_head(bytes));
  record.bytes_ = bytes;
  record.owner_ = std::move(owner);
  return record;
}

std::string_view PackageMetadata::name() const { return hot_text(bytes_, 0); }

std::int64_t PackageMetadata::modified() const { return header_of(bytes_).modified; }

bool PackageMetadata::has_publish_times() const { return header_of(bytes_).has_publish_times != 0; }

std::uint32_t PackageMetadata::version_count() const { return header_of(bytes_).versions; }

VersionView PackageMetadata::version(std::uint32_t i) const {
  return view_of(bytes_, row_of(bytes_, i));
}

std::string_view PackageMetadata::version_text(std::uint32_t i) const {
  return text_of(bytes_, row_of(bytes_, i));
}

std::span<const PackageMetadata::Edge> PackageMetadata::edges(std::uint32_t i) const {
  const VersionRow& row = row_of(bytes_, i);
  return {section<Edge>(bytes_, header_of(bytes_).edges_at) + row.first_edge, row.edge_count};
}

std::string_view PackageMetadata::text(std::uint32_t index) const {
  HOD_ASSERT(index < header_of(bytes_).texts);
  return hot_text(bytes_, index);
}

std::uint32_t PackageMetadata::text_count() const { return header_of(bytes_).texts; }

bool PackageMetadata::is_deprecated(std::uint32_t i) const {
  return (row_of(bytes_, i).flags & metadata::kDeprecated) != 0;
}

bool PackageMetadata::has_platform_needs(std::uint32_t i) const {
  return (row_of(bytes_, i).flags & metadata::kPlatformNeeds) != 0;
}

bool PackageMetadata::has_bundled(std::uint32_t i) const {
  return (row_of(bytes_, i).flags & metadata::kBundled) != 0;
}

bool PackageMetadata::is_signed(std::uint32_t i) const {
  return (row_of(bytes_, i).flags & metadata::kSigned) != 0;
}

std::string_view PackageMetadata::node_engine(std::uint32_t i) const {
  return hot_text(bytes_, row_of(bytes_, i).node_engine);
}

std::int64_t PackageMetadata::published(std::uint32_t i) const {
  const Header& header = header_of(bytes_);
  HOD_ASSERT(i < header.versions);
  return header.times == 0 ? 0 : section<std::int64_t>(bytes_, header.times_at)[i];
}

VersionFacts PackageMetadata::facts(std::uint32_t i) const {
  VersionFacts facts = release_facts(i);
  for (const Edge& edge : edges(i)) {
    facts.dependencies.push_back(
        {std::string(text(edge.alias)), std::string(text(edge.specifier)), edge.kind});
  }
  return facts;
}

VersionFacts PackageMetadata::release_facts(std::uint32_t i) const {
  const VersionRow& row = row_of(bytes_, i);
  const Header& header = header_of(bytes_);
  const DistRow& dist = section<DistRow>(bytes_, header.dists_at)[i];
  VersionFacts facts;
  facts.version = text_of(bytes_, row);
  facts.node_engine = node_engine(i);
  facts.has_install_script = (row.flags & metadata::kInstallScript) != 0;
  facts.has_shrinkwrap = (row.flags & metadata::kShrinkwrap) != 0;
  facts.published = published(i);
  read_extra(bytes_, dist.extra, facts);
  if (dist.flags & metadata::kDigestIntegrity) {
    facts.integrity =
        "sha512-" +
        to_base64(chars(bytes_,
                        header.digests_at + std::size_t{dist.integrity} * metadata::kDigestSize,
                        metadata::kDigestSize));
  } else {
    facts.integrity = cold_text(bytes_, dist.integrity);
  }
  const std::string_view tarball = cold_text(bytes_, dist.tarball);
  facts.tarball = dist.flags & metadata::kTarballByRule
                      ? tarball_by_rule(tarball, name(), facts.version)
                      : std::string(tarball);
  facts.unpacked_size = dist.unpacked_size;
  facts.file_count = dist.file_count;
  return facts;
}

std::optional<std::uint32_t> PackageMetadata::find(std::string_view version_text) const {
  const std::optional<VersionView> wanted = parse_version_view(version_text);
  if (!wanted) return std::nullopt;
  const std::span<const VersionRow> rows = rows_of(bytes_);
  const auto first = std::lower_bound(rows.begin(), rows.end(), *wanted,
                                      [this](const VersionRow& row, const VersionView& view) {
                                        return compare_versions(view_of(bytes_, row), view) < 0;
                                      });
  std::optional<std::uint32_t> equal;
  for (auto row = first; row != rows.end(); ++row) {
    if (compare_versions(view_of(bytes_, *row), *wanted) != 0) break;
    const auto i = static_cast<std::uint32_t>(row - rows.begin());
    if (text_of(bytes_, *row) == version_text) return i;
    if (!equal) equal = i;
  }
  return equal;
}

std::optional<std::uint32_t> PackageMetadata::tag(std::string_view tag) const {
  const Header& header = header_of(bytes_);
  const auto* begin = section<TagRow>(bytes_, header.tags_at);
  const auto* end = begin + header.tags;
  const auto* row = std::lower_bound(begin, end, tag, [this](const TagRow& a, std::string_view b) {
    return cold_text(bytes_, a.tag) < b;
  });
  if (row == end || cold_text(bytes_, row->tag) != tag) return std::nullopt;
  return row->version;
}

std::vector<std::pair<std::string, std::string>> PackageMetadata::tags() const {
  const Header& header = header_of(bytes_);
  const auto* rows = section<TagRow>(bytes_, header.tags_at);
  std::vector<std::pair<std::string, std::string>> tags;
  tags.reserve(header.tags);
  for (std::uint32_t i = 0; i < header.tags; ++i) {
    tags.emplace_back(cold_text(bytes_, rows[i].tag), version_text(rows[i].version));
  }
  return tags;
}

}  // namespace hod
