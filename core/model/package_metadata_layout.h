// SPDX-License-Identifier: MIT
// The bytes of a metadata record, shared by its reader (package_metadata.cc) and its builder.
// Nobody else includes this.
//
// Sections, in this order, each starting at a multiple of 8; integers as the machine has them (the
// magic number shows a record of the other byte order as foreign):
//
//   Header
//   VersionRow[versions]        what the solver reads of each version, ascending by precedence
//   WideNumbers[wide]           major, minor, patch of the few versions that do not fit 32 bits
//   Edge[edges]                 dependency lists; equal lists are stored once, rows point at them
//   int64[times]                publish times: one for each version, or none
//   uint32[texts + 1]           where each text starts in `text_bytes`; the last one: where they
//   end text_bytes                  the name, aliases, specifiers, engines; behind them the
//   versions' own texts
//   ---- from here on only facts of chosen versions: the solver's pages end above
//   TagRow[tags]                sorted by the tag's text
//   DistRow[versions]
//   uint32[extras + 1]          where each extra starts in `extra_words`
//   uint32[extra_words]         bundled, bins, platform, deprecation, signatures: see Extra
//   uint32[cold_texts + 1]
//   cold_bytes
//   digests                     64 bytes each: SHA-512 integrities without their base64
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/model/package_metadata.h"

namespace hod::metadata {

inline constexpr std::uint64_t kMagic =
    0x3141'5445'4D44'4F48;  // "HODMETA1" where the lowest byte comes first
inline constexpr std::uint32_t kFormat = 3;

struct Header {
  std::uint64_t magic = kMagic;
  std::uint32_t format = kFormat;
  std::uint32_t has_publish_times = 0;
  std::uint64_t length = 0;  // of the whole record
  std::int64_t modified = 0;
  // How many rows each section has; sections without a count follow from another's.
  std::uint32_t versions = 0;
  std::uint32_t wide = 0;
  std::uint32_t edges = 0;
  std::uint32_t times = 0;
  std::uint32_t texts = 0;
  std::uint32_t text_bytes = 0;
  std::uint32_t tags = 0;
  std::uint32_t extras = 0;
  std::uint32_t extra_words = 0;
  std::uint32_t cold_texts = 0;
  std::uint32_t cold_bytes = 0;
  std::uint32_t digests = 0;
  // Byte offsets of the sections. They follow from the counts; kept so that an accessor is one load
  // and one add.
  std::uint32_t wide_at = 0;
  std::uint32_t edges_at = 0;
  std::uint32_t times_at = 0;
  std::uint32_t texts_at = 0;
  std::uint32_t text_bytes_at = 0;
  std::uint32_t tags_at = 0;
  std::uint32_t dists_at = 0;
  std::uint32_t extras_at = 0;
  std::uint32_t extra_words_at = 0;
  std::uint32_t cold_texts_at = 0;
  std::uint32_t cold_bytes_at = 0;
  std::uint32_t digests_at = 0;
};
static_assert(sizeof(Header) == 32 + 24 * 4);

inline constexpr std::uint16_t kDeprecated = 1;
inline constexpr std::uint16_t kPlatformNeeds = 2;
inline constexpr std::uint16_t kInstallScript = 4;
inline constexpr std::uint16_t kShrinkwrap = 8;
inline constexpr std::uint16_t kBundled = 32;
inline constexpr std::uint16_t kSigned = 64;
inline constexpr std::uint16_t kWide =
    16;  // `major` is an index into WideNumbers, `minor` and `patch` are 0

struct VersionRow {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  std::uint32_t patch = 0;
  std::uint32_t text_at = 0;  // the version's text: in text_bytes
  std::uint16_t text_size = 0;
  std::uint16_t prerelease_at = 0;  // within the text
  std::uint16_t prerelease_size = 0;
  std::uint16_t build_at = 0;
  std::uint16_t build_size = 0;
  std::uint16_t flags = 0;
  std::uint32_t node_engine = 0;  // text
  std::uint32_t first_edge = 0;
  std::uint32_t edge_count = 0;
};
static_assert(sizeof(VersionRow) == 40);

struct WideNumbers {
  std::uint64_t major = 0;
  std::uint64_t minor = 0;
  std::uint64_t patch = 0;
};

struct TagRow {
  std::uint32_t tag = 0;  // cold text
  std::uint32_t version = 0;
};

inline constexpr std::uint32_t kDigestIntegrity =
    1;  // `integrity` is an index into the digests, else a cold text
inline constexpr std::uint32_t kTarballByRule = 2;  // tarball = cold text + name/-/base-version.tgz

struct DistRow {
  std::uint64_t unpacked_size = 0;
  std::uint64_t file_count = 0;
  std::uint32_t integrity = 0;
  std::uint32_t tarball = 0;
  std::uint32_t extra = 0;
  std::uint32_t flags = 0;
};
static_assert(sizeof(DistRow) == 32);

// An extra is a run of words: the counts of the lists below, the deprecation's text, then the
// lists' cold texts. A bin is two texts, name and path; a signature too, key and value.
struct ExtraHead {
  std::uint32_t bundled = 0;
  std::uint32_t bins = 0;
  std::uint32_t os = 0;
  std::uint32_t cpu = 0;
  std::uint32_t libc = 0;
  std::uint32_t signatures = 0;
  std::uint32_t deprecated = 0;
};
inline constexpr std::size_t kExtraHeadWords = sizeof(ExtraHead) / sizeof(std::uint32_t);

inline constexpr std::size_t kDigestSize = 64;

// Sets the section offsets and the length from the counts. False when the record would reach 4 GiB.
inline bool place_sections(Header& header) {
  std::uint64_t at = sizeof(Header);
  auto place = [&at](std::uint64_t count, std::uint64_t size) {
    const std::uint64_t here = at;
    at = (at + count * size + 7) / 8 * 8;
    return static_cast<std::uint32_t>(here);
  };
  place(header.versions, sizeof(VersionRow));
  header.wide_at = place(header.wide, sizeof(WideNumbers));
  header.edges_at = place(header.edges, sizeof(PackageMetadata::Edge));
  header.times_at = place(header.times, sizeof(std::int64_t));
  header.texts_at = place(std::uint64_t{header.texts} + 1, sizeof(std::uint32_t));
  header.text_bytes_at = place(header.text_bytes, 1);
  header.tags_at = place(header.tags, sizeof(TagRow));
  header.dists_at = place(header.versions, sizeof(DistRow));
  header.extras_at = place(std::uint64_t{header.extras} + 1, sizeof(std::uint32_t));
  header.extra_words_at = place(header.extra_words, sizeof(std::uint32_t));
  header.cold_texts_at = place(std::uint64_t{header.cold_texts} + 1, sizeof(std::uint32_t));
  header.cold_bytes_at = place(header.cold_bytes, 1);
  header.digests_at = place(header.digests, kDigestSize);
  header.length = at;
  return at < (std::uint64_t{1} << 32);
}

}  // namespace hod::metadata
