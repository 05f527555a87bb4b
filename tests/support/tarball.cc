// SPDX-License-Identifier: MIT
// ustar headers and gzip's stored blocks, by hand: the tests must not depend on the libraries they
// test.
#include "tests/support/tarball.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace hod::tests {

namespace {

constexpr std::size_t kBlock = 512;

void put(std::string& header, std::size_t at, std::string_view text) {
  header.replace(at, text.size(), text);
}

std::string octal(std::uint64_t value, unsigned digits) {
  std::array<char, 32> buffer;
  std::snprintf(buffer.data(), buffer.size(), "%0*llo", static_cast<int>(digits),
                static_cast<unsigned long long>(value));
  return buffer.data();
}

// Paths beyond 100 bytes are split at a slash into ustar's prefix.
void put_path(std::string& header, const std::string& path) {
  constexpr std::size_t kNameSize = 100;
  if (path.size() <= kNameSize) {
    put(header, 0, path);
    return;
  }
  std::size_t slash = path.find('/', path.size() - kNameSize - 1);
  if (slash == std::string::npos) std::abort();
  put(header, 0, path.substr(slash + 1));
  put(header, 345, path.substr(0, slash));
}

std::string header_of(const TarEntry& entry) {
  std::string header(kBlock, '\0');
  put_path(header, entry.path);
  put(header, 100, octal(entry.mode, 7));
  put(header, 108, octal(0, 7));
  put(header, 116, octal(0, 7));
  put(header, 124, octal(entry.content.size(), 11));
  put(header, 136, octal(499162500, 11));  // 1985-10-26, as npm has it
  put(header, 148, "        ");
  header[156] = entry.type;
  put(header, 157, entry.target);
  put(header, 257,
      std::string_view("ustar\0"
                       "00",
                       8));
  std::uint64_t sum = 0;
  for (char c : header) sum += static_cast<unsigned char>(c);
  put(header, 148, octal(sum, 6));
  header[154] = '\0';
  return header;
}

std::uint32_t crc32_of(std::string_view bytes) {
  std::uint32_t crc = 0xFFFFFFFF;
  for (char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0xEDB88320U : 0U);
  }
  return ~crc;
}

std::string little_endian(std::uint64_t value, std::size_t bytes) {
  std::string out;
  for (std::size_t i = 0; i < bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 0xFF);
  return out;
}

}  // namespace

std::string tar_of(const std::vector<TarEntry>& entries) {
  std::string out;
  for (const TarEntry& entry : entries) {
    out += header_of(entry) + entry.content;
    out.append((kBlock - entry.content.size() % kBlock) % kBlock, '\0');
  }
  return out.append(2 * kBlock, '\0');
}

std::string gzip_of(std::string_view bytes) {
  constexpr std::size_t kMostStored = 65535;
  std::string out("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
  std::string_view rest = bytes;
  do {
    std::string_view piece = rest.substr(0, kMostStored);
    rest.remove_prefix(piece.size());
    out += rest.empty() ? '\1' : '\0';
    out += little_endian(piece.size(), 2) + little_endian(~piece.size() & 0xFFFF, 2);
    out += piece;
  } while (!rest.empty());
  return out + little_endian(crc32_of(bytes), 4) + little_endian(bytes.size(), 4);
}

}  // namespace hod::tests
