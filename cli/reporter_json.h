// SPDX-License-Identifier: MIT
// --json: everything a command says, as one document on stdout when it ends.
//
//   {"version":1,"command":"install","ok":true,"exit":0,"result":{…},
//    "notices":[…],"warnings":[…],"errors":[…]}
//
// An error: {"code","message","where","details","trail","hints"}. `version` counts up when a field
// changes its meaning.
#pragma once

#include <memory>

#include "cli/reporter.h"

namespace hod::cli {

std::unique_ptr<Reporter> make_json_reporter(ReporterOptions options, ReporterStreams streams);

}  // namespace hod::cli
