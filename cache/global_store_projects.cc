// SPDX-License-Identifier: MIT
// Records are written before a project's tree gets links into the store: whatever stops an install,
// the collector knows of all that a tree may lead to.
//
// The collector trusts trees more than records: what it keeps is what the links of a project's tree
// reach on disk, and for records within the grace also what they list.
#include "cache/global_store_projects.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <ctime>
#include <span>
#include <string_view>
#include <unordered_set>

#include "cache/hash.h"
#include "cache/linker.h"
#include "cache/project_folder.h"
#include "cache/tree_path.h"
#include "core/base/encoding.h"
#include "core/base/file.h"
#include "core/base/io.h"
#include "core/base/lexical_path.h"

namespace hod::cache {

namespace {

constexpr std::string_view kMagic = "hodgvsp1 ";
constexpr std::size_t kNameCharacters = 32;
constexpr mode_t kPrivateFolder = 0700;
constexpr unsigned kPrivateFile = 0600;

std::string record_path(const std::string& cache_root, const std::string& project) {
  const std::string name = to_hex(digest_of(DigestAlgorithm::sha256, project));
  return global_store_folder(cache_root) + "/projects/" + name.substr(0, kNameCharacters);
}

std::string sum_of(std::string_view text) {
  return std::to_string(xxh3(std::as_bytes(std::span(text.data(), text.size()))));
}

std::string_view next_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return line;
}

std::optional<ProjectRecord::Entry> entry_of(std::string_view line) {
  ProjectRecord::Entry entry;
  const char* const end = line.data() + line.size();
  const auto [blank, problem] = std::from_chars(line.data(), end, entry.proved);
  if (problem != std::errc() || blank == end || *blank != ' ') return std::nullopt;
  entry.name.assign(blank + 1, end);
  return entry;
}

// Names in a folder; none where it cannot be read.
std::vector<std::string> names_of(const std::string& path) {
  std::vector<std::string> names;
  const Fd folder(io::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  if (!folder) return names;
  const Result<std::vector<FolderEntry>> entries = list_folder(folder.get(), path);
  if (!entries) return names;
  for (const FolderEntry& entry : *entries) names.push_back(entry.name);
  std::sort(names.begin(), names.end());
  return names;
}

std::string link_target(const std::string& path) {
  char text[4096];
  const ssize_t size = io::readlinkat(AT_FDCWD, path.c_str(), text, sizeof text);
  return size < 0 ? "" : std::string(text, static_cast<std::size_t>(size));
}

bool is_older(const std::string& path, std::chrono::seconds age) {
  struct stat info {};
  return io::fstatat(AT_FDCWD, path.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0 ||
         std::time(nullptr) - info.st_ctim.tv_sec >= age.count();
}

// What is on disk, and what of it is led to.
class Survey {
 public:
  explicit Survey(std::string cache_root)
      : cache_root_(std::move(cache_root)), folder_(global_store_folder(cache_root_)) {}

  // Every record, with its project's links. `grace`: younger records count whatever their trees
  // say.
  void read(std::chrono::seconds grace) {
    for (const std::string& name : names_of(folder_ + "/projects")) {
      const std::string path = folder_ + "/projects/" + name;
      const Result<std::string> bytes = read_file(path);
      const std::optional<ProjectRecord> record =
          bytes ? decode_project_record(*bytes) : std::optional<ProjectRecord>{};
      const bool young = !is_older(path, grace);
      const bool used = record && reach_tree_of(record->project);
      if (used) ++projects_;
      if (!used && !young) stale_records_.push_back(path);
      if (record && young) {
        for (const ProjectRecord::Entry& entry : record->entries) reach(entry.name);
      }
    }
    for (; !to_read_.empty();) {
      const std::string entry = std::move(to_read_.back());
      to_read_.pop_back();
      read_links(entry + "/node_modules");
    }
  }

  std::vector<std::string> entries_on_disk() const {
    std::vector<std::string> out;
    for (const std::string& name : names_of(folder_)) {
      if (name == "projects") continue;
      for (const std::string& key : names_of(joined(folder_, name))) {
        out.push_back(joined(name, key));
      }
    }
    return out;
  }

  bool is_reached(const std::string& entry) const { return reached_.contains(entry); }
  std::size_t projects() const { return projects_; }
  const std::vector<std::string>& stale_records() const { return stale_records_; }
  const std::string& folder() const { return folder_; }

 private:
  void reach(std::string_view entry) {
    if (reached_.emplace(entry).second) to_read_.emplace_back(entry);
  }

  // `path`: below the store's folder, "<name>/<key>/…".
  void reach_path(std::string_view path) {
    const std::size_t name = path.find('/');
    if (name == std::string_view::npos) return;
    reach(path.substr(0, path.find('/', name + 1)));
  }

  bool reach_tree_of(const std::string& project) {
    const std::optional<TreeState> state = read_state(project);
    if (!state) return false;
    bool any = false;
    for (const PlacedLink& link : state->shape.links) {
      if (!path_is_below(link.target, folder_)) continue;
      any = true;
      reach_path(std::string_view(link.target).substr(folder_.size() + 1));
    }
    return any;
  }

  // Links of an entry, those of its scopes, and the one inside a package that needs another version
  // of its own name.
  void read_links(const std::string& modules) {
    for (const std::string& name : names_of(joined(folder_, modules))) {
      const std::string path = joined(modules, name);
      const std::string target = link_target(joined(folder_, path));
      if (!target.empty()) {
        reach_path(shortest_path(joined(modules, target)));
      } else if (name.front() == '@') {
        read_links(path);
      } else {
        read_own_link(path, name);
      }
    }
  }

  void read_own_link(const std::string& package, const std::string& name) {
    const std::string within = package + "/node_modules";
    const std::size_t scope = package.rfind("/node_modules/") + 14;
    const std::string own = scope < package.size() ? package.substr(scope) : name;
    const std::string path = joined(within, own);
    const std::string target = link_target(joined(folder_, path));
    if (!target.empty()) reach_path(shortest_path(joined(parent_path(path), target)));
  }

  const std::string cache_root_;
  const std::string folder_;
  std::unordered_set<std::string> reached_;
  std::vector<std::string> to_read_;
  std::vector<std::string> stale_records_;
  std::size_t projects_ = 0;
};

}  // namespace

std::string global_store_folder(const std::string& cache_root) {
  return shortest_path(cache_root) + "/links/v1";
}

std::string encode_project_record(const ProjectRecord& record) {
  std::string text = record.boot_id + '\n' + percent_encoded(record.project) + '\n';
  for (const ProjectRecord::Entry& entry : record.entries) {
    text += std::to_string(entry.proved) + ' ' + entry.name + '\n';
  }
  return std::string(kMagic) + sum_of(text) + '\n' + text;
}

std::optional<ProjectRecord> decode_project_record(std::string_view bytes) {
  const std::string_view head = next_line(bytes);
  if (!head.starts_with(kMagic) || head.substr(kMagic.size()) != sum_of(bytes)) return std::nullopt;
  ProjectRecord record;
  record.boot_id = next_line(bytes);
  std::optional<std::string> project = percent_decoded(next_line(bytes));
  if (!project) return std::nullopt;
  record.project = std::move(*project);
  while (!bytes.empty()) {
    std::optional<ProjectRecord::Entry> entry = entry_of(next_line(bytes));
    if (!entry) return std::nullopt;
    record.entries.push_back(std::move(*entry));
  }
  return record;
}

std::optional<ProjectRecord> read_project_record(const std::string& cache_root,
                                                 const std::string& project) {
  const Result<std::string> bytes = read_file(record_path(cache_root, project));
  std::optional<ProjectRecord> record =
      bytes ? decode_project_record(*bytes) : std::optional<ProjectRecord>{};
  if (record && record->project != project) record.reset();
  return record;
}

Result<void> write_project_record(const std::string& cache_root, const ProjectRecord& record) {
  const std::string path = record_path(cache_root, record.project);
  if (const std::string folder(parent_path(path)); !directory_exists(folder)) {
    HOD_CHECK(make_directories(folder, kPrivateFolder));
  }
  return write_file_atomic(path, encode_project_record(record), Durable::no, kPrivateFile);
}

Result<GlobalStoreUse> global_store_use(const std::string& cache_root) {
  Survey survey(cache_root);
  survey.read(std::chrono::seconds{0});
  GlobalStoreUse use;
  use.projects = survey.projects();
  for (const std::string& entry : survey.entries_on_disk()) {
    ++use.entries;
    if (survey.is_reached(entry)) ++use.used;
  }
  return use;
}

Result<std::size_t> collect_global_store(const std::string& cache_root,
                                         std::chrono::seconds grace) {
  Survey survey(cache_root);
  survey.read(grace);
  const std::string aside = cache_root + "/store/v1/tmp";
  HOD_CHECK(make_directories(aside, kPrivateFolder));
  for (const std::string& record : survey.stale_records()) HOD_CHECK(remove_tree(record));
  std::size_t removed = 0;
  for (const std::string& entry : survey.entries_on_disk()) {
    const std::string path = joined(survey.folder(), entry);
    if (survey.is_reached(entry) || !is_older(path, grace)) continue;
    // No entry is ever there by half.
    const std::string gone = aside + "/links-" + random_suffix();
    if (io::rename(path.c_str(), gone.c_str()) != 0) {
      return failure(system_error(errno, "move aside", path));
    }
    HOD_CHECK(remove_tree(gone));
    ++removed;
    // Its neighbours, other closures of the package, mostly stay.
    io::unlinkat(AT_FDCWD, std::string(parent_path(path)).c_str(), AT_REMOVEDIR);
  }
  return removed;
}

}  // namespace hod::cache
