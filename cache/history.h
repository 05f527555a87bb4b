// The last complete states of a project: its lockfile and manifests each time the lockfile changed.
// `hod history` lists them, `hod rollback` puts one back.
//
// They stand in the cache, not in node_modules: they outlive its removal, and two installs of one
// lockfile stay equal byte for byte. What a project keeps is bounded (kMost states); projects that
// are gone are forgotten when others come. docs/store-format.md has the files.
//
// A convenience, never a promise: a history that cannot be read is an empty one, and one that
// cannot be written must not fail the install. What is read is checked by its sum.
//
// Threads: one; who writes holds the project's lock.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace hod::cache {

// A package that the state has and the one before it had not, or the other way round.
struct HistoryChange {
  std::string name;
  std::string before, after;  // versions; "" = not there
  friend bool operator==(const HistoryChange&, const HistoryChange&) = default;
};

struct HistoryEntry {
  unsigned id = 0;        // from 1, never used twice
  unsigned before = 0;    // the state that this one came after; 0 = none that is known
  std::int64_t time = 0;  // seconds since the epoch
  std::string command;    // "add express"
  std::uint64_t lock_digest = 0;
  std::uint64_t sum = 0;               // of the file with its content
  std::uint64_t change_count = 0;      // of all changes
  std::vector<HistoryChange> changes;  // the first ones
  friend bool operator==(const HistoryEntry&, const HistoryEntry&) = default;
};

struct HistoryContent {
  struct File {
    std::string path;  // relative to the project's root
    std::string text;
    friend bool operator==(const File&, const File&) = default;
  };
  std::string lockfile;
  std::vector<File> manifests;
  friend bool operator==(const HistoryContent&, const HistoryContent&) = default;
};

class History {
 public:
  static constexpr std::size_t kMost = 10;
  static constexpr std::size_t kMostChanges = 50;

  // Of the project at `project_root` (absolute). Reads one small file.
  static History open(const std::string& cache_root, const std::string& project_root);

  const std::vector<HistoryEntry>& entries() const { return entries_; }  // oldest first
  const HistoryEntry* find(unsigned id) const;                           // null: not kept
  const HistoryEntry* current() const { return find(current_); }         // null: nothing kept yet

  // Error: cache_refused when it is not what was written.
  Result<HistoryContent> content(const HistoryEntry& entry) const;

  // Makes a state the current one; id, before and the digests of `entry` are set here. The oldest
  // go.
  Result<void> add(HistoryEntry entry, const HistoryContent& content);
  Result<void> set_current(unsigned id);

  // What lock_digest is made of.
  static std::uint64_t digest_of_lock(std::string_view text);

 private:
  Result<void> write_index() const;
  std::string file_of(unsigned id) const;

  std::string shelf_;   // <cache>/history/v1
  std::string folder_;  // of this project
  std::string project_root_;
  std::vector<HistoryEntry> entries_;
  unsigned current_ = 0;
  unsigned last_id_ = 0;
};

}  // namespace hod::cache
