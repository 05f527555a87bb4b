// SPDX-License-Identifier: MIT
// hod import: hod.lock made of another package manager's lockfile; the proof that nothing moved is
// the pipeline's.
#include <fmt/core.h>

#include "cli/install_pipeline.h"
#include "core/base/file.h"

namespace hod::cli {

Result<int> import_command(Session& session) {
  if (!session.arguments.words().empty())
    return failure(Error(ErrorCode::usage, "`hod import` takes no words"));
  HOD_TRY(ProjectPlace place, session.project_place());
  const std::string path = place.root + "/hod.lock";
  if (file_exists(path)) {
    return failure(Error(ErrorCode::usage, "there is a hod.lock already")
                       .at(path)
                       .hint("remove it first, if the other lockfile is to count"));
  }
  HOD_TRY(InstallOptions options, install_options(session, place.root));
  options.lockfile_only = true;
  InstallRequest request;
  request.place = std::move(place);
  request.options = options;
  request.imports = true;
  auto outcome = run_install(session, std::move(request));
  if (!outcome) return report(session.reporter, outcome.error());
  Json document = Json::object();
  document.set("from", Json::string(outcome->imported_from));
  document.set("packages", Json::number(static_cast<std::int64_t>(outcome->versions)));
  document.set("lockfileWritten", Json::boolean(outcome->lockfile_written));
  session.reporter.result("", std::move(document));
  session.reporter.line(
      fmt::format("{} from {}: {}, no version and no edge moved",
                  outcome->lockfile_written ? "hod.lock made" : "hod.lock could be made",
                  outcome->imported_from, counted(outcome->versions, "package version")));
  return 0;
}

}  // namespace hod::cli
