// SPDX-License-Identifier: MIT
// Reading, comparing and printing integrity strings.
//
// Why digests stay base64 text: ssri compares texts, and so two spellings of one digest (with and
// without padding, `-` for `+`) are different to it. Being as strict costs nothing, as every digest
// we compute is written the one standard way.
//
// What must stay true:
//  (1) strongest() depends on the algorithms that were named, never on whether their values are
//  usable (T-LOCK-06). (2) Parsing takes one pass over the text (T-RES-03).
#include "core/model/integrity.h"

#include <algorithm>
#include <array>

#include "core/base/ascii.h"
#include "core/base/ecma_text.h"
#include "core/base/encoding.h"

namespace hod {
namespace {

struct Algorithm {
  DigestAlgorithm id;
  std::string_view name;
  std::size_t size;  // bytes
};
constexpr std::array<Algorithm, 6> kAlgorithms = {{{DigestAlgorithm::md5, "md5", 16},
                                                   {DigestAlgorithm::sha1, "sha1", 20},
                                                   {DigestAlgorithm::sha224, "sha224", 28},
                                                   {DigestAlgorithm::sha256, "sha256", 32},
                                                   {DigestAlgorithm::sha384, "sha384", 48},
                                                   {DigestAlgorithm::sha512, "sha512", 64}}};

const Algorithm& row_of(DigestAlgorithm algorithm) {
  return kAlgorithms[static_cast<std::size_t>(algorithm)];
}

// The length in base64 of the shortest and longest digest that strict mode knows.
constexpr std::size_t kShortestStrict = 44;
constexpr std::size_t kLongestStrict = 88;

bool is_strict_algorithm(DigestAlgorithm algorithm) { return algorithm >= DigestAlgorithm::sha256; }

bool is_printable_ascii(char c) { return c > ' ' && c <= '~'; }

bool is_base64_character(char c) { return is_ascii_alphanumeric(c) || c == '+' || c == '/'; }

// Letters of the alphabet, then at most two `=`.
bool is_base64_text(std::string_view text) {
  std::size_t length = text.size();
  while (length > 0 && text.size() - length < 2 && text[length - 1] == '=') --length;
  return length > 0 && std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length),
                                   is_base64_character);
}

// Where the first white space is.
std::size_t end_of_word(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && ecma_space_length(text, end) == 0) ++end;
  return end;
}

std::string_view without_leading_space(std::string_view text) {
  while (const std::size_t length = ecma_space_length(text, 0)) text.remove_prefix(length);
  return text;
}

bool options_are_readable(std::string_view options, StrictIntegrity strict) {
  if (strict == StrictIntegrity::yes) {
    return std::all_of(options.begin(), options.end(), is_printable_ascii);
  }
  return end_of_word(options) == options.size();
}

bool digest_is_readable(std::string_view digest, StrictIntegrity strict) {
  if (digest.empty()) return false;
  if (strict == StrictIntegrity::no) return true;
  return digest.size() >= kShortestStrict && digest.size() <= kLongestStrict &&
         std::all_of(digest.begin(), digest.end(),
                     [](char c) { return is_base64_character(c) || c == '='; });
}

// "a?b?" → a, b, "".
std::vector<std::string> split_options(std::string_view text) {
  std::vector<std::string> options;
  for (;;) {
    const std::size_t end = text.find('?');
    options.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return options;
    text.remove_prefix(end + 1);
  }
}

bool may_be_printed_strictly(const IntegrityHash& hash) {
  return is_strict_algorithm(hash.algorithm) && is_base64_text(hash.base64) &&
         std::all_of(hash.options.begin(), hash.options.end(), [](const std::string& option) {
           return !option.empty() && std::all_of(option.begin(), option.end(), is_printable_ascii);
         });
}

void append(std::string& text, std::string_view separator, const std::string& part) {
  if (!text.empty()) text += separator;
  text += part;
}

// The hashes of one algorithm. As ssri has it, a hash that strict mode leaves out behind one that
// it prints leaves its separator behind.
std::string group_text(const std::vector<IntegrityHash>& hashes, DigestAlgorithm algorithm,
                       std::string_view separator, StrictIntegrity strict) {
  std::string result;
  bool separator_due = false;
  for (const IntegrityHash& hash : hashes) {
    if (hash.algorithm != algorithm) continue;
    if (separator_due) result += separator;
    separator_due = strict == StrictIntegrity::no || may_be_printed_strictly(hash);
    if (separator_due) result += hash.text();
  }
  return result;
}

// A strict separator is made of blanks: each run of other characters becomes one.
std::string blanks_of(std::string_view separator) {
  std::string result;
  while (!separator.empty()) {
    const std::size_t space = ecma_space_length(separator, 0);
    if (space == 0) {
      result += ' ';
    } else {
      result += separator.substr(0, space);
    }
    separator.remove_prefix(space != 0 ? space : end_of_word(separator));
  }
  return result;
}

}  // namespace

std::string_view algorithm_name(DigestAlgorithm algorithm) { return row_of(algorithm).name; }

std::size_t digest_size(DigestAlgorithm algorithm) { return row_of(algorithm).size; }

std::optional<DigestAlgorithm> parse_algorithm(std::string_view name) {
  for (const Algorithm& algorithm : kAlgorithms) {
    if (algorithm.name == name) return algorithm.id;
  }
  return std::nullopt;
}

