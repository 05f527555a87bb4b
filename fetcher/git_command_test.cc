#include "fetcher/git_command.h"

#include <algorithm>
#include <string>

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::fetcher;

TEST_CASE("T-GIT-01 only https and ssh addresses reach git, none that could be an option") {
  for (const char* good : {"https://host.example/a/b.git", "ssh://git@host.example/a/b.git",
                           "https://user:pw@host.example:8443/a.git"}) {
    CAPTURE(good);
    CHECK(check_git_address(good, GitProtocols::remote));
  }
  for (const char* bad :
       {"file:///srv/a.git", "ext::sh -c id", "http://host.example/a.git",
        "git://host.example/a.git", "--upload-pack=id", "ssh://-oProxyCommand=id/a",
        "ssh://-oProxyCommand=id@host.example/a", "https://host.example/a b",
        "https://host.example/a\n", "/srv/a.git", "host.example:a.git", ""}) {
    CAPTURE(bad);
    auto checked = check_git_address(bad, GitProtocols::remote);
    REQUIRE_FALSE(checked);
    CHECK(checked.error().code() == ErrorCode::source_refused);
  }
  CHECK(check_git_address("file:///srv/a.git", GitProtocols::remote_and_file));
}

TEST_CASE("T-GIT-01 refs follow git's grammar and are never options or expressions") {
  for (const char* good : {"main", "feature/x", "v1.0.0", "1234abc", "a-b_c+d@e"}) {
    CAPTURE(good);
    CHECK(check_git_ref(good));
  }
  for (const char* bad : {"",      "-x",    "--upload-pack=id",
                          "a..b",  "a b",   "a~1",
                          "a^",    "a:b",   "a?",
                          "a*",    "[a",    "a\\b",
                          "@{-1}", "a@{1}", "a.lock",
                          "/a",    "a/",    "a//b",
                          "a.",    "a\nb"}) {
    CAPTURE(bad);
    CHECK_FALSE(check_git_ref(bad));
  }
}

TEST_CASE("T-GIT-03 git asks nothing, runs no hooks, and hears of no other repository") {
  Environment user;
  user.set("HOME", "/home/ada");
  user.set("GIT_DIR", "/srv/other/.git");
  user.set("GIT_CONFIG_COUNT", "1");
  user.set("GIT_SSH_COMMAND", "ssh -i key");
  user.set("GIT_TERMINAL_PROMPT", "1");
  GitCommand git{"/usr/bin/git", user, GitProtocols::remote};
  ProcessRequest request = git.request({"ls-remote", "--", "https://host.example/a.git"});
  CHECK(request.environment.get("HOME") == "/home/ada");
  CHECK(request.environment.get("GIT_SSH_COMMAND") == "ssh -i key");
  CHECK_FALSE(request.environment.get("GIT_DIR"));
  CHECK_FALSE(request.environment.get("GIT_CONFIG_COUNT"));
  CHECK(request.environment.get("GIT_TERMINAL_PROMPT") == "0");
  CHECK(request.environment.get("GIT_ALLOW_PROTOCOL") == "https:ssh");
  CHECK(request.own_session);
  auto has = [&](const char* option) {
    return std::find(request.arguments.begin(), request.arguments.end(), option) !=
           request.arguments.end();
  };
  CHECK(has("core.hooksPath=/dev/null"));
  CHECK(has("core.symlinks=false"));
  CHECK(has("protocol.ext.allow=never"));
  CHECK(request.arguments.back() == "https://host.example/a.git");
  CHECK(request.arguments[request.arguments.size() - 2] == "--");
}

TEST_CASE("faults of the network are told from answers") {
  CHECK(is_transient_git_failure("fatal: unable to access: Could not resolve host: x"));
  CHECK(is_transient_git_failure("error: RPC failed; curl 56"));
  CHECK_FALSE(is_transient_git_failure("fatal: repository 'https://x/' not found"));
}
