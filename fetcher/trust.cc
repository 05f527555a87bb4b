// SPDX-License-Identifier: MIT
#include "fetcher/trust.h"

#include <memory>
#include <string_view>
#include <utility>

#include <dirent.h>

#include "core/base/file.h"

namespace hod::fetcher {

namespace {

// "002c0b4f.0": what OpenSSL looks for in such a folder.
bool is_hashed_name(std::string_view name) {
  if (name.size() != 10 || name.substr(8) != ".0") return false;
  return name.substr(0, 8).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

bool is_usable_folder(const std::string& folder) {
  if (folder.empty()) return false;
  struct Close {
    void operator()(DIR* handle) const { ::closedir(handle); }
  };
  std::unique_ptr<DIR, Close> entries(::opendir(folder.c_str()));
  if (entries == nullptr) return false;
  while (const dirent* entry = ::readdir(entries.get())) {
    if (is_hashed_name(entry->d_name)) return true;
  }
  return false;
}

// Environments like to name the system's own file as an additional one.
bool is_same_file(const std::string& a, const std::string& b) {
  if (a == b) return true;
  auto first = file_stamp(a);
  auto second = file_stamp(b);
  return first && second && *first == *second;
}

Result<std::string> own_certificates(const TrustSources& sources) {
  std::string all;
  for (const std::string& path : sources.files) {
    if (is_same_file(path, sources.system_file)) continue;
    auto text = read_file(path);
    if (!text) return failure(std::move(text).error().during("reading the `cafile`"));
    all += *text + "\n";
  }
  for (const std::string& text : sources.texts) all += text + "\n";
  return all;
}

}  // namespace

Result<Trust> Trust::quick(const TrustSources& sources) {
  if (!is_usable_folder(sources.system_folder)) return thorough(sources);
  Trust trust;
  trust.folder_ = sources.system_folder;
  HOD_TRY(std::string own, own_certificates(sources));
  if (own.empty()) return trust;
  HOD_TRY(trust.joined_, BodyFile::in_memory());
  HOD_CHECK(trust.joined_->append(own));
  return trust;
}

// As one file, not as a text: libcurl keeps a parsed file for all connections, but parses a text
// anew for each.
Result<Trust> Trust::thorough(const TrustSources& sources) {
  Trust trust;
  HOD_TRY(std::string own, own_certificates(sources));
  if (own.empty()) {
    trust.file_ = sources.system_file;
    return trust;
  }
  HOD_TRY(trust.joined_, BodyFile::in_memory());
  HOD_CHECK(trust.joined_->append(own));
  if (auto system = read_file(sources.system_file)) HOD_CHECK(trust.joined_->append(*system));
  return trust;
}

std::string Trust::file() const { return joined_ ? joined_->path() : file_; }

}  // namespace hod::fetcher
