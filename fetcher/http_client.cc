// SPDX-License-Identifier: MIT
#include "fetcher/http_client.h"

#include <algorithm>

#include "core/base/printable.h"

namespace hod::fetcher {

const std::string* find_header(const Headers& headers, std::string_view lower_case_name) {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return &value;
  }
  return nullptr;
}

Result<void> check_headers(const Headers& headers) {
  const auto ends_line = [](char c) { return c == '\r' || c == '\n' || c == '\0'; };
  for (const auto& [name, value] : headers) {
    bool fine = std::none_of(name.begin(), name.end(), ends_line) &&
                std::none_of(value.begin(), value.end(), ends_line);
    if (fine) continue;
    return failure(Error(ErrorCode::network_failed,
                         "the header `" + printable(name) + "` of a request holds a line break")
                       .hint("look for it in tokens and other settings of the network"));
  }
  return {};
}

}  // namespace hod::fetcher
