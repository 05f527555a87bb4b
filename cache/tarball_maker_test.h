// Tarballs for tests, odd ones included, written block by block.
#pragma once

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <libdeflate.h>

namespace hod::cache {

struct TarHeader {
  std::string name;
  char type = '0';
  unsigned mode = 0644;
  std::size_t size = 0;
  std::string link;
  std::string prefix;
  std::string magic = std::string(
      "ustar\0"
      "00",
      8);
  std::string raw_size;  // instead of `size`
  std::string raw_mode;  // instead of `mode`
  bool good_checksum = true;
};

inline std::string tar_octal(unsigned long long value, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%0*llo", digits, value);
  return text;
}

inline std::string tar_header(const TarHeader& header) {
  std::string block(512, '\0');
  auto put = [&](std::size_t at, std::string_view text, std::size_t most) {
    block.replace(at, std::min(text.size(), most), text.substr(0, most));
  };
  put(0, header.name, 100);
  put(100, header.raw_mode.empty() ? tar_octal(header.mode, 7) : header.raw_mode, 8);
  put(108, tar_octal(0, 7), 8);
  put(116, tar_octal(0, 7), 8);
  put(124, header.raw_size.empty() ? tar_octal(header.size, 11) : header.raw_size, 12);
  put(136, tar_octal(499162500, 11), 12);
  put(148, "        ", 8);
  block[156] = header.type;
  put(157, header.link, 100);
  put(257, header.magic, 8);
  put(345, header.prefix, 155);
  unsigned sum = 0;
  for (char c : block) sum += static_cast<unsigned char>(c);
  put(148, tar_octal(header.good_checksum ? sum : sum + 1, 6) + std::string("\0 ", 2), 8);
  return block;
}

inline std::string tar_padded(std::string data) {
  data.resize((data.size() + 511) / 512 * 512, '\0');
  return data;
}

inline std::string tar_entry(TarHeader header, const std::string& data) {
  header.size = data.size();
  return tar_header(header) + tar_padded(data);
}

inline std::string tar_file(const std::string& name, const std::string& data,
                            unsigned mode = 0644) {
  TarHeader header;
  header.name = name;
  header.mode = mode;
  return tar_entry(header, data);
}

inline std::string tar_other(const std::string& name, char type, const std::string& link = "") {
  TarHeader header;
  header.name = name;
  header.type = type;
  header.link = link;
  return tar_header(header);
}

inline std::string pax_record(const std::string& key, const std::string& value) {
  std::string rest = " " + key + "=" + value + "\n";
  std::size_t length = rest.size() + 1;
  while (std::to_string(length).size() + rest.size() != length) ++length;
  return std::to_string(length) + rest;
}

inline std::string tar_pax(const std::string& records, char type = 'x') {
  TarHeader header;
  header.name = "PaxHeader/x";
  header.type = type;
  return tar_entry(header, records);
}

inline std::string tar_long_name(const std::string& name, char type = 'L') {
  TarHeader header;
  header.name = "././@LongLink";
  header.type = type;
  return tar_entry(header, name + std::string(1, '\0'));
}

inline std::string tar_end() { return std::string(1024, '\0'); }

inline std::string tar_manifest(const std::string& text = R"({"name":"odd","version":"1.0.0"})") {
  return tar_file("package/package.json", text);
}

inline std::string gzipped(std::string_view bytes, int level = 6) {
  libdeflate_compressor* compressor = libdeflate_alloc_compressor(level);
  std::string out(libdeflate_gzip_compress_bound(compressor, bytes.size()), '\0');
  out.resize(
      libdeflate_gzip_compress(compressor, bytes.data(), bytes.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

// A package's tarball: the manifest, then `entries`.
inline std::string tarball(const std::string& entries) {
  return gzipped(tar_manifest() + entries + tar_end());
}

}  // namespace hod::cache
