// SPDX-License-Identifier: MIT
// What must stay true:
//  (1) A state is named in the index only after its file is written; a file that no index names is
//      written over or removed later.
//  (2) A state's bytes are used only when they bear the sum that the index has: nothing here is
//      synced, so a power cut may leave empty files.
#include "cache/history.h"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <span>

#include <fmt/core.h>

#include "cache/hash.h"
#include "core/base/file.h"
#include "core/base/io.h"
#include "core/base/json.h"

namespace hod::cache {

namespace {

constexpr std::size_t kShelfIsTidiedAt = 64;  // projects

std::uint64_t digest(std::string_view text) { return xxh3(std::as_bytes(std::span(text))); }

std::string hex(std::uint64_t value) { return fmt::format("{:016x}", value); }

template <class Number>
Number number_of(std::string_view text, int base) {
  Number value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, base);
  return value;
}

std::string_view text_at(const Json& object, std::string_view key) {
  const std::string* text = object.find_string(key);
  return text != nullptr ? std::string_view(*text) : std::string_view();
}

template <class Number>
Number number_at(const Json& object, std::string_view key) {
  const Json* value = object.find(key);
  return value != nullptr ? number_of<Number>(value->number_text(), 10) : Number{};
}

template <class Number>
Json number(Number value) {
  return Json::number(static_cast<std::int64_t>(value));
}

// ---- a state's file: for each text `<path> <bytes>\n`, then the bytes; the lockfile's path is "".

void append_text(std::string& out, std::string_view path, std::string_view text) {
  out += fmt::format("{} {}\n", text.size(), path);
  out += text;
}

std::string encoded(const HistoryContent& content) {
  std::string out;
  append_text(out, "", content.lockfile);
  for (const HistoryContent::File& file : content.manifests) append_text(out, file.path, file.text);
  return out;
}

std::optional<HistoryContent> decoded(std::string_view bytes) {
  HistoryContent content;
  for (bool first = true; !bytes.empty(); first = false) {
    const std::size_t blank = bytes.find(' ');
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos || blank > end) return std::nullopt;
    const auto size = number_of<std::size_t>(bytes.substr(0, blank), 10);
    std::string path(bytes.substr(blank + 1, end - blank - 1));
    bytes.remove_prefix(end + 1);
    if (size > bytes.size() || path.empty() != first) return std::nullopt;
    std::string text(bytes.substr(0, size));
    bytes.remove_prefix(size);
    if (first) {
      content.lockfile = std::move(text);
    } else {
      content.manifests.push_back({std::move(path), std::move(text)});
    }
  }
  return content;
}

// ---- the index

Json document_of(const HistoryEntry& entry) {
  Json changes = Json::array();
  for (const HistoryChange& change : entry.changes) {
    Json row = Json::array();
    for (const std::string* text : {&change.name, &change.before, &change.after})
      row.push(Json::string(*text));
    changes.push(std::move(row));
  }
  Json out = Json::object();
  out.set("id", number(entry.id));
  out.set("before", number(entry.before));
  out.set("time", number(entry.time));
  out.set("command", Json::string(entry.command));
  out.set("lock", Json::string(hex(entry.lock_digest)));
  out.set("sum", Json::string(hex(entry.sum)));
  out.set("changeCount", number(entry.change_count));
  out.set("changes", std::move(changes));
  return out;
}

HistoryEntry entry_of(const Json& document) {
  HistoryEntry entry;
  entry.id = number_at<unsigned>(document, "id");
  entry.before = number_at<unsigned>(document, "before");
  entry.time = number_at<std::int64_t>(document, "time");
  entry.command = text_at(document, "command");
  entry.lock_digest = number_of<std::uint64_t>(text_at(document, "lock"), 16);
  entry.sum = number_of<std::uint64_t>(text_at(document, "sum"), 16);
  entry.change_count = number_at<std::uint64_t>(document, "changeCount");
  const Json* changes = document.find("changes");
  for (const Json& row : changes != nullptr ? changes->elements() : std::vector<Json>{}) {
    const std::vector<Json>& texts = row.elements();
    if (texts.size() != 3) continue;
    entry.changes.push_back({texts[0].as_string(), texts[1].as_string(), texts[2].as_string()});
  }
  return entry;
}

