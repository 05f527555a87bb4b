// SPDX-License-Identifier: MIT
#include "fetcher/git_command.h"

#include <algorithm>
#include <array>
#include <utility>

#include "core/base/printable.h"
#include "core/model/url.h"

namespace hod::fetcher {

namespace {

constexpr std::chrono::minutes kLongest{10};
constexpr std::size_t kLargestListing = 64 << 20;  // bytes of ls-remote: a million refs

// Of git's own variables only those that say how to reach a server.
constexpr std::array<std::string_view, 9> kPassedOn = {
    "GIT_ASKPASS",    "GIT_PROXY_COMMAND", "GIT_SSH",      "GIT_SSH_COMMAND", "GIT_SSH_VARIANT",
    "GIT_SSL_CAINFO", "GIT_SSL_CAPATH",    "GIT_SSL_CERT", "GIT_SSL_KEY"};

bool is_refused_character(char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; }

Error refused(std::string_view what, std::string why) {
  return Error(ErrorCode::source_refused,
               "`" + printable(redacted(what)) + "` is not handed to git: " + std::move(why));
}

}  // namespace

Environment git_environment(const Environment& user, GitProtocols protocols) {
  Environment environment;
  for (const auto& [name, value] : user.variables()) {
    bool gits = name.starts_with("GIT_");
    if (gits && std::find(kPassedOn.begin(), kPassedOn.end(), name) == kPassedOn.end()) continue;
    environment.set(name, value);
  }
  environment.set("GIT_TERMINAL_PROMPT", "0");
  environment.set("GIT_CONFIG_NOSYSTEM", "1");
  environment.set("GIT_ALLOW_PROTOCOL",
                  protocols == GitProtocols::remote ? "https:ssh" : "https:ssh:file");
  environment.set("LC_ALL", "C");  // its complaints are read
  return environment;
}

ProcessRequest GitCommand::request(std::vector<std::string> arguments) const {
  ProcessRequest request;
  request.program = program;
  request.arguments = {"-c", "core.hooksPath=/dev/null",
                       "-c", "core.symlinks=false",
                       "-c", "core.fsmonitor=false",
                       "-c", "protocol.ext.allow=never",
                       "-c", "submodule.recurse=false",
                       "-c", "fetch.recurseSubmodules=no",
                       "-c", "gc.auto=0",
                       "-c", "maintenance.auto=false",
                       "-c", "http.lowSpeedLimit=100",
                       "-c", "http.lowSpeedTime=30"};
  request.arguments.insert(request.arguments.end(), arguments.begin(), arguments.end());
  request.environment = git_environment(environment, protocols);
  request.folder = "/";  // never in a folder whose own .git could be taken
  request.output = request.errors = ProcessOutput::capture;
  request.capture_limit = kLargestListing;
  request.own_session = true;
  request.timeout = kLongest;
  return request;
}

Result<void> check_git_address(std::string_view url, GitProtocols protocols) {
  bool allowed = url.starts_with("https://") || url.starts_with("ssh://") ||
                 (protocols == GitProtocols::remote_and_file && url.starts_with("file://"));
  if (!allowed) return failure(refused(url, "only https and ssh are fetched from"));
  std::string_view host = url.substr(url.find("://") + 3);
  host = host.substr(0, host.find('/'));
  if (std::size_t at = host.rfind('@'); at != std::string_view::npos) {
    if (host.starts_with('-')) return failure(refused(url, "its user looks like an option"));
    host.remove_prefix(at + 1);
  }
  if (host.starts_with('-')) return failure(refused(url, "its host looks like an option"));
  if (std::any_of(url.begin(), url.end(), is_refused_character)) {
    return failure(refused(url, "it holds blanks or control characters"));
  }
  return {};
}

// git's own grammar for names (git-check-ref-format), without what could be an option or a revision
// expression.
Result<void> check_git_ref(std::string_view ref) {
  bool strange = ref.empty() || ref.size() > 1024 || ref.front() == '-' || ref.front() == '/' ||
                 ref.back() == '/' || ref.back() == '.' || ref.ends_with(".lock") ||
                 ref.find("..") != std::string_view::npos ||
                 ref.find("@{") != std::string_view::npos ||
                 ref.find("//") != std::string_view::npos ||
                 ref.find_first_of("~^:?*[\\") != std::string_view::npos ||
                 std::any_of(ref.begin(), ref.end(), is_refused_character);
  if (!strange) return {};
  return failure(refused(ref, "it is no name of a branch, a tag or a commit"));
}

bool is_transient_git_failure(std::string_view errors) {
  constexpr std::array<std::string_view, 12> kWords = {"Connection reset",
                                                       "Connection timed out",
                                                       "Could not resolve host",
                                                       "Operation too slow",
                                                       "early EOF",
                                                       "RPC failed",
                                                       "The remote end hung up",
                                                       "unexpected disconnect",
                                                       "returned error: 429",
                                                       "returned error: 500",
                                                       "returned error: 502",
                                                       "returned error: 503"};
  return std::any_of(kWords.begin(), kWords.end(), [errors](std::string_view word) {
    return errors.find(word) != std::string_view::npos;
  });
}

}  // namespace hod::fetcher
