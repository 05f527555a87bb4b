// Addresses at well-known git hosts (GitHub, GitLab, Bitbucket, Gist, sourcehut), as the npm package `hosted-git-info`
// knows them: short forms, and the derived ssh, https, tarball and browse addresses.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace hod {

struct HostedGit {
  enum class Host : unsigned char { github, gitlab, bitbucket, gist, sourcehut };
  Host host = Host::github;
  std::string user;     // may be empty for a gist
  std::string project;
  std::optional<std::string> committish;
  std::string auth;     // "user:password" of the address, redacted in messages (T-NET-07)
  std::string default_representation;  // "shortcut", "https", "ssh", "sshurl", "git" …: how it was written

  // Nothing when it is not an address of a known host.
  static std::optional<HostedGit> parse(std::string_view text);

  std::string type() const;  // "github"
  std::string domain() const;
  std::string ssh() const;
  std::string ssh_url() const;
  std::string https() const;
  std::optional<std::string> git() const;
  std::optional<std::string> tarball() const;
  std::string shortcut() const;
  std::string browse() const;
};

}  // namespace hod
