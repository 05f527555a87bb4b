// SPDX-License-Identifier: MIT
// Programs of the user's that give the credential for a registry (`//host/:tokenHelper=/path`, as
// in pnpm). Which program that may be is decided where settings are read; here it is run: without a
// shell, without arguments, without a terminal, for a minute at most (T-CFG-04).
//
// What it prints is the value of the Authorization header ("Bearer …", "Basic …") or a token alone.
// It is a secret: it is not printed, nor is what the program says beside it.
#pragma once

#include <chrono>
#include <vector>

#include "core/base/environment.h"
#include "core/base/result.h"
#include "fetcher/credentials.h"

namespace hod::fetcher {

inline constexpr std::chrono::seconds kTokenHelperLimit{60};

// Runs each helper once, all at the same time, and fills in what they gave. Blocks; on any thread
// that has no loop turning. Errors: unauthorized (a helper failed, took too long or printed what no
// header can be), command_missing.
Result<void> run_token_helpers(std::vector<Credential>& credentials, const Environment& environment,
                               std::chrono::milliseconds limit = kTokenHelperLimit);

}  // namespace hod::fetcher
