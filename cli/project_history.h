// SPDX-License-Identifier: MIT
// What an install notes in the project's history (cache/history.h), and what `hod rollback` takes
// from there.
//
// A state is hod.lock and the dependency fields of the manifests. Whatever else people wrote into a
// package.json since then (a version, a script, a comment of theirs) stays when a state is put
// back.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cache/history.h"
#include "cli/install_pipeline.h"
#include "cli/project.h"
#include "core/model/resolution_graph.h"

namespace hod::cli {

struct PastState {
  unsigned id = 0;
  std::string lock_text;
  ResolutionGraph graph;
  std::vector<std::size_t> edited;  // members whose manifest is another one now
};

class ProjectHistory {
 public:
  // `kept`: false notes nothing (CI: nobody is there to go back).
  ProjectHistory(const std::string& cache_root, const std::string& project_root, bool kept)
      : history_(cache::History::open(cache_root, project_root)), kept_(kept) {}

  // Before hod.lock or a manifest is written: what stands there now becomes a state of its own if
  // it is unknown (from before there was a history, a `git pull`), so that it can be put back.
  void note_found(const Project& project, std::string_view lock_text);
  // The tree is complete. `changes`: against the state noted last. Whether there is now a state
  // before this one.
  bool note_made(const Project& project, std::string_view lock_text, std::string_view command,
                 const std::vector<GraphChange>& changes);
  void note_put_back(unsigned id);

  // The state to put back: `id`, or for 0 the one before the current one. The manifests in
  // `project` become what they were then; nothing is written. Stopped half-way and asked again, the
  // answer is the same. Errors: usage (no such state), cache_refused, and what reading lockfile and
  // manifests may say.
  Result<PastState> take(unsigned id, const std::optional<std::string>& lock_now, Project& project);

 private:
  void add(std::string command, const std::vector<GraphChange>& changes,
           const cache::HistoryContent& content);

  cache::History history_;
  bool kept_;
};

// `text` with the dependency fields of `then`; every other byte stays.
Result<std::string> manifest_with_fields_of(std::string_view text, std::string_view then,
                                            std::string_view origin);

}  // namespace hod::cli
