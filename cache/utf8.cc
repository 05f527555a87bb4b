// SPDX-License-Identifier: MIT
// Well-formedness is table 3-7 of the Unicode standard; replacement is by maximal subparts
// (WHATWG's decoder).
#include "cache/utf8.h"

#include <cstddef>

namespace hod::cache {

namespace {

struct Sequence {
  std::size_t length;  // bytes it has, or that its malformed part has
  bool good;
};

struct Lead {
  std::size_t tails;
  unsigned second_from, second_to;
};

Lead lead_of(unsigned byte) {
  if (byte >= 0xc2 && byte <= 0xdf) return {1, 0x80, 0xbf};
  if (byte == 0xe0) return {2, 0xa0, 0xbf};
  if (byte == 0xed) return {2, 0x80, 0x9f};
  if (byte >= 0xe1 && byte <= 0xef) return {2, 0x80, 0xbf};
  if (byte == 0xf0) return {3, 0x90, 0xbf};
  if (byte == 0xf4) return {3, 0x80, 0x8f};
  if (byte >= 0xf1 && byte <= 0xf3) return {3, 0x80, 0xbf};
  return {0, 0, 0};
}

Sequence sequence_at(std::string_view text) {
  auto byte = [&](std::size_t i) {
    return static_cast<unsigned>(static_cast<unsigned char>(text[i]));
  };
  if (byte(0) < 0x80) return {1, true};
  Lead lead = lead_of(byte(0));
  if (lead.tails == 0) return {1, false};
  for (std::size_t i = 1; i <= lead.tails; ++i) {
    unsigned from = i == 1 ? lead.second_from : 0x80;
    unsigned to = i == 1 ? lead.second_to : 0xbf;
    if (i >= text.size() || byte(i) < from || byte(i) > to) return {i, false};
  }
  return {lead.tails + 1, true};
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    Sequence next = sequence_at(text);
    if (!next.good) return false;
    text.remove_prefix(next.length);
  }
  return true;
}

void append_mended_utf8(std::string& out, std::string_view text) {
  while (!text.empty()) {
    Sequence next = sequence_at(text);
    out += next.good ? text.substr(0, next.length) : std::string_view("\xef\xbf\xbd");
    text.remove_prefix(next.length);
  }
}

void append_utf8(std::string& out, char32_t code) {
  auto tail = [&](unsigned shift) {
    out.push_back(static_cast<char>(0x80 | ((code >> shift) & 0x3f)));
  };
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xc0 | (code >> 6)));
    tail(0);
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | (code >> 12)));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xf0 | (code >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace hod::cache
