// SPDX-License-Identifier: MIT
// What an install tells at its end, for people and as a document.
#pragma once

#include "cli/install_pipeline.h"
#include "cli/reporter.h"

namespace hod::cli {

void summarize_install(Reporter& reporter, const InstallOptions& options,
                       const InstallOutcome& outcome, std::chrono::nanoseconds took);
// There was nothing to do.
void summarize_up_to_date(Reporter& reporter, std::chrono::nanoseconds took);

}  // namespace hod::cli
