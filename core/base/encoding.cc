// SPDX-License-Identifier: MIT
#include "core/base/encoding.h"

#include <array>
#include <cstdint>

namespace hod {

namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUnreserved =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!~*'()";

std::uint8_t byte_at(std::string_view text, std::size_t i) {
  return static_cast<std::uint8_t>(text[i]);
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// -1: not of the alphabet
std::array<std::int8_t, 256> base64_table() {
  std::array<std::int8_t, 256> table{};
  table.fill(-1);
  for (std::size_t i = 0; i < kBase64.size(); ++i)
    table[byte_at(kBase64, i)] = static_cast<std::int8_t>(i);
  return table;
}

const std::array<std::int8_t, 256>& strict_table() {
  static const std::array<std::int8_t, 256> table = base64_table();
  return table;
}

// Length of the well-formed UTF-8 sequence (Unicode's table 3-7) at the start of `text`; 0 when
// malformed.
std::size_t utf8_length(std::string_view text) {
  const auto within = [text](std::size_t i, unsigned low, unsigned high) {
    return i < text.size() && byte_at(text, i) >= low && byte_at(text, i) <= high;
  };
  const unsigned first = byte_at(text, 0);
  if (first < 0x80) return 1;
  if (first >= 0xC2 && first <= 0xDF) return within(1, 0x80, 0xBF) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0U : 0x80U;
    const unsigned high = first == 0xED ? 0x9FU : 0xBFU;
    return within(1, low, high) && within(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (first < 0xF0 || first > 0xF4) return 0;
  const unsigned low = first == 0xF0 ? 0x90U : 0x80U;
  const unsigned high = first == 0xF4 ? 0x8FU : 0xBFU;
  return within(1, low, high) && within(2, 0x80, 0xBF) && within(3, 0x80, 0xBF) ? 4 : 0;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

class Base64Bits {
 public:
  void add(int value) {
    bits_ = (bits_ << 6) | static_cast<std::uint32_t>(value);
    count_ += 6;
    if (count_ < 8) return;
    count_ -= 8;
    out_.push_back(static_cast<char>((bits_ >> count_) & 0xFF));
  }
  std::string take() { return std::move(out_); }
  bool leftover_is_zero() const { return (bits_ & ((1U << count_) - 1U)) == 0; }

 private:
  std::uint32_t bits_ = 0;
  unsigned count_ = 0;
  std::string out_;
};

}  // namespace

std::string to_hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out.push_back(kHex[byte_at(bytes, i) >> 4]);
    out.push_back(kHex[byte_at(bytes, i) & 15]);
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    int high = hex_value(text[i]);
    int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
  }
  return out;
}

std::string to_base64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::size_t left = bytes.size() - i;
    std::uint32_t group = static_cast<std::uint32_t>(byte_at(bytes, i)) << 16;
    if (left > 1) group |= static_cast<std::uint32_t>(byte_at(bytes, i + 1)) << 8;
    if (left > 2) group |= byte_at(bytes, i + 2);
    out.push_back(kBase64[(group >> 18) & 63]);
    out.push_back(kBase64[(group >> 12) & 63]);
    out.push_back(left > 1 ? kBase64[(group >> 6) & 63] : '=');
    out.push_back(left > 2 ? kBase64[group & 63] : '=');
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && !text.empty() && text.back() == '='; ++padding)
    text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  Base64Bits bits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int value = strict_table()[byte_at(text, i)];
    if (value < 0) return std::nullopt;
    bits.add(value);
  }
  if (!bits.leftover_is_zero()) return std::nullopt;
  return bits.take();
}

std::string from_base64_lenient(std::string_view text) {
  Base64Bits bits;
  for (char c : text) {
    if (c == '=') break;
    if (c == '-') c = '+';
    if (c == '_') c = '/';
    int value = strict_table()[static_cast<std::uint8_t>(c)];
    if (value >= 0) bits.add(value);
  }
  return bits.take();
}

void append_percent_encoded(std::string& out, char byte) {
  constexpr std::string_view kUpperHex = "0123456789ABCDEF";
  const auto value = static_cast<unsigned char>(byte);
  out += '%';
  out += kUpperHex[value >> 4U];
  out += kUpperHex[value & 0xFU];
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      out += c;
    } else {
      append_percent_encoded(out, c);
    }
  }
  return out;
}

std::string percent_encoded(std::string_view text, std::string_view set) {
  std::string out;
  for (const char c : text) {
    if (set.find(c) == std::string_view::npos) {
      out += c;
    } else {
      append_percent_encoded(out, c);
    }
  }
  return out;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    std::optional<std::string> byte =
        i + 2 < text.size() ? from_hex(text.substr(i + 1, 2)) : std::nullopt;
    if (!byte) return std::nullopt;
    out += *byte;
    i += 2;
  }
  if (!is_utf8(out)) return std::nullopt;
  return out;
}

}  // namespace hod