std::optional<Json> read_index(const std::string& folder) {
  const auto text = read_file_if_present(folder + "/index.json");
  if (!text || !*text) return std::nullopt;
  auto index = Json::parse(**text, folder);
  if (!index) return std::nullopt;
  return std::move(*index);
}

// Histories of projects that are gone. Only when many have gathered, as each is a file to read.
void tidy(const std::string& shelf) {
  std::error_code failed;
  std::vector<std::string> folders;
  for (const auto& item : std::filesystem::directory_iterator(shelf, failed))
    folders.push_back(item.path().string());
  if (folders.size() < kShelfIsTidiedAt) return;
  for (const std::string& folder : folders) {
    const std::optional<Json> index = read_index(folder);
    const std::string root(index ? text_at(*index, "project") : "");
    if (root.empty() || !directory_exists(root)) static_cast<void>(remove_tree(folder));
  }
}

}  // namespace

std::uint64_t History::digest_of_lock(std::string_view text) { return digest(text); }

std::string History::file_of(unsigned id) const { return fmt::format("{}/{}", folder_, id); }

History History::open(const std::string& cache_root, const std::string& project_root) {
  History history;
  history.shelf_ = cache_root + "/history/v1";
  history.folder_ = history.shelf_ + "/" + hex(digest(project_root));
  history.project_root_ = project_root;
  const std::optional<Json> index = read_index(history.folder_);
  if (!index || text_at(*index, "project") != project_root) return history;
  history.current_ = number_at<unsigned>(*index, "current");
  const Json* entries = index->find("entries");
  for (const Json& row : entries != nullptr ? entries->elements() : std::vector<Json>{}) {
    HistoryEntry entry = entry_of(row);
    if (entry.id <= history.last_id_) continue;
    history.last_id_ = entry.id;
    history.entries_.push_back(std::move(entry));
  }
  return history;
}

const HistoryEntry* History::find(unsigned id) const {
  for (const HistoryEntry& entry : entries_) {
    if (entry.id == id) return &entry;
  }
  return nullptr;
}

Result<HistoryContent> History::content(const HistoryEntry& entry) const {
  const std::string path = file_of(entry.id);
  HOD_TRY(const std::optional<std::string> bytes, read_file_if_present(path));
  if (bytes && digest(*bytes) == entry.sum) {
    if (std::optional<HistoryContent> content = decoded(*bytes)) return std::move(*content);
  }
  return failure(
      Error(ErrorCode::cache_refused, fmt::format("state {} was kept, but is damaged", entry.id))
          .at(path));
}

Result<void> History::add(HistoryEntry entry, const HistoryContent& content) {
  if (entries_.empty()) tidy(shelf_);
  HOD_CHECK(make_directories(folder_, 0700));
  const std::string bytes = encoded(content);
  entry.id = last_id_ + 1;
  entry.before = current() != nullptr ? current_ : 0;
  entry.lock_digest = digest_of_lock(content.lockfile);
  entry.sum = digest(bytes);
  entry.change_count = std::max<std::uint64_t>(entry.change_count, entry.changes.size());
  if (entry.changes.size() > kMostChanges) entry.changes.resize(kMostChanges);
  HOD_CHECK(write_file_atomic(file_of(entry.id), bytes, Durable::no, 0600));
  last_id_ = current_ = entry.id;
  entries_.push_back(std::move(entry));
  std::vector<unsigned> gone;
  while (entries_.size() > kMost) {
    gone.push_back(entries_.front().id);
    entries_.erase(entries_.begin());
  }
  HOD_CHECK(write_index());
  for (const unsigned id : gone) io::unlinkat(AT_FDCWD, file_of(id).c_str(), 0);
  return {};
}

Result<void> History::set_current(unsigned id) {
  if (id == current_) return {};
  current_ = id;
  return write_index();
}

Result<void> History::write_index() const {
  Json entries = Json::array();
  for (const HistoryEntry& entry : entries_) entries.push(document_of(entry));
  Json index = Json::object();
  index.set("project", Json::string(project_root_));
  index.set("current", number(current_));
  index.set("entries", std::move(entries));
  return write_file_atomic(folder_ + "/index.json", index.dump(), Durable::no, 0600);
}

}  // namespace hod::cache
