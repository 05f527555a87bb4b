// SPDX-License-Identifier: MIT
// Limits on what a server may send. Nothing it announces is believed: a Content-Length only helps
// to reserve a bounded amount of memory.
#include "fetcher/transfer.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <string>
#include <utility>

namespace hod::fetcher {

namespace {

constexpr std::size_t kMaxHeaderBytes = 256 << 10;
// Of answers that are none: their words are read, the rest is not kept, and without end they do not
// go on (T-NET-17).
constexpr std::uint64_t kKeptOfRefusal = 64 << 10;
constexpr std::uint64_t kMostOfRefusal = 16 << 20;
constexpr std::uint64_t kMaxReserve = 16 << 20;  // believed of a Content-Length

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string_view trimmed(std::string_view text) {
  auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!text.empty() && blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && blank(text.back())) text.remove_suffix(1);
  return text;
}

std::uint64_t content_length(const Headers& headers) {
  const std::string* text = find_header(headers, "content-length");
  std::uint64_t length = 0;
  if (text != nullptr) std::from_chars(text->data(), text->data() + text->size(), length);
  return length;
}

int status_of(std::string_view status_line) {
  int status = 0;
  std::size_t blank = status_line.find(' ');
  if (blank != std::string_view::npos && status_line.size() >= blank + 4) {
    const char* digits = status_line.data() + blank + 1;
    std::from_chars(digits, digits + 3, status);
  }
  return status;
}

}  // namespace

bool Transfer::take_header(std::string_view line) {
  header_bytes_ += line.size();
  if (header_bytes_ > kMaxHeaderBytes) {
    own_fault_ = TransferFault::header_too_large;
    return false;
  }
  if (line.rfind("HTTP/", 0) == 0) {
    response_.headers.clear();
    response_.status = status_of(line);
    return true;
  }
  std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return true;
  response_.headers.emplace_back(lower_case(trimmed(line.substr(0, colon))),
                                 std::string(trimmed(line.substr(colon + 1))));
  return true;
}

bool Transfer::take_body(std::string_view bytes) {
  body_bytes_ += bytes.size();
  const bool refusal = response_.status >= 300;
  if (body_bytes_ > (refusal ? std::min(kMostOfRefusal, request_.max_body) : request_.max_body)) {
    own_fault_ = TransferFault::body_too_large;
    return false;
  }
  if (auto kept = keep(bytes); !kept) {
    own_error_ = std::move(kept).error();
    return false;
  }
  if (!silenced_ && request_.on_bytes) request_.on_bytes(bytes);
  return true;
}

Result<void> Transfer::keep(std::string_view bytes) {
  if (response_.status >= 300) {
    response_.body.append(bytes.substr(0, kKeptOfRefusal - response_.body.size()));
    return {};
  }
  if (response_.file != nullptr) return response_.file->append(bytes);
  if (response_.status == 200 && body_bytes_ > request_.spill_above) {
    HOD_TRY(BodyFile file, BodyFile::create(request_.spill_folder));
    response_.file = std::make_shared<BodyFile>(std::move(file));
    HOD_CHECK(response_.file->append(response_.body));
    response_.body = std::string();
    return response_.file->append(bytes);
  }
  if (response_.body.empty()) {
    std::uint64_t expected = content_length(response_.headers);
    if (expected > bytes.size()) {
      response_.body.reserve(std::min({expected, request_.spill_above, kMaxReserve}));
    }
  }
  response_.body.append(bytes);
  return {};
}

HttpResponse Transfer::take_response(int http_version) {
  response_.http_version = http_version;
  response_.url = std::move(request_.url);
  return std::move(response_);
}

}  // namespace hod::fetcher
