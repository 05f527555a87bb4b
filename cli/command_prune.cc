// SPDX-License-Identifier: MIT
// hod prune: node_modules loses what hod.lock does not name, and with --prod what only
// devDependencies bring. An install that may not change the lockfile and runs no scripts; what is
// missing is put back, from the cache if it can be.
#include "cli/install_options.h"
#include "cli/install_pipeline.h"
#include "cli/install_summary.h"
#include "cli/session.h"

namespace hod::cli {

Result<int> prune_command(Session& session) {
  if (!session.arguments.words().empty()) {
    return failure(Error(ErrorCode::usage, "`hod prune` takes no packages")
                       .hint("`hod remove <package>` removes one"));
  }
  InstallRequest request;
  HOD_TRY(request.place, session.project_place());
  HOD_TRY(request.options, install_options(session, request.place.root));
  request.options.frozen = true;
  request.run_scripts = false;
  return install_and_tell(session, std::move(request));
}

}  // namespace hod::cli
