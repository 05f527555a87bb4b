// Who uses the global virtual store: a record for each project, and what no record leads to may go.
//
//   <cache>/links/v1/projects/<32 hex>, text: "hodgvsp1 " and the sum of the rest; the boot
//   in which the entries were proved; the project's root, percent-encoded; then a line an entry,
//   sorted by name: seconds since 1970 when it was last proved, a blank, its name.
// The sum is XXH3. A record that is damaged, or of another format, counts as absent: then its
// project proves everything anew.
//
// For the collector (`hod cache gc`, `hod cache info`): both functions below need no open store;
// collect_global_store() must be called while store/v1/gc.lock is held exclusively. Files of
// entries are hard links to those of the store: a package that goes from the store stays on disk
// as long as an entry has it, so collect entries first. A store that no longer has a package which
// an entry has is no harm: when the entry is next to be proved, the package is fetched again.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"

namespace hod::cache {

// "<cache>/links/v1", without "." and "..": links in trees begin with it.
std::string global_store_folder(const std::string& cache_root);

struct ProjectRecord {
  struct Entry {
    std::string name;         // "a@1.0.0/<key>"
    std::int64_t proved = 0;  // seconds since 1970
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  std::string boot_id;         // of the boot in which the entries were proved
  std::string project;         // its root
  std::vector<Entry> entries;  // sorted by name
  friend bool operator==(const ProjectRecord&, const ProjectRecord&) = default;
};

std::string encode_project_record(const ProjectRecord& record);
std::optional<ProjectRecord> decode_project_record(std::string_view bytes);

std::optional<ProjectRecord> read_project_record(const std::string& cache_root,
                                                 const std::string& project);
Result<void> write_project_record(const std::string& cache_root, const ProjectRecord& record);

struct GlobalStoreUse {
  std::size_t entries = 0;   // on disk
  std::size_t used = 0;      // that a project's tree leads to
  std::size_t projects = 0;  // with a tree that uses them
};
Result<GlobalStoreUse> global_store_use(const std::string& cache_root);

// Removes records of projects whose tree is gone or has another layout, and entries that no record
// is left for; neither when it is younger than `grace` (its last install, its making). Also what
// stopped runs left behind. Returns how many entries went.
Result<std::size_t> collect_global_store(const std::string& cache_root, std::chrono::seconds grace);

}  // namespace hod::cache
