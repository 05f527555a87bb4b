// Addresses at well-known git hosts (GitHub, GitLab, Bitbucket, Gist, sourcehut), as the npm
// package `hosted-git-info` knows them: short forms, and the derived ssh, https, tarball and browse
// addresses. Threads: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/json.h"
#include "core/base/result.h"

namespace hod {

struct HostedGit {
  enum class Host : std::uint8_t { github, gitlab, bitbucket, gist, sourcehut };
  Host host = Host::github;
  std::optional<std::string>
      user;  // none: a gist, or a short form without one (npm prints it as "null")
  std::string project;
  std::optional<std::string> committish;  // behind the `#`, decoded; "" when nothing follows
  std::string auth;  // "user:password" of the address, redacted in messages (T-NET-07)
  std::string
      default_representation;  // how it was written: "shortcut", "https", "sshurl", "git", "http"

  // Nothing when it is not an address of a known host.
  static std::optional<HostedGit> parse(std::string_view text);

  // How an address is printed: with "git+" in front of the scheme (where the host's form has it),
  // with "#committish".
  struct Form {
    bool git_plus = true;
    bool committish = true;
  };

  std::string_view type() const;    // "github"
  std::string_view domain() const;  // "github.com"
  std::string ssh(Form form) const;
  std::string ssh() const { return ssh(Form()); }
  std::string ssh_url(Form form) const;
  std::string ssh_url() const { return ssh_url(Form()); }
  std::string https(Form form) const;
  std::string https() const { return https(Form()); }
  std::optional<std::string> git(Form form) const;  // only GitHub and Gist
  std::optional<std::string> git() const { return git(Form()); }
  std::string shortcut(Form form) const;
  std::string shortcut() const { return shortcut(Form()); }
  std::string text(Form form) const;  // the form in which it was written
  std::string text() const { return text(Form()); }

  std::string tarball() const;  // of the committish, or of HEAD
  std::string browse() const;
  std::string hash() const;                       // "#committish" or ""
  std::string path() const;                       // "user/project#committish"
  std::string file(std::string_view path) const;  // the raw file of that name in the repository
};

// The `repository` of a manifest: an address at a known host, or any other made presentable;
// nothing when it is no address. Error: manifest_invalid when there is none.
struct Repository {
  std::optional<HostedGit> hosted;
  std::string url;  // only when not hosted
};
Result<std::optional<Repository>> repository_of(const Json& manifest);

}  // namespace hod
