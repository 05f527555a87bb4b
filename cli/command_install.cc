// SPDX-License-Identifier: MIT
// hod install and hod ci. Most runs end in the first lines: the tree is what it should be. Not so
// those that are to prove it (hod ci, --frozen-lockfile), and the first one after a reboot.
#include "cache/linker.h"
#include "cli/install_options.h"
#include "cli/install_pipeline.h"
#include "cli/install_summary.h"
#include "cli/session.h"
#include "cli/up_to_date.h"

namespace hod::cli {

Result<int> install_command(Session& session) {
  if (!session.arguments.words().empty()) {
    return failure(
        Error(ErrorCode::usage, "`hod ci` takes no packages").hint("`hod add <package>` adds one"));
  }
  HOD_TRY(ProjectPlace place, session.project_place());
  HOD_TRY(InstallOptions options, install_options(session, place.root));
  const bool may_stop_early =
      !options.clean && !options.dry_run && !options.lockfile_only && !options.flat;
  TreeCheck check = may_stop_early ? check_tree(place.root, short_digest(options.tree_settings()))
                                   : TreeCheck::changed;
  if (check == TreeCheck::current && !options.frozen) {
    summarize_up_to_date(session.reporter, session.timing.total());
    cache::sweep_leftovers(place.root);
    return 0;
  }
  InstallRequest request;
  request.place = std::move(place);
  request.options = options;
  request.repair = options.frozen || check == TreeCheck::damaged || check == TreeCheck::unproved;
  // Where the tree is complete, so were the project's own scripts.
  request.run_scripts =
      options.clean || (check != TreeCheck::current && check != TreeCheck::unproved);
  return install_and_tell(session, std::move(request));
}

}  // namespace hod::cli
