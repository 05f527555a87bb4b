// SPDX-License-Identifier: MIT
#include "fetcher/token_helpers.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "core/base/printable.h"
#include "fetcher/loop.h"
#include "fetcher/process.h"

namespace hod::fetcher {

namespace {

constexpr std::size_t kLongestToken = std::size_t{64} << 10;

tl::unexpected<Error> failed(const std::string& program, std::string why) {
  return failure(Error(ErrorCode::unauthorized,
                       "the token helper `" + printable(program) + "` " + std::move(why))
                     .hint("run it by hand: it has to print the token, and nothing else"));
}

// The header's value.
Result<std::string> authorization_of(const std::string& program, const ProcessOutcome& outcome) {
  if (outcome.timed_out) return failed(program, "took too long");
  if (outcome.signal != 0) {
    return failed(program, "was ended by signal " + std::to_string(outcome.signal));
  }
  if (outcome.exit_code != 0) {
    return failed(program, "ended with exit code " + std::to_string(outcome.exit_code));
  }
  std::string token = outcome.output;
  token.erase(std::find_if(token.rbegin(), token.rend(),
                           [](char c) { return c != '\n' && c != '\r' && c != ' '; })
                  .base(),
              token.end());
  const bool plain =
      std::all_of(token.begin(), token.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  if (token.empty() || outcome.truncated || !plain) return failed(program, "printed no token");
  const bool has_scheme = token.find(' ') != std::string::npos;
  return has_scheme ? token : "Bearer " + token;
}

ProcessRequest request_of(const std::string& program, const Environment& environment,
                          std::chrono::milliseconds limit) {
  ProcessRequest request;
  request.program = program;
  request.environment = environment;
  request.folder = "/";
  request.output = ProcessOutput::capture;
  request.errors = ProcessOutput::discard;
  request.capture_limit = kLongestToken;
  request.timeout = limit;
  request.own_session = true;
  return request;
}

}  // namespace

Result<void> run_token_helpers(std::vector<Credential>& credentials, const Environment& environment,
                               std::chrono::milliseconds limit) {
  std::map<std::string, std::optional<Result<ProcessOutcome>>> outcomes;
  for (const Credential& credential : credentials) {
    if (!credential.token_helper.empty()) outcomes.try_emplace(credential.token_helper);
  }
  if (outcomes.empty()) return {};
  Loop loop;
  std::vector<std::unique_ptr<Process>> running;
  std::size_t pending = outcomes.size();
  for (auto& [program, outcome] : outcomes) {
    running.push_back(
        std::make_unique<Process>(loop, request_of(program, environment, limit),
                                  [&outcome = outcome, &pending](Result<ProcessOutcome> ended) {
                                    outcome.emplace(std::move(ended));
                                    --pending;
                                  }));
  }
  loop.run_until([&] { return pending == 0; });
  std::map<std::string, std::string> tokens;
  for (auto& [program, outcome] : outcomes) {
    HOD_ASSERT(outcome.has_value());
    if (!*outcome) return failure(std::move(outcome->error()));
    HOD_TRY(tokens[program], authorization_of(program, **outcome));
  }
  for (Credential& credential : credentials) {
    if (!credential.token_helper.empty()) {
      credential.authorization = tokens[credential.token_helper];
    }
  }
  return {};
}

}  // namespace hod::fetcher