std::optional<IntegrityHash> IntegrityHash::parse(std::string_view text, StrictIntegrity strict) {
  text = ecma_trimmed(text);
  const std::size_t dash = text.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::optional<DigestAlgorithm> algorithm = parse_algorithm(text.substr(0, dash));
  if (!algorithm) return std::nullopt;
  if (strict == StrictIntegrity::yes && !is_strict_algorithm(*algorithm)) return std::nullopt;

  const std::size_t question = text.find('?', dash + 1);
  const std::string_view digest = text.substr(dash + 1, question - dash - 1);
  if (!digest_is_readable(digest, strict)) return std::nullopt;

  IntegrityHash hash{*algorithm, std::string(digest), {}};
  if (question != std::string_view::npos) {
    const std::string_view options = text.substr(question + 1);
    if (!options_are_readable(options, strict)) return std::nullopt;
    hash.options = split_options(options);
  }
  return hash;
}

std::optional<std::string> IntegrityHash::digest() const {
  std::optional<std::string> bytes = from_base64(base64);
  if (!bytes || bytes->size() != digest_size(algorithm)) return std::nullopt;
  return bytes;
}

std::string IntegrityHash::text() const {
  std::string result(algorithm_name(algorithm));
  result += '-';
  result += base64;
  for (const std::string& option : options) {
    result += '?';
    result += option;
  }
  return result;
}

Integrity Integrity::parse(std::string_view text, StrictIntegrity strict) {
  Integrity integrity;
  for (text = without_leading_space(text); !text.empty(); text = without_leading_space(text)) {
    const std::size_t length = end_of_word(text);
    if (auto hash = IntegrityHash::parse(text.substr(0, length), strict)) {
      integrity.add(std::move(*hash));
    }
    text.remove_prefix(length);
  }
  return integrity;
}

Integrity Integrity::of(DigestAlgorithm algorithm, std::string_view digest_bytes) {
  Integrity integrity;
  integrity.add({algorithm, to_base64(digest_bytes), {}});
  return integrity;
}

Integrity Integrity::of_shasum(std::string_view hex) {
  const std::optional<std::string> bytes = from_hex(hex);
  if (!bytes || bytes->size() != digest_size(DigestAlgorithm::sha1)) return {};
  return of(DigestAlgorithm::sha1, *bytes);
}

const IntegrityHash* Integrity::strongest() const {
  const IntegrityHash* best = nullptr;
  for (const IntegrityHash& hash : hashes_) {
    if (!best || hash.algorithm > best->algorithm) best = &hash;
  }
  return best;
}

bool Integrity::accepts(DigestAlgorithm algorithm, std::string_view digest_bytes) const {
  const IntegrityHash* best = strongest();
  if (!best || best->algorithm != algorithm) return false;
  return match(of(algorithm, digest_bytes)) != nullptr;
}

const IntegrityHash* Integrity::match(const Integrity& other) const {
  const auto has_algorithm = [](const Integrity& integrity, DigestAlgorithm algorithm) {
    return std::any_of(
        integrity.hashes_.begin(), integrity.hashes_.end(),
        [algorithm](const IntegrityHash& hash) { return hash.algorithm == algorithm; });
  };
  for (auto row = kAlgorithms.rbegin(); row != kAlgorithms.rend(); ++row) {
    if (!has_algorithm(*this, row->id) || !has_algorithm(other, row->id)) continue;
    for (const IntegrityHash& ours : hashes_) {
      for (const IntegrityHash& theirs : other.hashes_) {
        if (ours.algorithm == row->id && theirs.algorithm == row->id &&
            ours.base64 == theirs.base64) {
          return &ours;
        }
      }
    }
    return nullptr;  // the strongest common algorithm decides alone
  }
  return nullptr;
}

std::string Integrity::text() const {
  std::string result;
  for (auto row = kAlgorithms.rbegin(); row != kAlgorithms.rend(); ++row) {
    for (const IntegrityHash& hash : hashes_) {
      if (hash.algorithm == row->id) append(result, " ", hash.text());
    }
  }
  return result;
}

std::string Integrity::text_as_written(std::string_view separator) const {
  std::vector<DigestAlgorithm> order;
  for (const IntegrityHash& hash : hashes_) {
    if (std::find(order.begin(), order.end(), hash.algorithm) == order.end()) {
      order.push_back(hash.algorithm);
    }
  }
  std::string result;
  for (DigestAlgorithm algorithm : order) {
    append(result, separator, group_text(hashes_, algorithm, separator, StrictIntegrity::no));
  }
  return result;
}

std::string Integrity::strict_text(std::string_view separator) const {
  const std::string blanks = blanks_of(separator);
  std::string result;
  for (DigestAlgorithm algorithm :
       {DigestAlgorithm::sha512, DigestAlgorithm::sha384, DigestAlgorithm::sha256}) {
    const std::string group = group_text(hashes_, algorithm, blanks, StrictIntegrity::yes);
    if (!group.empty()) append(result, blanks, group);
  }
  return result;
}

std::optional<TarballDigest> TarballDigest::of(const Integrity& integrity) {
  for (const IntegrityHash& hash : integrity.hashes()) {
    if (hash.algorithm != DigestAlgorithm::sha512) continue;
    if (std::optional<std::string> bytes = hash.digest()) return TarballDigest{std::move(*bytes)};
  }
  return std::nullopt;
}

std::string TarballDigest::hex() const { return to_hex(bytes); }

}  // namespace hod
