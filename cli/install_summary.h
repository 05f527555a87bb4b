// SPDX-License-Identifier: MIT
// What an install tells at its end, for people and as a document.
#pragma once

#include "cli/install_pipeline.h"
#include "cli/reporter.h"

namespace hod::cli {

void summarize_install(Reporter& reporter, const InstallOptions& options,
                       const InstallOutcome& outcome, std::chrono::nanoseconds took);
// The install, and what it tells or why it failed: the exit code of a command that is no more.
Result<int> install_and_tell(Session& session, InstallRequest request);
// There was nothing to do.
void summarize_up_to_date(Reporter& reporter, std::chrono::nanoseconds took);

}  // namespace hod::cli
