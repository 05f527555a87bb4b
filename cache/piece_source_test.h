// Bytes handed out in pieces of a given size, for the tests of what reads a ByteSource.
#pragma once

#include <cstddef>
#include <string_view>

#include "cache/inflate.h"

namespace hod::cache {

inline ByteSpan bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::byte*>(text.data()), text.size()};
}

class PieceSource : public ByteSource {
 public:
  PieceSource(std::string_view bytes, std::size_t piece) : bytes_(bytes), piece_(piece) {}
  Result<ByteSpan> next() override {
    std::string_view part = bytes_.substr(0, piece_);
    bytes_.remove_prefix(part.size());
    return bytes_of(part);
  }

 private:
  std::string_view bytes_;
  std::size_t piece_;
};

}  // namespace hod::cache
