// How git is called, and what may come near it. Pure: makes a ProcessRequest, runs nothing.
//
// What must stay true (T-GIT-01, T-GIT-03):
//  (1) No shell; `--` stands before every address; refs and addresses that could be options were
//      refused by their parser and are refused here again.
//  (2) Only the protocols https and ssh (and file, where the caller says so).
//  (3) No hooks, no submodules, no symlinks, no questions on a terminal, no configuration of the
//      system or of what is fetched; the user's own configuration counts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/environment.h"
#include "core/base/result.h"
#include "fetcher/process.h"

namespace hod::fetcher {

enum class GitProtocols : std::uint8_t { remote, remote_and_file };

struct GitCommand {
  std::string program;  // absolute path of git
  const Environment& environment;
  GitProtocols protocols = GitProtocols::remote;

  // `arguments` behind the safety options: {"ls-remote", "--", url}.
  ProcessRequest request(std::vector<std::string> arguments) const;
};

// What of the user's environment git gets: everything but variables that point git at another
// repository or another configuration, and what asks questions.
Environment git_environment(const Environment& user, GitProtocols protocols);

// Error: source_refused.
Result<void> check_git_address(std::string_view url, GitProtocols protocols);
Result<void> check_git_ref(std::string_view ref);

// Does git's complaint sound like a fault of the network that may pass?
bool is_transient_git_failure(std::string_view errors);

}  // namespace hod::fetcher
