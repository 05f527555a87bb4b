// SPDX-License-Identifier: MIT
// An accepted address prints to one that is read to the same origin; a redirect never leaves http
// and https.
#include "core/model/url.h"
#include "tests/fuzz/fuzz_input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz_text(data, size);
  static_cast<void>(hod::redacted(text));
  const auto url = hod::Url::parse(text);
  if (!url) return 0;
  const auto again = hod::Url::parse(url->text());
  HOD_ASSERT(again.has_value() && again->origin == url->origin && again->path == url->path);
  const auto moved = hod::must(hod::Url::parse("https://registry.example/a/b")).resolved(text);
  if (moved) HOD_ASSERT(moved->origin.scheme == "https" || moved->origin.scheme == "http");
  return 0;
}
