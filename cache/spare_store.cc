// SPDX-License-Identifier: MIT
// Records and the ledger are lines of `word value`, written whole (atomically): a file that lacks a
// word is none.
#include "cache/spare_store.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <map>

#include <sys/file.h>
#include <sys/resource.h>

#include "cache/hash.h"
#include "cache/store_layout.h"
#include "core/base/encoding.h"
#include "core/base/io.h"

namespace hod::cache {

namespace {

constexpr std::string_view kKeyFormat =
    "hodspare1";  // another way of filling folders: another word
constexpr std::size_t kKeyBytes = 16;
constexpr std::size_t kKeyLength = kKeyBytes * 2;
constexpr const char* kRemoved = "old-";
constexpr const char* kLedger = "/ledger";
constexpr const char* kLock = "/lock";
constexpr std::uint64_t kLargestRecord = 4096;

void add_text(std::string& out, std::string_view text) {
  out += text;
  out += '\0';
}

std::map<std::string, std::string, std::less<>> words_of(std::string_view text) {
  std::map<std::string, std::string, std::less<>> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const std::size_t space = line.find(' ');
    if (space != std::string_view::npos) out.emplace(line.substr(0, space), line.substr(space + 1));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

class Words {
 public:
  explicit Words(std::string_view text) : words_(words_of(text)) {}
  bool complete() const { return complete_; }
  std::string text(std::string_view word) {
    const auto found = words_.find(word);
    if (found != words_.end()) return found->second;
    complete_ = false;
    return {};
  }
  std::uint64_t number(std::string_view word) {
    const std::string digits = text(word);
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (error != std::errc() || end != digits.data() + digits.size()) complete_ = false;
    return value;
  }

 private:
  std::map<std::string, std::string, std::less<>> words_;
  bool complete_ = true;
};

std::string line(std::string_view word, std::uint64_t value) {
  return std::string(word) + " " + std::to_string(value) + "\n";
}

bool is_key(std::string_view name) {
  return name.size() == kKeyLength &&
         name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::optional<std::string> spare_key(const TreeShape& shape, const std::vector<TreeItem>& items) {
  std::string described;
  add_text(described, kKeyFormat);
  for (const TreeItem& item : items) {
    described += static_cast<char>('0' + static_cast<int>(item.kind));
    switch (item.kind) {
      case TreeEntry::package:
        if (shape.packages[item.index].copied) return std::nullopt;
        add_text(described, shape.packages[item.index].path);
        add_text(described, shape.packages[item.index].identity);
        break;
      case TreeEntry::link:
        add_text(described, shape.links[item.index].path);
        add_text(described, shape.links[item.index].target);
        break;
      case TreeEntry::bin:
        add_text(described, shape.bins[item.index].path);
        add_text(described, shape.bins[item.index].target);
        break;
    }
  }
  return to_hex(digest_of(DigestAlgorithm::sha256, described).substr(0, kKeyBytes));
}

std::string encode_record(const SpareRecord& record) {
  return line("files", record.files) + line("folders", record.folders) +
         line("links", record.links) + line("bytes", record.bytes) + line("cpu", record.cpu_ms) +
         line("made", static_cast<std::uint64_t>(record.made_at)) +
         line("copies", record.copies ? 1 : 0) + "boot " + record.boot_id + "\n";
}

std::optional<SpareRecord> decode_record(std::string_view text) {
  Words words(text);
  SpareRecord record;
  record.files = words.number("files");
  record.folders = words.number("folders");
  record.links = words.number("links");
  record.bytes = words.number("bytes");
  record.cpu_ms = words.number("cpu");
  record.made_at = static_cast<std::int64_t>(words.number("made"));
  record.copies = words.number("copies") != 0;
  record.boot_id = words.text("boot");
  if (!words.complete()) return std::nullopt;
  return record;
}

Ledger read_ledger(const std::string& folder) {
  const auto text = read_file(folder + kLedger, kLargestRecord);
  Words words(text ? std::string_view(*text) : std::string_view());
  Ledger ledger;
  ledger.made = words.number("made");
  ledger.cpu_ms = words.number("cpu");
  ledger.last_cpu_ms = words.number("last-cpu");
  ledger.last_bytes = words.number("last-bytes");
  return words.complete() ? ledger : Ledger{};
}

Result<void> note_in_ledger(const std::string& folder, std::uint64_t cpu_ms, std::uint64_t bytes) {
  const Ledger before = read_ledger(folder);
  return write_file_atomic(folder + kLedger,
                           line("made", before.made + 1) + line("cpu", before.cpu_ms + cpu_ms) +
                               line("last-cpu", cpu_ms) + line("last-bytes", bytes),
                           Durable::no, 0600);
}

std::uint64_t cpu_ms_of_process() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto of = [](const timeval& time) {
    return static_cast<std::uint64_t>(time.tv_sec) * 1000 +
           static_cast<std::uint64_t>(time.tv_usec) / 1000;
  };
  return of(used.ru_utime) + of(used.ru_stime);
}

std::string spare_folder(const std::string& cache_root) { return cache_root + "/store/v1/spares"; }

std::vector<SpareEntry> list_spares(const std::string& cache_root) {
  const std::string folder = spare_folder(cache_root);
  std::vector<SpareEntry> out;
  for (const std::string& name : names_in(folder)) {
    if (!is_key(name)) continue;
    const auto text = read_file(folder + "/" + name + "/" + kSpareRecord, kLargestRecord);
    if (!text) continue;  // taken meanwhile
    if (auto record = decode_record(*text)) out.push_back({name, std::move(*record)});
  }
  std::stable_sort(out.begin(), out.end(), [](const SpareEntry& a, const SpareEntry& b) {
    return a.record.made_at > b.record.made_at;
  });
  return out;
}

std::optional<Fd> lock_spares(const std::string& folder) {
  Fd lock(io::open((folder + kLock).c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!lock || io::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return std::nullopt;
  return lock;
}

Result<void> sweep_spares(const std::string& folder) {
  for (const std::string& name : names_in(folder)) {
    if (name == "lock" || name == "ledger") continue;
    // A folder without its record was taken, and its taker stopped.
    const bool whole = is_key(name) && file_exists(folder + "/" + name + "/" + kSpareRecord) &&
                       directory_exists(folder + "/" + name + "/" + kSpareTree);
    if (!whole) HOD_CHECK(remove_tree(folder + "/" + name));
  }
  return {};
}

Result<void> remove_spare(const std::string& folder, const std::string& key) {
  const std::string away = folder + "/" + kRemoved + random_suffix();
  if (io::rename((folder + "/" + key).c_str(), away.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return failure(system_error(errno, "move away", folder + "/" + key));
  }
  return remove_tree(away);
}

Result<std::size_t> remove_spares(const std::string& cache_root, std::int64_t oldest) {
  const std::string folder = spare_folder(cache_root);
  if (!directory_exists(folder)) return 0;
  const std::optional<Fd> lock = lock_spares(folder);
  if (!lock) return 0;
  HOD_CHECK(sweep_spares(folder));
  std::size_t removed = 0;
  for (const SpareEntry& entry : list_spares(cache_root)) {
    if (entry.record.made_at >= oldest) continue;
    HOD_CHECK(remove_spare(folder, entry.key));
    ++removed;
  }
  return removed;
}

}  // namespace hod::cache
