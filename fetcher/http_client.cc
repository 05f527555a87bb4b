// SPDX-License-Identifier: MIT
#include "fetcher/http_client.h"

namespace hod::fetcher {

const std::string* find_header(const Headers& headers, std::string_view lower_case_name) {
  for (const auto& [name, value] : headers) {
    if (name == lower_case_name) return &value;
  }
  return nullptr;
}

}  // namespace hod::fetcher
