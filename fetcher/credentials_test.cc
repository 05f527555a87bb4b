#include "fetcher/credentials.h"

#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace hod;
using namespace hod::fetcher;

namespace {
Credential credential(const char* url, std::string secret) {
  Url parsed = must(Url::parse(url));
  return {parsed.origin, parsed.path, std::move(secret), "", ""};
}

std::string found(const std::vector<Credential>& all, const char* url) {
  const Credential* best = find_credential(all, must(Url::parse(url)));
  return best == nullptr ? "" : best->authorization;
}
}  // namespace

TEST_CASE("T-NET-02 a credential goes to its scheme, host, port and path only") {
  std::vector<Credential> all = {credential("https://registry.example/", "host"),
                                 credential("https://registry.example/npm/", "npm"),
                                 credential("https://registry.example:8443/", "port"),
                                 credential("http://127.0.0.1:4873/", "local")};
  struct Row {
    const char* url;
    const char* secret;
  };
  for (const Row& row : {
           Row{"https://registry.example/a", "host"},
           Row{"https://registry.example:443/a", "host"},
           Row{"https://registry.example/npm/a/-/a-1.0.0.tgz", "npm"},
           Row{"https://registry.example/npm", "npm"},
           Row{"https://registry.example/npmx/a", "host"},
           Row{"https://registry.example:8443/npm/a", "port"},
           Row{"http://registry.example/a", ""},
           Row{"https://other.example/a", ""},
           Row{"https://registry.example.evil.example/a", ""},
           Row{"http://127.0.0.1:4873/a", "local"},
           Row{"http://127.0.0.1:4874/a", ""},
       }) {
    CAPTURE(row.url);
    CHECK(found(all, row.url) == row.secret);
  }
}

TEST_CASE("an address's own user and password become a Basic login") {
  CHECK(authorization_of_userinfo(must(Url::parse("https://registry.example/"))).empty());
  CHECK(authorization_of_userinfo(must(Url::parse("https://u:p%40ss@registry.example/"))) ==
        "Basic dTpwQHNz");
  CHECK(authorization_of_userinfo(must(Url::parse("https://token@registry.example/"))) ==
        "Basic dG9rZW46");
}
