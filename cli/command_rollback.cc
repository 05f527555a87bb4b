// SPDX-License-Identifier: MIT
// hod rollback: hod.lock, the manifests' dependencies and node_modules as they were. An install
// whose graph is not chosen but taken from the history (project_history.h); everything else of an
// install holds: the lockfile first, then manifests, then the tree, and a rerun completes it.
#include <charconv>

#include <fmt/core.h>

#include "cli/install_options.h"
#include "cli/install_pipeline.h"
#include "cli/install_summary.h"
#include "cli/session.h"

namespace hod::cli {

namespace {

Result<unsigned> state_asked_for(const std::vector<std::string>& words) {
  if (words.empty()) return 0U;
  const std::string& word = words.front();
  unsigned id = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), id);
  const bool number = error == std::errc{} && end == word.data() + word.size() && id != 0;
  if (number && words.size() == 1) return id;
  return failure(Error(ErrorCode::usage, "`hod rollback` takes the number of one state")
                     .hint("`hod history` lists them"));
}

}  // namespace

Result<int> rollback_command(Session& session) {
  InstallRequest request;
  HOD_TRY(request.put_back, state_asked_for(session.arguments.words()));
  HOD_TRY(request.place, session.project_place());
  HOD_TRY(request.options, install_options(session, request.place.root));
  request.options.frozen = false;  // where CI is set, too: hod.lock is to become another one
  return install_and_tell(session, std::move(request));
}

}  // namespace hod::cli
